"""Commands that change the registry: each is one transaction and one event, with who, why and on what document."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.errors import InputError
from addressbook.identity import parse, printed
from addressbook.match import NameIndex
from addressbook.model import AddressKind
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.store.engine import transaction, translated
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.names import read_names
from addressbook.store.transactions import Because, Transacted, revert, transact
from addressbook.views.ids import event_page, id_record

registry = typer.Typer(
    no_args_is_help=True, help="登记 — change addresses: every change is one event, and can be undone."
)
Aid = Annotated[str, typer.Argument(help="identity code, e.g. B7K3-M9QX-W2HF")]
Reason = Annotated[str, typer.Option(help="why; kept with the registry event")]
Document = Annotated[str, typer.Option(help="文号, the document it rests on")]
Effective = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="from which day on it holds; default: today")
]
Name = Annotated[str, typer.Option(help="the name of a street, compound or place, or the number of anything else")]
Point = Annotated[str | None, typer.Option(help="lon,lat in degrees, WGS-84")]
SHOWN = 20


def _do(request: asked.Request, reason: str, document: str) -> None:
    with transaction(ready().engine) as connection:
        gazetteer = gazetteer_of(connection)
        parser = Parser(gazetteer, NameIndex(read_names(connection)[0], gazetteer))
        done = transact(connection, request, Because(getpass.getuser(), reason, document), parser)
    _tell(done)


def _tell(done: Transacted) -> None:
    console.print(f"事件 event {done.event_id}: {len(done.created)} 新建 created, {len(done.changed)} 变更 changed")
    for aid in done.created[:SHOWN]:
        console.print(f"{printed(aid)}  新建 created", markup=False)
    if done.questions:
        console.print(f"{done.questions} 条关联待人工审核 links wait on the review desk")


def _day(effective: datetime | None) -> date | None:
    return effective.date() if effective else None


def _point(words: str | None) -> tuple[float, float] | None:
    if words is None:
        return None
    try:
        lon, lat = map(float, words.split(","))
    except ValueError:
        lon = lat = 999.0
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError(f"{words!r} is no lon,lat in degrees.", zh=f"“{words}”不是以度为单位的经度,纬度。")
    return lon, lat


@registry.command("register")
def register(
    kind: Annotated[AddressKind, typer.Argument(help="R C D B E F H P")], name: Name, reason: Reason,
    parent: Annotated[str | None, typer.Option(help="code of the address it lies in")] = None,
    road: Annotated[str | None, typer.Option(help="of a door plate: code of its street")] = None,
    division: Annotated[str | None, typer.Option(help="division code; default: the parent's")] = None,
    point: Point = None,
    provisional: Annotated[bool, typer.Option("--provisional", help="拟建: proposed only")] = False,
    document: Document = "", effective: Effective = None,
) -> None:  # fmt: skip
    """登记新地址 — a new address."""
    request = asked.Register(
        kind=kind, name=name, parent_aid=parent, road_aid=road, division_code=division, point=_point(point),
        provisional=provisional, effective=_day(effective),
    )  # fmt: skip
    _do(request, reason, document)


@registry.command("confirm")
def confirm(aid: Aid, reason: Reason, document: Document = "") -> None:
    """确认拟建地址 — a provisional address becomes current, and with it what it lies in."""
    _do(asked.Confirm(aid=aid), reason, document)


@registry.command("reject")
def reject(aid: Aid, reason: Reason, document: Document = "") -> None:
    """否决拟建地址 — a provisional address is none, nor what was proposed below it."""
    _do(asked.Reject(aid=aid), reason, document)


@registry.command("rename")
def rename(aid: Aid, name: Name, reason: Reason, document: Document = "", effective: Effective = None) -> None:
    """更名 — another name for a street, compound or place; the old one becomes an alias."""
    _do(asked.Rename(aid=aid, name=name, effective=_day(effective)), reason, document)


@registry.command("renumber")
def renumber(
    aid: Aid, number: Annotated[str, typer.Option(help="the new number")], reason: Reason, document: Document = "",
    effective: Effective = None,
) -> None:  # fmt: skip
    """改号 — another number for a plate, building, entrance, floor or room; the old one becomes an alias."""
    _do(asked.Renumber(aid=aid, number=number, effective=_day(effective)), reason, document)


@registry.command("move")
def move(
    aid: Aid, point: Annotated[str, typer.Option(help="lon,lat in degrees, WGS-84")], reason: Reason,
    document: Document = "",
) -> None:  # fmt: skip
    """更正坐标 — the point was wrong."""
    where = _point(point)
    if where is not None:
        _do(asked.Move(aid=aid, point=where), reason, document)


@registry.command("reparent")
def reparent(
    aid: Aid, reason: Reason, parent: Annotated[str | None, typer.Option(help="absent: in none")] = None,
    document: Document = "", effective: Effective = None,
) -> None:  # fmt: skip
    """改变上级 — an address lies in another one, with all below it."""
    _do(asked.Reparent(aid=aid, parent_aid=parent, effective=_day(effective)), reason, document)


@registry.command("rezone")
def rezone(
    aid: Aid, division: Annotated[str, typer.Option(help="division code")], reason: Reason, document: Document = "",
    effective: Effective = None,
) -> None:  # fmt: skip
    """改变区划 — an address lies in another division, with all below it."""
    _do(asked.Rezone(aid=aid, division_code=division, effective=_day(effective)), reason, document)


@registry.command("retire")
def retire(aid: Aid, reason: Reason, document: Document = "", effective: Effective = None) -> None:
    """注销（拆除） — an address is no more, nor what is below it."""
    _do(asked.Retire(aid=aid, effective=_day(effective)), reason, document)


@registry.command("merge")
def merge(
    aids: Annotated[list[str], typer.Argument(help="two codes or more")], name: Name, reason: Reason,
    document: Document = "", effective: Effective = None,
) -> None:  # fmt: skip
    """合并 — several addresses retire into one new one, with their children, texts and links."""
    _do(asked.Merge(aids=tuple(aids), name=name, effective=_day(effective)), reason, document)


@registry.command("split")
def split(
    aid: Aid, part: Annotated[list[str], typer.Option(help="NAME or NAME=CODE,CODE: a part and the children it takes")],
    reason: Reason, document: Document = "", effective: Effective = None,
) -> None:  # fmt: skip
    """拆分 — an address retires into two or more; links whose text names one move, the rest goes to review."""
    cut = [words.partition("=") for words in part]
    parts = tuple(asked.Part(name=name, takes=tuple(filter(None, takes.split(",")))) for name, _, takes in cut)
    _do(asked.Split(aid=aid, parts=parts, effective=_day(effective)), reason, document)


@registry.command("void-duplicate")
def void_duplicate(
    junior: Annotated[str, typer.Argument(help="the code that ends")],
    senior: Annotated[str, typer.Argument(help="the code that stays")], reason: Reason, document: Document = "",
) -> None:  # fmt: skip
    """作废重复编码 — two codes mean one address: the senior takes the junior's texts, children and links."""
    _do(asked.VoidDuplicate(junior=junior, senior=senior), reason, document)


@registry.command("void")
def void(aid: Aid, reason: Reason, document: Document = "") -> None:
    """作废 — an address was entered in error; nothing may depend on it."""
    _do(asked.Void(aid=aid), reason, document)


@registry.command("revert")
def take_back(event: Annotated[int, typer.Argument(help="number of the event")], reason: Reason) -> None:
    """撤销 — take an event back; refused while a later event or load builds on it."""
    with transaction(ready().engine) as connection:
        done = revert(connection, event, Because(getpass.getuser(), reason))
    _tell(done)


@registry.command("events")
def events(limit: Annotated[int, typer.Option(min=1)] = 20) -> None:
    """登记事件 — the newest events: who decided what, and why."""
    with translated(), ready().engine.connect() as connection:
        found = event_page(connection, limit=limit)
    for event in found:
        taken_back = f"  已撤销 reverted by {event['reverted_by']}" if event["reverted_by"] else ""
        words = (
            f"{event['event_id']}  {event['at']:%Y-%m-%d %H:%M}  {event['kind']}  {event['actor']}  {event['reason']}"
        )
        console.print(words + taken_back, markup=False, soft_wrap=True)


@registry.command("id")
def what_became(aid: Aid) -> None:
    """编码查询 — what became of a code: its state, what stands there today, its events."""
    with translated(), ready().engine.connect() as connection:
        found = id_record(connection, parse(aid))
    console.print(f"{found['printed']}  {found['state']}  {found['standard_text']}", markup=False, soft_wrap=True)
    for successor in found["successors"]:
        words = f"→ {successor['printed']}  {successor['relation']}  {successor['state']}  {successor['standard_text']}"
        console.print(words, markup=False, soft_wrap=True)
    for event in found["events"]:
        console.print(
            f"事件 event {event['event_id']}  {event['kind']}  {event['reason']}", markup=False, soft_wrap=True
        )
