"""Commands of the review desk: the queue, the next item, decisions, sheets for street offices, statistics."""

from __future__ import annotations

import getpass
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.common import Out, ready
from addressbook.cli.consoles import console
from addressbook.errors import InputError
from addressbook.identity import printed
from addressbook.model import AddressKind
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.registry.requests import Register, with_codes_read
from addressbook.registry.review import DESK_REASON, LEASE_MINUTES, VERDICTS_ZH, Judgement, Verdict
from addressbook.registry.review_words import judgement_of
from addressbook.store.engine import transaction
from addressbook.store.reading import Row
from addressbook.store.review_deciding import decide
from addressbook.store.review_items import Filters, claim, newest_decision, read_item, release
from addressbook.store.review_tools import KeptTools
from addressbook.store.review_undoing import undo
from addressbook.store.transactions import Because
from addressbook.views.review import open_items, queue_page, statistics, whole_items
from loaders.output import keep_apart
from loaders.review_import import ENDS_ZH, End, LineEnd, import_sheet, write_report
from loaders.review_sheet import write_sheet

review = typer.Typer(no_args_is_help=True, help="审核 — what waits for a person: look, decide, undo, sheets.")
SHOWN_ENDS = 20
_HEAD = ("review_id", "state", "element_kind", "source", "division_code")
_NEW = "of 新建: "
_WITHHELD = "（该人员已限制处理或已删除，原文不显示 withheld）"
Area = Annotated[str | None, typer.Option(help="division code: it and all below it")]
Why = Annotated[str | None, typer.Option(help="a reason code, e.g. room_unknown")]
Source = Annotated[str | None, typer.Option(help="the source's name")]
Kind = Annotated[str | None, typer.Option(help="person, house, enterprise, event, thing or address")]
Reason = Annotated[str, typer.Option(help="why; kept with the decision")]
Clerk = Annotated[str | None, typer.Option("--actor", help="who decides; default: the user of this machine")]
Item = Annotated[int, typer.Argument(help="number of the item")]


def _reader(command: str) -> Reader:
    """Who looks, for the access log, which knows no key here."""
    return Reader(AccessRole.REVIEWER, label=getpass.getuser(), route=f"addressbook review {command}")


@review.command("list")
def listed(
    area: Area = None, reason: Why = None, source: Source = None, kind: Kind = None,
    limit: Annotated[int, typer.Option(min=1)] = 20,
) -> None:  # fmt: skip
    """审核队列 — how much waits, by area and reason, and the first items."""
    with transaction(ready().engine) as connection:
        page = queue_page(connection, _reader("list"), Filters(area, reason, source, kind), after=0, limit=limit)
    counts = page["counts"]
    console.print(
        f"待审 waiting {counts['items']:,}  已领取 claimed {counts['claimed']:,}  缓办 put off {counts['put_off']:,}"
    )
    for name in ("area", "reason", "source", "kind"):
        told = "  ".join(f"{value} {number:,}" for value, number in counts[f"by_{name}"].items())
        console.print(f"{name}: {told}", markup=False, soft_wrap=True)
    for item in page["items"]:
        words = f"{item['review_id']}  {item['reason_code']}  {item['source']}  {_text(item)}"
        console.print(words, markup=False, soft_wrap=True)


@review.command("next")
def following(
    area: Area = None, reason: Why = None, source: Source = None, kind: Kind = None, actor: Clerk = None,
    minutes: Annotated[int, typer.Option(min=1, help="how long it is yours alone")] = LEASE_MINUTES,
    give_back: Annotated[bool, typer.Option("--release", help="give back what you have not decided")] = False,
) -> None:  # fmt: skip
    """领取下一项 — the next item is yours alone for a while; nobody else gets it."""
    clerk, filters = actor or getpass.getuser(), Filters(area, reason, source, kind)
    with transaction(ready().engine) as connection:
        if give_back:
            console.print(f"已退回 given back {release(connection, clerk)}")
            return
        given = claim(connection, clerk, filters, limit=1, minutes=minutes)
        parser = KeptTools(connection).now(connection).parser
        items = whole_items(connection, _reader("next"), given, parser)
    for item in items:
        _show(item)
    if not items:
        console.print("没有待审核的 nothing waits")


@review.command("show")
def show(item: Item) -> None:
    """查看一项 — the text received, the candidates, and what tells them apart."""
    with transaction(ready().engine) as connection:
        parser = KeptTools(connection).now(connection).parser
        (found,) = whole_items(connection, _reader("show"), [item], parser)
    _show(found)


def _text(item: Row) -> str:
    return _WITHHELD if item["withheld"] else str(item["received_text"])


def _show(item: Row) -> None:
    parts = " ".join(f"{text}/{name}" for text, name, *_ in item["elements"])
    lines = ["  ".join(str(item[name] or "") for name in _HEAD), _text(item), parts]
    lines += [reason["zh"] for reason in item["reasons"] if reason["cost"]]
    for found in item["candidates"]:
        point = f"{found['lon']:.6f},{found['lat']:.6f}" if found["lon"] is not None else "—"
        lines.append(
            f"选{found['rank']}  {found['printed']}  {found['score']:.2f}  {found['standard_text']}"
            f"  〔{found['told_apart_by']}〕  {point}"
        )
    if item["suggestion"]:
        lines.append(f"可新建 may be registered: {item['suggestion']['kind']} {item['suggestion']['name']}")
    if item["twins"]:
        lines.append(f"另有 {item['twins']} 项文字相同 others have the same text")
    if item["decision"]:
        lines.append(
            f"决定 decision {item['decision']['decision_id']}: {VERDICTS_ZH[Verdict(item['decision']['verdict'])]}"
        )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


@review.command("decide")
def decided(
    item: Item,
    decision: Annotated[str, typer.Argument(help="选1 (选2 …), 都不是, 新建, 不是地址, 以后再说, or an identity code")],
    reason: Reason = DESK_REASON, actor: Clerk = None,
    kind: Annotated[AddressKind | None, typer.Option(help=f"{_NEW}R C D B E F H P; default: as suggested")] = None,
    name: Annotated[str | None, typer.Option(help=f"{_NEW}name or number")] = None,
    parent: Annotated[str | None, typer.Option(help=f"{_NEW}code of the address it lies in")] = None,
    road: Annotated[str | None, typer.Option(help=f"{_NEW}code of its street")] = None,
    division: Annotated[str | None, typer.Option(help=f"{_NEW}division code; default: the parent's")] = None,
    current: Annotated[bool, typer.Option("--current", help=f"{_NEW}in use, not only proposed")] = False,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="of 以后再说: when again")] = None,
) -> None:  # fmt: skip
    """作出决定 — it settles the item and all that have the same text, as one event."""
    new = None
    if kind is not None and name is not None:
        new = Register(kind=kind, name=name, parent_aid=parent, road_aid=road, division_code=division,
                       provisional=not current)  # fmt: skip
    elif kind is not None or name is not None:
        raise InputError("--kind and --name belong together.", zh="--kind 与 --name 须同时给出。")
    with transaction(ready().engine) as connection:
        codes = [candidate["aid"] for candidate in read_item(connection, item)["candidates"]]
        said = judgement_of(decision, codes)
        judgement = Judgement(
            verdict=said.verdict, aid=said.aid, register=with_codes_read(new) if new else None,
            until=until.replace(tzinfo=UTC) if until else None,
        )  # fmt: skip
        tools = KeptTools(connection).now(connection)
        done = decide(connection, item, judgement, Because(actor or getpass.getuser(), reason), tools)
    console.print(f"决定 decision {done.decision_id}: {done.items} 项 items", markup=False)
    if done.aid:
        console.print(f"地址 address {printed(done.aid)}", markup=False)
    if done.alias:
        console.print(f"别名 alias {done.alias.name} → {printed(done.alias.aid)}", markup=False)


@review.command("undo")
def undone(
    decision: Annotated[int, typer.Argument(help="number of the decision")], reason: Reason = "看错了 a mistake",
    actor: Clerk = None,
) -> None:  # fmt: skip
    """撤销决定 — items, links, counts and texts are what they were; refused where something builds on it."""
    with transaction(ready().engine) as connection:
        done = undo(connection, decision, Because(actor or getpass.getuser(), reason))
    console.print(f"已撤销 undone: {done.items} 项恢复待审 items are open again", markup=False)


@review.command("statistics")
def counted(area: Area = None, reason: Why = None, source: Source = None, kind: Kind = None) -> None:
    """审核统计 — how often the first candidate was chosen, what was undone, what clerks decided differently."""
    with transaction(ready().engine) as connection:
        found = statistics(connection, _reader("statistics"), Filters(area, reason, source, kind))
    console.print(f"合计 all  {_told(found['total'])}", markup=False, soft_wrap=True)
    for group in ("category", "reason", "source", "actor"):
        for value, numbers in found[f"by_{group}"].items():
            console.print(f"{group} {value}  {_told(numbers)}", markup=False, soft_wrap=True)
    for text in found["decided_differently"]:
        console.print(f"决定不一致 decided differently: {text['received_text']}", markup=False, soft_wrap=True)


def _told(numbers: Row) -> str:
    shares = {
        name: "—" if numbers[name] is None else f"{numbers[name]:.0%}" for name in ("first_share", "undone_share")
    }
    return (
        f"决定 decisions {numbers['decisions']}  首选 first {numbers['first_candidate']} ({shares['first_share']})"
        f"  撤销 undone {numbers['undone']} ({shares['undone_share']})"
    )


@review.command("export")
def export(
    out: Out, area: Area = None, reason: Why = None, source: Source = None, kind: Kind = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 1000,
) -> None:  # fmt: skip
    """导出审核表 — an .xlsx sheet for a street office to fill in: one row an item."""
    at = ready()
    with transaction(at.engine) as connection:
        parser = KeptTools(connection).now(connection).parser
        filters = Filters(area, reason, source, kind)
        items = open_items(connection, _reader("export"), filters, limit=limit, parser=parser)
        write_sheet(out, items, newest_decision(connection), at.secret)
    console.print(f"{len(items):,} → {out}", markup=False)


@review.command("import")
def imported(
    file: Annotated[Path, typer.Argument(help="the filled .xlsx")], reason: Reason = DESK_REASON, actor: Clerk = None,
    report: Annotated[Path | None, typer.Option(help="write what became of every line to this CSV")] = None,
) -> None:  # fmt: skip
    """导入审核表 — do what the filled sheet says; conflicts are reported, nothing is overwritten."""
    if report is not None:
        keep_apart(report, file)
    at = ready()
    ends: list[LineEnd] = []
    try:
        for told in import_sheet(at.engine, at.secret, file, Because(actor or getpass.getuser(), reason)):
            ends.append(told)  # noqa: PERF402 what is done is told, whatever stops the rest
    finally:
        _tell_all(ends, report)


def _tell_all(ends: list[LineEnd], report: Path | None) -> None:
    counts = Counter(told.end for told in ends)
    console.print("  ".join(f"{ENDS_ZH[end]} {end.value} {counts[end]:,}" for end in End), markup=False)
    for told in [told for told in ends if told.end in (End.CONFLICT, End.REFUSED)][:SHOWN_ENDS]:
        _tell(told)
    if report is not None:
        write_report(report, ends)


def _tell(told: LineEnd) -> None:
    words = f"{told.line.place}  {ENDS_ZH[told.end]} {told.end.value}  {told.rule}  {told.zh} {told.en}"
    console.print(words, markup=False, soft_wrap=True)
