"""What of a text is asked of the registry first, and what only where that does not settle the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from addressbook.match.cases import Base, Case
from addressbook.match.characters import TELLING
from addressbook.match.names import says_another_town
from addressbook.match.nearness import margins
from addressbook.model import PathLookup

FEW: Final = 16
"""Of so few texts all is asked at once: going to the database a second time takes longer than some answers more."""


def look_up_whole(cases: Sequence[Case], lookup: PathLookup) -> None:
    """The whole path of every base, and the plates named beside a place: most texts need no more.

    A large registry has many names that are nearly the one written. Where the nearest of them settles the text, the
    others are never asked; the answer is the one that they would not have changed.
    """
    first: list[Base] = []
    waiting: list[Case] = []
    for case in cases:
        if len(cases) > FEW and _may_wait(case):
            waiting.append(case)
            first += case.bases[:1]
            first += case.plates[:1]
        else:
            first += case.bases
            first += case.plates
    _ask(first, lookup)
    ask_rest([case for case in waiting if not _is_settled(case)], lookup)


def ask_rest(cases: Sequence[Case], lookup: PathLookup) -> None:
    """What was not asked of them yet."""
    rest: list[Base] = []
    for case in cases:
        rest += [base for base in case.bases if not base.asked]
        rest += [base for base in case.plates if not base.asked]
    _ask(rest, lookup)


def _ask(bases: Sequence[Base], lookup: PathLookup) -> None:
    if not bases:
        return
    for base, hits in zip(bases, lookup.find([base.query(base.path) for base in bases]), strict=True):
        base.found, base.asked = hits, True


def _may_wait(case: Case) -> bool:
    """Whether the first base, with the first plate, may settle the text."""
    bases, plates = case.bases, case.plates
    if plates:
        return len(bases) + len(plates) > 2 and (len(bases) == 1 or len(plates) == 1)
    return len(bases) > 1 and bases[0].safe and bases[1].cost - bases[0].cost >= margins()["runner_up"]


def _is_settled(case: Case) -> bool:
    """Whether the answer is the same whatever the others are: a name that may be taken by itself leads to one address;

    or the first place, and it alone of all that are asked for, has the plate on its site.
    """
    base = case.bases[0]
    if not base.found:
        return False
    if not case.plates:
        return len(base.found) == 1 and not says_another_town(base.found[0], case.parsed.division_code)
    plate = case.plates[0]
    sites = {hit.site_id for hit in plate.found}
    if base.named.site_id not in sites:
        return False
    if any(not other.plate_no and other.named.site_id in sites for other in case.bases[1:]):
        return False
    return len(case.plates) == 1 or (
        len(base.found) == 1 and not any(TELLING in name.faults for name in (*base.names, *plate.names))
    )
