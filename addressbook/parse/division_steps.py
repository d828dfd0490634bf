"""How a division name found in a text fits the divisions named before it."""

from __future__ import annotations

from addressbook.parse.division_names import Spelling
from addressbook.parse.reading import Prefixes

REPEATED, WITHIN, AROUND, OUTSIDE = "repeated", "within", "around", "outside"


def fit(meanings: tuple[Spelling, ...], codes: Prefixes) -> tuple[str, list[Spelling]]:
    """How the best meanings relate to `codes`, and which they are.

    within: inside one of them (all are, when nothing was named); repeated: one of them again; around: a division that
    contains them, named late; outside: somewhere else.
    """
    if not codes:
        return WITHIN, list(meanings)
    inside = [m for m in meanings if m.prefix.startswith(codes)]
    if inside:
        again = [m for m in inside if m.prefix in codes]
        return (REPEATED, again) if again else (WITHIN, inside)
    around = [m for m in meanings if any(code.startswith(m.prefix) for code in codes)]
    return (AROUND, around) if around else (OUTSIDE, list(meanings))


def preferred(found: list[Spelling], hint: Prefixes) -> list[Spelling]:
    """Those in (or around) the divisions given as context, when there are any; the shallowest level, full names first."""
    near = [m for m in found if m.prefix.startswith(hint) or any(h.startswith(m.prefix) for h in hint)] or found
    quality = "full" if any(m.quality == "full" for m in near) else near[0].quality
    return [m for m in near if m.quality == quality]
