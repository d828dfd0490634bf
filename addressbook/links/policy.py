"""From a resolution to a link or to the review desk: category C is never linked by itself (DESIGN section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from addressbook.model import Category, Resolution


class Unresolved(StrEnum):
    """What a source does with a row whose address is only partly known."""

    REVIEW = "review"
    ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a resolution leads: an address, a division (negative site, no AID), or nowhere but review."""

    linked: bool
    site_id: int = 0
    aid: str | None = None
    division_code: str = ""
    flags: tuple[str, ...] = ()
    reason_code: str = ""


def division_site(code: str) -> int:
    """The site of links that reach only a division: minus its code, which no address can have.

    >>> division_site("330109001000")
    -330109001000
    """
    return -int(code)


def decide(resolution: Resolution, unresolved: Unresolved) -> Decision:
    """A and B link; C waits, or with ANCHOR hangs flagged on the deepest certain address or division; D waits."""
    division = resolution.division_code or ""
    sure = resolution.category in (Category.A, Category.B)
    if sure and resolution.aid and resolution.site_id is not None:
        return Decision(True, resolution.site_id, resolution.aid, division, _flags(resolution))
    if sure and division:
        return Decision(True, division_site(division), None, division, ("division_only",))
    if unresolved is Unresolved.ANCHOR and division and _division_is_certain(resolution):
        if resolution.anchor and resolution.anchor_site_id is not None:
            return Decision(True, resolution.anchor_site_id, resolution.anchor, division, ("anchored",))
        return Decision(True, division_site(division), None, division, ("anchored", "division_only"))
    return Decision(False, division_code=division, reason_code=_reason(resolution))


def _division_is_certain(resolution: Resolution) -> bool:
    """C always has a certain anchor; a text without any is at least in the division it names itself."""
    names = set(resolution.parsed.names)
    return resolution.category is Category.C or not names.isdisjoint(("county", "town", "community"))


def _flags(resolution: Resolution) -> tuple[str, ...]:
    return ("safe_match",) if resolution.category is Category.B else ()


def _reason(resolution: Resolution) -> str:
    if resolution.category is Category.D:
        return "not_found"
    return next((reason.code for reason in resolution.reasons if reason.cost), "unsure")
