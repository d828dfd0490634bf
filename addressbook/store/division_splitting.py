"""Which address of a division that was split goes where: by its point, a street by its plates, else with the first.

A link that reaches only such a division stays with the main successor: it has nothing to tell it by.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from addressbook.divisions import significant
from addressbook.divisions.comparing import Comparison
from addressbook.divisions.plan import Settled, touched_codes
from addressbook.store.engine import driver_of
from addressbook.store.statements import statement

STREET = "R"
_MEMBERS = """
    SELECT a.aid, a.site_id, a.kind, a.division_code, a.path = '' FROM address a
    WHERE a.division_code = ANY(%s::text[]) AND a.state IN ('provisional', 'current') ORDER BY a.path <> ''
"""
_PLATES = """
    SELECT road_aid, division_code, count(*) FROM address
    WHERE road_aid = ANY(%s::text[]) AND state IN ('provisional', 'current') GROUP BY 1, 2
"""


class SplitAddresses(NamedTuple):
    """The new code of every address of the divisions that were split; by what they were told; how many go elsewhere."""

    codes: dict[str, str]
    numbers: Settled
    moving: int


class _Member(NamedTuple):
    aid: str
    site_id: int
    kind: str
    code: str
    is_top: bool


def settle_splits(
    connection: Connection, comparison: Comparison, outlines: Mapping[str, str]
) -> SplitAddresses | None:  # fmt: skip
    """Where each address goes that lies just in a division with several successors; None where there is none.

    `outlines`: new code → WKT. What lies in one site and in the same division goes one way.
    """
    split = {code: heirs for code, heirs in touched_codes(comparison).items() if len(heirs) > 1}
    driver = driver_of(connection)
    members = [_Member(*row) for row in driver.execute(_MEMBERS, [list(split)])] if split else []
    if not members:
        return None
    located = _located(connection, split, outlines)
    streets = _by_plates(connection, [m for m in members if m.kind == STREET], split, comparison)
    sites = _by_site(members, located)
    codes: dict[str, str] = {}
    told: Counter[str] = Counter()
    for member in members:
        by, code = _told(member, split[member.code], streets, sites)
        codes[member.aid] = code
        told[by] += 1
    moving = sum(codes[member.aid] != member.code for member in members)
    return SplitAddresses(codes, Settled(told["outline"], told["plates"], told["default"]), moving)


_Sites = Mapping[tuple[int, str], str]


def _by_site(members: Sequence[_Member], located: Mapping[str, str]) -> _Sites:
    """Where the part of a site that lies just in a division goes: with its top, or with most of what has a point."""
    votes: defaultdict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for member in members:
        if member.aid in located:
            votes[member.site_id, member.code][located[member.aid]] += len(members) if member.is_top else 1
    return {place: min(found, key=lambda code: (-found[code], code)) for place, found in votes.items()}


def _told(
    member: _Member, heirs: Sequence[str], streets: Mapping[str, str], sites: _Sites
) -> tuple[str, str]:  # fmt: skip
    """By what an address is told, and its new code."""
    if member.aid in streets:
        return "plates", streets[member.aid]
    place = (member.site_id, member.code)
    return ("outline", sites[place]) if place in sites else ("default", heirs[0])


def _located(
    connection: Connection, split: Mapping[str, Sequence[str]], outlines: Mapping[str, str]
) -> dict[str, str]:  # fmt: skip
    """The successor in whose outline the point of an address lies; the main one where it lies in none that is given."""
    pairs = [(old, new) for old, heirs in split.items() for new in heirs if new in outlines]
    if not pairs:
        return {}
    values: dict[str, Any] = {
        "olds": [old for old, _ in pairs], "news": [new for _, new in pairs],
        "outlines": [outlines[new] for _, new in pairs],
    }  # fmt: skip
    found: dict[str, str] = {}
    for aid, old, new in driver_of(connection).execute(statement("division_points"), values):
        found[aid] = new or split[old][0]
    return found


def _by_plates(
    connection: Connection, streets: Sequence[_Member], split: Mapping[str, Sequence[str]], comparison: Comparison
) -> dict[str, str]:
    """The successor in which most plates of a street lie."""
    if not streets:
        return {}
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for aid, code, number in driver_of(connection).execute(_PLATES, [[street.aid for street in streets]]):
        votes[aid][comparison.successors(code)[0] if comparison.successors(code) else code] += number
    found: dict[str, str] = {}
    for street in streets:
        heirs: Counter[str] = Counter()
        for code, number in votes[street.aid].items():
            heirs.update({heir: number for heir in split[street.code] if code.startswith(significant(heir))})
        if heirs:
            found[street.aid] = min(heirs, key=lambda heir: (-heirs[heir], split[street.code].index(heir)))
    return found
