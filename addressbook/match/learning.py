"""What a reviewer's decision teaches: the one alias that would have led the text to the address."""

from __future__ import annotations

from dataclasses import dataclass

from addressbook.match.cases import PLACES, ROADS, path_of
from addressbook.match.names import NameIndex
from addressbook.match.plan import tree_plan
from addressbook.match.standard import tail_text
from addressbook.model import AddressKind, FoundAddress, ParsedAddress
from addressbook.normalise import normal_name


@dataclass(frozen=True, slots=True)
class Lesson:
    """Another name of the address `aid`; `path` where it is another number within the site, else ""."""

    aid: str
    site_id: int
    name: str
    path: str = ""


def lesson_of(
    parsed: ParsedAddress, chosen: FoundAddress, top: FoundAddress, street: FoundAddress | None, index: NameIndex
) -> Lesson | None:
    """The alias that the text gives when a person says that it means `chosen`; None when it teaches nothing.

    `top` is the site's topmost address, `street` the street of the plate that the site has, if any. An unknown place
    is another name of the site, an unknown street another name of the street; with known names the numbers are
    another number of the address itself.
    """
    plan = tree_plan(parsed, around_counts=True)
    if plan is None:
        return None
    code = chosen.division_code
    if plan.place and top.kind in (AddressKind.COMPOUND, AddressKind.PLACE):
        if not _is_called(index, plan.place, PLACES, code, top.aid):
            return Lesson(top.aid, top.site_id, normal_name(plan.place))
    elif plan.road and street is not None and not _is_called(index, plan.road, ROADS, code, street.aid):
        return Lesson(street.aid, street.site_id, normal_name(plan.road))
    path = path_of(plan.tail)
    if not path or path == chosen.path or chosen.site_id != top.site_id:
        return None
    return Lesson(chosen.aid, chosen.site_id, tail_text(plan.tail), path)


def _is_called(index: NameIndex, name: str, kinds: frozenset[AddressKind], code: str, aid: str) -> bool:
    return any(named.aid == aid for named in index.find(name, kinds, code))
