"""How a division name found in a text fits the divisions named before it."""

from __future__ import annotations

from addressbook.parse.division_names import LONGEST_VILLAGE, DivisionNames, Meaning
from addressbook.parse.reading import RANK, Prefixes, State

REPEATED, WITHIN, AROUND, OUTSIDE = "repeated", "within", "around", "outside"
CITY_DIGITS, COUNTY_DIGITS = 4, 6
VILLAGE_RANK = RANK["community"]
VILLAGE_PRICE = {"full": "village_known", "former": "village_other_suffix", "short": "village_short"}
FAR_TOWNS = ("town", "devzone")


def fit(prefixes: Prefixes, codes: Prefixes) -> tuple[str, Prefixes]:
    """How the divisions a name may mean relate to those named before (`codes`), and which of them do.

    within: inside one of them (all are, when nothing was named); repeated: one of them again; around: a division that
    contains them, named late; outside: somewhere else.

    >>> fit(("330109001", "440113001"), ("3301",)), fit(("3301",), ("330109",)), fit(("11",), ("330109",))
    (('within', ('330109001',)), ('around', ('3301',)), ('outside', ('11',)))
    """
    if not codes:
        return WITHIN, prefixes
    inside = tuple([p for p in prefixes if p.startswith(codes)])
    if inside:
        again = tuple([p for p in inside if p in codes])
        return (REPEATED, again) if again else (WITHIN, inside)
    around = tuple([p for p in prefixes if any(code.startswith(p) for code in codes)])
    return (AROUND, around) if around else (OUTSIDE, prefixes)


def preferred(prefixes: Prefixes, hint: Prefixes) -> Prefixes:
    """Those in (or around) the divisions given as context, when there are any; all of them otherwise."""
    if len(prefixes) == 1 or not hint:
        return prefixes
    near = tuple([p for p in prefixes if p.startswith(hint) or any(h.startswith(p) for h in hint)])
    return near or prefixes


def worth_reading(meaning: Meaning, codes: Prefixes, hint: Prefixes) -> bool:
    """False for names that have nothing to do with what was named, and for short town names that many towns have."""
    if meaning.quality == "suffix":
        return bool(codes) and len(codes[0]) >= CITY_DIGITS and fit(meaning.prefixes, codes)[0] in (WITHIN, REPEATED)
    if not codes:
        if meaning.quality != "short":
            return True
        near = preferred(meaning.prefixes, hint)
        in_hint = bool(hint) and (near[0].startswith(hint) or any(h.startswith(near[0]) for h in hint))
        return in_hint or meaning.label not in FAR_TOWNS or (len(near) == 1 and not hint)
    how, _ = fit(meaning.prefixes, codes)
    return how != OUTSIDE or (meaning.quality == "full" and meaning.label != "devzone" and _near_enough(meaning, codes))


def _near_enough(meaning: Meaning, codes: Prefixes) -> bool:
    return meaning.label != "town" or bool(moved_town(meaning, codes))


def moved_town(meaning: Meaning, codes: Prefixes) -> Prefixes:
    """The one town of that name in the same city, when the county named has none: counties are cut anew, towns stay.

    萧山区义蓬街道 lies in 钱塘区 since 2021. None when the text named no county, or when several towns would do.
    """
    if meaning.label != "town" or meaning.quality != "full" or len(codes) != 1 or len(codes[0]) != COUNTY_DIGITS:
        return ()
    near = tuple([p for p in meaning.prefixes if p[:CITY_DIGITS] == codes[0][:CITY_DIGITS]])
    return near if len(near) == 1 else ()


def village_states(
    divisions: DivisionNames, cost: dict[str, float], text: str, state: State, hint: Prefixes
) -> list[State]:
    """The villages of the county named so far (or given as context) that begin where `state` ends.

    They are known once the county is, so they are looked up while the lattice is walked.
    """
    if state.rank >= VILLAGE_RANK:
        return []
    counties = {code[:COUNTY_DIGITS] for code in state.codes or hint if len(code) >= COUNTY_DIGITS}
    if len(counties) != 1:
        return []
    table = divisions.villages(counties.pop())
    start = state.end
    found = []
    for end in range(min(start + LONGEST_VILLAGE, len(text)), start + 1, -1):
        meanings = table.get(text[start:end])
        if meanings is not None:
            best = meanings[0]
            within = tuple([p for p in best.prefixes if p.startswith(state.codes)]) if state.codes else best.prefixes
            price = cost[VILLAGE_PRICE[best.quality]] + (0.0 if within else cost["village_elsewhere"])
            found.append(State(state.cost + price, "community", VILLAGE_RANK, within or state.codes, start, end, state))
    return found
