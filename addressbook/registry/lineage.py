"""Transactions that end codes for others: merge, split, and the removal of a duplicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from addressbook.errors import RuleError
from addressbook.model import AddressKind, AddressState
from addressbook.registry import requests as asked, rules
from addressbook.registry.drafting import Draft, placed, value_for
from addressbook.registry.records import AddressRecord, Choice, NewAlias, Point, Question, Succession
from addressbook.registry.siblings import need_free
from addressbook.registry.tree import joined, parent_path

TWO = 2
DEPTHS = (9, 6, 4, 2, 0)
"""Digits of a town, county, city, province and of nothing."""


def merge(request: asked.Merge, draft: Draft) -> None:
    """The parents retire into one new child, which takes what lay in them, their texts and their links."""
    olds = [draft.live(aid, request.effective) for aid in dict.fromkeys(request.aids)]
    _need_alike(olds)
    for old in olds:
        draft.changes.change(old, replace(old, state=AddressState.RETIRED))
    first = olds[0]
    parent = draft.parent_of(first)
    road = draft.reader.address(first.road_aid) if first.road_aid else None
    value = value_for(first.kind, request.name, below=parent is not None)
    state = AddressState.CURRENT if any(old.state is AddressState.CURRENT for old in olds) else first.state
    new = draft.new(
        first.kind, value, parent, _common_division(olds), road=road, state=state, point=_between(olds)
    )  # fmt: skip
    for old in olds:
        draft.changes.successions.append(Succession(old.aid, new.aid, "merged"))
        draft.changes.moved[old.aid] = new.aid
        _pass_on_texts(draft, old, new)
        for child in _children(draft, old):
            _hang_below(draft, child, new)


def _need_alike(olds: Sequence[AddressRecord]) -> None:
    if len(olds) < TWO:
        raise RuleError("two", "a merge takes two addresses or more.", zh="合并至少需要两个不同的地址。")
    if any((old.kind, old.parent_aid, old.road_aid) != _family(olds[0]) for old in olds):
        raise RuleError(
            "alike", "only addresses of one kind that lie in the same one can be merged.",
            zh="只有类别相同、上级相同的地址才能合并。",
            remedy="A duplicate somewhere else is removed with void-duplicate.",
        )  # fmt: skip


def _family(record: AddressRecord) -> tuple[AddressKind, str | None, str | None]:
    return record.kind, record.parent_aid, record.road_aid


def _common_division(olds: Sequence[AddressRecord]) -> str:
    """The deepest division that holds all of them."""
    codes = [old.division_code for old in olds]
    if len(set(codes)) == 1:
        return codes[0]
    depth = next(digits for digits in DEPTHS if len({code[:digits] for code in codes}) == 1)
    return codes[0][:depth].ljust(12, "0")


def _between(olds: Sequence[AddressRecord]) -> Point | None:
    points = [old.point for old in olds if old.point is not None]
    return (fmean(lon for lon, _ in points), fmean(lat for _, lat in points)) if points else None


def _pass_on_texts(draft: Draft, old: AddressRecord, new: AddressRecord) -> None:
    """What led to the old address leads to the new one: its name or number. Its other aliases go with its links."""
    if old.kind is AddressKind.DOOR_PLATE:
        if (old.road_aid, old.plate_no) != (new.road_aid, new.plate_no):
            draft.alias_plate(old, new.aid)
        return
    if old.path and (old.site_id, old.path) != (new.site_id, new.path):
        draft.alias_path(old, new.aid, new.site_id)
    if old.kind in rules.NAMED and old.name != new.name:
        draft.changes.aliases.append(NewAlias(new.aid, old.name))


def _children(draft: Draft, old: AddressRecord) -> list[AddressRecord]:
    """What lies directly in it; on a street its plates."""
    if old.kind is AddressKind.STREET:
        return list(draft.reader.plates(old.aid))
    return [child for child in draft.reader.subtree(old) if child.parent_aid == old.aid]


def _hang_below(draft: Draft, child: AddressRecord, new: AddressRecord) -> None:
    """The child and all below it in another address, or on another street; its place there must be free."""
    if new.kind is AddressKind.STREET:
        token = f"D{new.aid}:{child.plate_no}"
        after = replace(child, road_aid=new.aid)
        after = placed(after, draft.parent_of(child), token)
        after = replace(after, standard_text=f"{draft.divisions_of(child)}{new.name}{child.name}")
        draft.alias_plate(child, child.aid)
    else:
        # By the name of a top that ended its children are found below the successor, as they are.
        if new.site_id == child.site_id or parent_path(child.path):
            draft.alias_paths(child, new.site_id)
        after = draft.regrown(replace(child, parent_aid=new.aid), new)
    need_free(after, draft.reader, draft.changes)
    draft.regrow(child, after)


def split(request: asked.Split, draft: Draft) -> None:
    """The parent retires into its parts. A link moves only where its text names one; else a person decides."""
    old = draft.live(request.aid, request.effective)
    parent = draft.parent_of(old)
    values = [value_for(old.kind, part.name, below=parent is not None) for part in request.parts]
    if len(set(values)) < TWO or len(set(values)) < len(values):
        raise RuleError(
            "two", "a split makes two addresses or more, each called otherwise.", zh="拆分至少得到两个名称不同的地址。"
        )
    children = _assigned(draft, old, request.parts)
    draft.changes.change(old, replace(old, state=AddressState.RETIRED))
    road = draft.reader.address(old.road_aid) if old.road_aid else None
    parts = {
        value: draft.new(old.kind, value, parent, old.division_code, road=road, state=old.state, point=old.point)
        for value in values
    }
    for value, part in zip(values, request.parts, strict=True):
        draft.changes.successions.append(Succession(old.aid, parts[value].aid, "split"))
        _pass_on_texts(draft, old, parts[value])
        for aid in part.takes:
            _hang_below(draft, children[aid], parts[value])
    _ask_about_links(draft, old, parts)


def _assigned(draft: Draft, old: AddressRecord, parts: Sequence[asked.Part]) -> dict[str, AddressRecord]:
    """The children by code, each taken by exactly one part."""
    children = {child.aid: child for child in _children(draft, old)}
    taken = [aid for part in parts for aid in part.takes]
    if sorted(taken) != sorted(children):
        stray = [aid for aid in taken if aid not in children]
        if stray or len(taken) != len(set(taken)):
            raise RuleError(
                "takes", f"{(stray or taken)[0]} is not a child that one part can take.",
                zh=f"{(stray or taken)[0]} 不是可由某一部分承接的下级地址。",
            )  # fmt: skip
        raise rules.has_children(old, len(children) - len(taken), "children without a part", "个下级地址未指定归属")
    return children


def _ask_about_links(draft: Draft, old: AddressRecord, parts: dict[str, AddressRecord]) -> None:
    own = old.plate_no or old.token[1:] or old.name
    for link in draft.reader.links(old.aid):
        named = {value for kind, value in draft.reads(link.received_text) if kind is old.kind and value in parts}
        # The old number may mean any of the parts, also where one of them keeps it.
        if len(named) == 1 and own not in named:
            draft.changes.chosen.append(Choice(link.link_id, old.aid, parts[named.pop()].aid))
        else:
            candidates = tuple(part.aid for part in parts.values())
            draft.changes.questions.append(Question(link.link_id, old.aid, candidates))


def void_duplicate(request: asked.VoidDuplicate, draft: Draft) -> None:
    """The junior never was an address of its own: nothing is dated; the senior has all that hung on it."""
    junior, senior = draft.reader.address(request.junior), draft.reader.address(request.senior)
    for record in (junior, senior):
        rules.need_live(record)
    if junior.kind is not senior.kind:
        raise RuleError(
            "alike", "two codes of different kinds are not one address.", zh="类别不同的两个编码不是同一地址。"
        )
    _absorb(draft, junior, senior)


def _need_apart(junior: AddressRecord, senior: AddressRecord) -> None:
    """Two that are one lie beside each other; of two streets that goes for the plates of one number too."""
    if junior.aid == senior.aid or _lies_in(junior, senior) or _lies_in(senior, junior):
        raise RuleError(
            "descendant",
            f"{rules.shown(junior)} is no duplicate of itself, of what it lies in or of what lies in it.",
            zh=f"{rules.shown(junior)} 不能与自身、其上级或其下级互为重复。",
        )


def _lies_in(record: AddressRecord, other: AddressRecord) -> bool:
    inside = not other.path or record.path.startswith(f"{other.path}/")
    return record.site_id == other.site_id and record.path != other.path and inside


def _absorb(draft: Draft, junior: AddressRecord, senior: AddressRecord) -> None:
    _need_apart(junior, senior)
    draft.changes.change(junior, replace(junior, state=AddressState.VOID))
    draft.changes.successions.append(Succession(junior.aid, senior.aid, "same_as"))
    draft.changes.moved[junior.aid] = senior.aid
    if junior.state is AddressState.CURRENT:
        draft.confirm(senior)
    _pass_on_texts(draft, junior, senior)
    home = _home(draft, senior)
    for child in _children(draft, junior):
        twin = _twin(draft, child, home)
        if twin is not None:
            _absorb(draft, child, twin)
        else:
            _hang_below(draft, child, draft.changes.now(home))


def _home(draft: Draft, senior: AddressRecord) -> AddressRecord:
    """Where the children of a duplicate go: what is at a door plate hangs on its compound, where it has one."""
    compound = draft.parent_of(senior) if senior.kind is AddressKind.DOOR_PLATE else None
    return compound or senior


def _twin(draft: Draft, child: AddressRecord, senior: AddressRecord) -> AddressRecord | None:
    """The senior's child of the same number."""
    if senior.kind is AddressKind.STREET:
        plates = draft.reader.plates(senior.aid, child.plate_no)
        return plates[0] if len(plates) == 1 else None
    return draft.reader.at_path(senior.site_id, joined(senior.path, child.token))
