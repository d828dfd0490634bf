"""Texts that lead nowhere because what they mean was retired: the answer is unsure, and says since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from addressbook.match.answers import MOST_CANDIDATES, Option, unsure
from addressbook.match.asking import ask_rest
from addressbook.match.cases import Base, Case, path_of
from addressbook.match.decide import certain, certain_street
from addressbook.match.names import says_another_town
from addressbook.match.nearness import NearName
from addressbook.match.reasons import reason
from addressbook.model import (
    LEVEL_OF_KIND,
    Category,
    PathLookup,
    Resolution,
    RetiredAddress,
    RetiredQuery,
)
from addressbook.parse.division_names import prefix_of

COUNTY_DIGITS: Final = 6
Depth = tuple[int, bool]
"""How many numbers of a text an address has, and whether below its place, which says more than a plate."""
DOUBTED_NAMES: Final = ("name_", "place_unknown")
"""Reasons of an answer by another name than the one written: that one may be the name of something retired."""


def tell_retired(cases: Sequence[Case], answers: list[Resolution], unfound: Sequence[Case], lookup: PathLookup) -> None:
    """Put answers that tell it in the place of those whose text is that of a retired address.

    A text that was found as written is not asked about: for it nothing is done here.
    """
    lost = {id(case) for case in unfound}
    doubtful = [
        at
        for at, case in enumerate(cases)
        if answers[at].category is not Category.A and (id(case) in lost or _by_another_name(answers[at]))
    ]
    if not doubtful or not lookup.any_retired():
        return
    ask_rest([cases[at] for at in doubtful if id(cases[at]) not in lost], lookup)
    asked = [(at, depth, query) for at in doubtful for depth, query in _queries(cases[at])]
    if not asked:
        return
    deepest: dict[int, tuple[Depth, RetiredAddress]] = {}
    for (at, depth, _), found in zip(asked, lookup.retired([query for *_, query in asked]), strict=True):
        fits = next((gone for gone in found if _fits(cases[at], gone)), None)
        if fits is not None and (at not in deepest or depth > deepest[at][0]):
            deepest[at] = (depth, fits)
    for at, (_, gone) in deepest.items():
        answers[at] = _told(cases[at], answers[at], gone)


def _fits(case: Case, gone: RetiredAddress) -> bool:
    """Whether the text may mean it: none of that name in another town, or elsewhere than at the plate of the text."""
    plates = [base.start for base in case.bases if base.plate_no] + [plate.found for plate in case.plates]
    sites = {hit.site_id for hits in plates for hit in hits}
    here = not sites or gone.address.site_id in sites
    return here and not says_another_town(gone.address, case.parsed.division_code)


def _by_another_name(answer: Resolution) -> bool:
    return any(given.code.startswith(DOUBTED_NAMES) for given in answer.reasons)


def _queries(case: Case) -> Iterator[tuple[Depth, RetiredQuery]]:
    """Each step of the text's path that no live address has, below names that are known and names that may be gone."""
    plan = case.plan
    if plan is None:
        return
    for base in case.bases:
        if not base.faulty:
            yield from _below_base(base)
    county = prefix_of(plan.division_code)[:COUNTY_DIGITS] if plan.division_code else ""
    steps = [path_of(plan.tail[:count]) for count in range(len(plan.tail) + 1)]
    if plan.place and not _is_known(case.places):
        for count, path in enumerate(steps):
            yield (count, True), RetiredQuery(path, name=plan.place, division=county)
    if plan.road and not _is_known(case.roads):
        for count, path in enumerate(steps if plan.plate_no else steps[:1]):
            asked = RetiredQuery(path, plate_no=plan.plate_no or None, name=plan.road, division=county)
            yield (count, False), asked


def _below_base(base: Base) -> Iterator[tuple[Depth, RetiredQuery]]:
    for count in range(base.depth + 1, len(base.tail) + 1):
        asked = base.query(path_of(base.tail[:count]))
        yield (count, not base.plate_no), RetiredQuery(asked.path, asked.site_id, asked.road_aid, asked.plate_no)


def _is_known(names: Sequence[NearName]) -> bool:
    return bool(names) and not names[0].faults


def _told(case: Case, answer: Resolution, gone: RetiredAddress) -> Resolution:
    """The answer as unsure: what is there today comes first, then what was retired, then what is only called alike.

    What is called alike is no anchor: rows that may hang on an anchor would hang on a neighbour.
    """
    address = gone.address
    since = gone.since.isoformat() if gone.since else "–"
    why = reason("retired", LEVEL_OF_KIND[address.kind].value, address.standard_text, f"{since} #{gone.event_id}")
    anchor = certain(case, as_written=True) or certain_street(case)
    told = unsure(case, [why, *[r for r in answer.reasons if r.code != "retired"]], [Option(address, (why,))], anchor)
    today = [c for c in answer.candidates if anchor is not None and c.aid == anchor.aid]
    others = [c for c in answer.candidates if c not in today and c.aid != address.aid]
    return told._replace(
        division_code=anchor.division_code if anchor else address.division_code,
        candidates=(*today, *told.candidates, *others)[:MOST_CANDIDATES],
    )
