"""Requests → changes: what each transaction does to the addresses, decided without a database.

Every function here reads through the `Draft`, checks the rules of DESIGN section 3, and leaves its changes there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from addressbook.divisions.codes import significant
from addressbook.errors import RuleError
from addressbook.identity import printed
from addressbook.model import LEVEL_OF_KIND, AddressKind, AddressState
from addressbook.registry import requests as asked, rules
from addressbook.registry.drafting import Draft, divisionless, own_name, placed, token_of, value_for
from addressbook.registry.lineage import merge, split, void_duplicate
from addressbook.registry.records import AddressRecord, Changes, NewAlias
from addressbook.registry.siblings import need_apart, need_free
from addressbook.registry.tree import joined


def plan(request: asked.Request, draft: Draft) -> Changes:
    """What the request comes to. Raises NotFoundError or RuleError, and then nothing is to be stored."""
    _PLANS[type(request)](request, draft)
    return draft.finish()


def register(request: asked.Register, draft: Draft) -> None:
    """A new address, where there is none yet."""
    draft.changes.effective = request.effective
    if request.effective is not None:
        rules.need_come(request.effective, draft.today)
    parent = draft.reader.address(request.parent_aid) if request.parent_aid else None
    road = draft.reader.address(request.road_aid) if request.road_aid else None
    _need_place(request, parent, road)
    division = _division_of(request, draft, parent)
    value = value_for(request.kind, request.name, below=parent is not None)
    state = AddressState.PROVISIONAL if request.provisional else AddressState.CURRENT
    need_apart(
        draft.new(request.kind, value, parent, division, road=road, state=state, point=request.point), draft.reader
    )


def _need_place(request: asked.Register, parent: AddressRecord | None, road: AddressRecord | None) -> None:
    rules.need_parent_kind(request.kind, parent)
    for around in (parent, road):
        if around is not None:
            rules.need_live(around)
            if request.effective is not None:
                rules.need_day(around, request.effective, request.effective)
    if (request.kind is AddressKind.DOOR_PLATE) != (road is not None and road.kind is AddressKind.STREET):
        raise RuleError(
            "plate", "a door plate stands on a street, and nothing else does.",
            zh="门牌必须指定所在街道，其他类别不能指定。", remedy="Give the street's code as road.",
        )  # fmt: skip
    if parent is not None:
        rules.need_current(parent, provisional=request.provisional)


def _division_of(request: asked.Register, draft: Draft, parent: AddressRecord | None) -> str:
    code = request.division_code or (parent.division_code if parent else "")
    if not code or draft.gazetteer.get(code) is None:
        raise RuleError(
            "division", f"there is no division {code!r} today.", zh=f"没有现行区划 {code or '（未填写）'}。",
            remedy="Give its code of 12 digits.",
        )  # fmt: skip
    code = code.ljust(12, "0")
    if parent is not None and not _one_within(code, parent.division_code):
        raise RuleError(
            "division", f"{code} does not lie in the division of {rules.shown(parent)}.",
            zh=f"区划 {code} 不在 {rules.shown(parent)} 所在区划之内。",
        )  # fmt: skip
    return code


def _one_within(code: str, other: str) -> bool:
    return code.startswith(significant(other)) or other.startswith(significant(code))


def confirm(request: asked.Confirm, draft: Draft) -> None:
    """Provisional → current, with what it lies in: nothing in use lies in what is only proposed."""
    record = draft.reader.address(request.aid)
    if record.state is not AddressState.PROVISIONAL:
        raise RuleError(
            "provisional", f"{printed(request.aid)} is not provisional.", zh=f"{printed(request.aid)} 不是拟建地址。"
        )
    draft.confirm(record)


def reject(request: asked.Reject, draft: Draft) -> None:
    """Provisional → rejected, with all that was proposed below it."""
    top = draft.reader.address(request.aid)
    whole = [top, *draft.reader.subtree(top)]
    in_use = [record for record in whole if record.state is not AddressState.PROVISIONAL]
    if in_use:
        raise RuleError(
            "provisional",
            f"{rules.shown(in_use[0])} is not provisional.",
            zh=f"{rules.shown(in_use[0])} 不是拟建地址。",
        )
    _need_no_plates(top, draft)
    for record in whole:
        draft.changes.change(record, replace(record, state=AddressState.REJECTED))


def rename(request: asked.Rename, draft: Draft) -> None:
    """Another name; the AID stays, the old name becomes an alias, the texts below and along a street follow."""
    before = draft.live(request.aid, request.effective)
    if before.kind not in rules.NAMED:
        raise RuleError(
            "named", f"{rules.shown(before)} has a number, not a name.", zh=f"{rules.shown(before)} 以编号标识。",
            remedy="Use renumber.",
        )  # fmt: skip
    value = value_for(before.kind, request.name, below=before.parent_aid is not None)
    if value == before.name:
        raise rules.unchanged(before)
    if before.path:
        draft.alias_paths(before, before.site_id)
    else:
        draft.changes.aliases.append(NewAlias(before.aid, before.name))
    after = _called(draft, before, value)
    need_apart(after, draft.reader)
    draft.regrow(before, after)
    for plate in draft.reader.plates(before.aid) if before.kind is AddressKind.STREET else ():
        divisions = draft.divisions_of(plate)
        draft.regrow(plate, replace(plate, standard_text=f"{divisions}{value}{plate.name}"))


def _called(draft: Draft, before: AddressRecord, value: str) -> AddressRecord:
    """The address under another name or number."""
    parent, divisions = draft.parent_of(before), draft.divisions_of(before)
    after = replace(before, name=own_name(before.kind, value))
    if before.kind is AddressKind.DOOR_PLATE:
        after = replace(after, plate_no=value)
    after = placed(after, parent, token_of(after, value))
    road = draft.reader.address(after.road_aid) if after.road_aid else None
    after = replace(after, standard_text=draft.text_of(after, parent, road, divisions))
    need_free(after, draft.reader, draft.changes)
    return after


def renumber(request: asked.Renumber, draft: Draft) -> None:
    """Another number; the AID stays, the old numbers here and below become aliases."""
    before = draft.live(request.aid, request.effective)
    if before.kind in rules.NAMED:
        raise RuleError(
            "numbered", f"{rules.shown(before)} has a name, not a number.", zh=f"{rules.shown(before)} 以名称标识。",
            remedy="Use rename.",
        )  # fmt: skip
    value = value_for(before.kind, request.number, below=True)
    if own_name(before.kind, value) == before.name:
        raise rules.unchanged(before)
    if before.kind is AddressKind.DOOR_PLATE:
        draft.alias_plate(before, before.aid)
    else:
        draft.alias_paths(before, before.site_id)
    draft.regrow(before, _called(draft, before, value))


def move(request: asked.Move, draft: Draft) -> None:
    """A corrected point: the address was never elsewhere, so nothing is dated. What is drawn there follows."""
    before = draft.reader.address(request.aid)
    rules.need_live(before)
    after = replace(before, point=request.point, coordinate_level=LEVEL_OF_KIND[before.kind])
    if after == before:
        raise rules.unchanged(before)
    draft.changes.change(before, after)
    for child in draft.reader.subtree(before):
        if (child.point, child.coordinate_level) == (before.point, before.coordinate_level):
            moved = replace(child, point=after.point, coordinate_level=after.coordinate_level)
            draft.changes.change(child, moved)


def reparent(request: asked.Reparent, draft: Draft) -> None:
    """Another parent, or none: the whole subtree and every link to it go along."""
    before = draft.live(request.aid, request.effective)
    parent = draft.reader.address(request.parent_aid) if request.parent_aid else None
    if before.parent_aid == request.parent_aid:
        raise rules.unchanged(before)
    rules.need_parent_kind(before.kind, parent)
    if parent is not None:
        rules.need_live(parent)
        rules.need_current(parent, provisional=before.state is AddressState.PROVISIONAL)
        if parent.aid in {before.aid, *(child.aid for child in draft.reader.subtree(before))}:
            raise RuleError(
                "cycle", f"{rules.shown(parent)} lies in {rules.shown(before)}.",
                zh=f"{rules.shown(parent)} 位于 {rules.shown(before)} 之内，不能作为其上级。",
            )  # fmt: skip
    value = before.plate_no or before.token[1:] or before.name
    after = placed(before, parent, token_of(before, value))
    road = draft.reader.address(after.road_aid) if after.road_aid else None
    after = replace(after, standard_text=draft.text_of(after, parent, road, draft.divisions_of(before)))
    need_free(after, draft.reader, draft.changes)
    # By its name or its street a top leads on to where it went; anything else only by the path that it had.
    if before.path:
        draft.alias_paths(before, after.site_id)
    elif before.kind is AddressKind.DOOR_PLATE and parent is not None:
        _alias_below_plate(draft, before, parent)
    draft.regrow(before, after)


def _alias_below_plate(draft: Draft, plate: AddressRecord, parent: AddressRecord) -> None:
    """Whoever asks for a number at a plate is led to what the plate lies in, and there finds what was at the plate."""
    for child in draft.reader.subtree(plate):
        own = child.standard_text.removeprefix(plate.standard_text)
        name = divisionless(draft, plate) + own
        draft.changes.aliases.append(NewAlias(child.aid, name, joined(parent.path, child.path), parent.site_id))


def rezone(request: asked.Rezone, draft: Draft) -> None:
    """Another division, here and below; codes stay, texts follow."""
    before = draft.live(request.aid, request.effective)
    division = draft.gazetteer.get(request.division_code)
    if division is None:
        raise RuleError(
            "division",
            f"there is no division {request.division_code!r} today.",
            zh=f"没有现行区划 {request.division_code}。",
        )
    if division.code == before.division_code:
        raise rules.unchanged(before)
    after = draft.regrown(before, draft.parent_of(before), division_code=division.code)
    need_free(after, draft.reader, draft.changes)
    draft.regrow(before, after, division_code=division.code)


def retire(request: asked.Retire, draft: Draft) -> None:
    """No more, with all below it; links stay as they were recorded."""
    before = draft.live(request.aid, request.effective)
    _need_no_plates(before, draft)
    for record in (before, *draft.reader.subtree(before)):
        draft.changes.change(record, replace(record, state=AddressState.RETIRED))


def void(request: asked.Void, draft: Draft) -> None:
    """Entered in error, so it never was: nothing may depend on it, and nothing is dated."""
    before = draft.reader.address(request.aid)
    rules.need_live(before)
    _need_no_plates(before, draft)
    for dependent, what, zh in (
        (draft.reader.subtree(before), "addresses", "个下级地址"),
        (draft.reader.links(before.aid), "links", "条关联"),
    ):
        if dependent:
            raise rules.has_children(before, len(dependent), what, zh)
    draft.changes.change(before, replace(before, state=AddressState.VOID))


def _need_no_plates(record: AddressRecord, draft: Draft) -> None:
    plates = draft.reader.plates(record.aid) if record.kind is AddressKind.STREET else ()
    if plates:
        raise rules.has_children(record, len(plates), "door plates", "个门牌")


_PLANS: dict[type[asked.Request], Callable[[Any, Draft], None]] = {
    asked.Register: register, asked.Confirm: confirm, asked.Reject: reject, asked.Rename: rename,
    asked.Renumber: renumber, asked.Move: move, asked.Reparent: reparent, asked.Rezone: rezone,
    asked.Retire: retire, asked.Merge: merge, asked.Split: split, asked.VoidDuplicate: void_duplicate,
    asked.Void: void,
}  # fmt: skip
