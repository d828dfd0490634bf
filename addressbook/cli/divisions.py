"""Commands about divisions: plan what a new year's list comes to, apply it as one event, begin with another year."""

from __future__ import annotations

import csv
import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.divisions.plan import CHANGES_ZH, Entry, Plan
from addressbook.model import Level
from addressbook.store.division_changes import apply_divisions, begin_with
from addressbook.store.division_planning import plan_divisions
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import UNDATED
from addressbook.store.transactions import Because
from loaders.divisions import read_division_list
from loaders.output import written

divisions = typer.Typer(
    no_args_is_help=True, help="区划变更 — load a new year's divisions: see what it comes to, apply it, undo it."
)
ListFile = Annotated[Path, typer.Argument(help="the divisions of the year: code, name; CSV or .xlsx")]
Below = Annotated[str, typer.Option(help="the division that the list is of, e.g. 330109")]
Effective = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="from which day on it holds")]
Successions = Annotated[
    Path | None, typer.Option(help="old_code,new_code: what the lists cannot tell, and what goes before what they say")
]
Boundaries = Annotated[Path | None, typer.Option(help="GeoJSON of new outlines, with code")]
Coordinates = Annotated[str | None, typer.Option(help="of the outlines: wgs84, cgcs2000, gcj02 or bd09")]
Reason = Annotated[str, typer.Option(help="why; kept with the registry event")]
Document = Annotated[str, typer.Option(help="文号, the document it rests on")]
SHOWN = 60
HEADER = ("change", "old_code", "old_name", "new_codes", "new_names", "addresses", "links")


@divisions.command("plan")
def plan(
    file: ListFile, below: Below, effective: Effective, successions: Successions = None, boundaries: Boundaries = None,
    coordinates: Coordinates = None, out: Annotated[Path | None, typer.Option("-o", "--out")] = None,
) -> None:  # fmt: skip
    """区划变更方案 — what the list comes to, with how many addresses and links it touches; changes nothing."""
    given = read_division_list(
        file, below, effective.date(), successions=successions, boundaries=boundaries, coordinates=coordinates
    )
    with transaction(ready().engine) as connection:
        found = plan_divisions(connection, given)
    if out is not None:
        _write(found, out)
    _tell(found)


@divisions.command("apply")
def apply(
    file: ListFile, below: Below, effective: Effective, reason: Reason, document: Document = "",
    successions: Successions = None, boundaries: Boundaries = None, coordinates: Coordinates = None,
) -> None:  # fmt: skip
    """执行区划变更 — do what the plan says, as one event; `registry revert EVENT` undoes it."""
    given = read_division_list(
        file, below, effective.date(), successions=successions, boundaries=boundaries, coordinates=coordinates
    )
    with transaction(ready().engine) as connection:
        done = apply_divisions(connection, given, Because(getpass.getuser(), reason, document))
    _tell(done.plan)
    console.print(f"事件 event {done.event_id}: {done.addresses:,} 条地址已变更 addresses changed")


@divisions.command("begin")
def begin(file: ListFile, below: Below, reason: Reason, document: Document = "") -> None:
    """设定起始区划 — let a registry begin with the divisions of another year than the gazetteer's."""
    given = read_division_list(file, below, UNDATED)
    with transaction(ready().engine) as connection:
        event = begin_with(connection, given, Because(getpass.getuser(), reason, document))
    console.print(f"事件 event {event}: {len(given.rows):,} 个区划 divisions")


def _tell(plan: Plan) -> None:
    for change, numbers in plan.summary()["changes"].items():
        told = "  ".join(f"{level} {number:,}" for level, number in numbers.items())
        console.print(f"{CHANGES_ZH[change]} {change}: {told}", markup=False)
    shown = [entry for entry in plan.entries if _level(entry) != Level.COMMUNITY or entry in plan.undecided]
    for entry in shown[:SHOWN]:
        console.print("  " + _line(entry), markup=False, highlight=False, soft_wrap=True)
    if len(shown) > SHOWN:
        console.print(f"  … {len(shown) - SHOWN:,} 更多 more; -o FILE.csv 列出全部 lists all", markup=False)
    if any(plan.settled):
        by = plan.settled
        console.print(
            f"拆分归属 of what was split: 按坐标 by point {by.by_outline:,}, 按门牌 streets by plates {by.by_plates:,},"
            f" 留在主继承区划 left with the main successor {by.by_default:,}", markup=False, soft_wrap=True,
        )  # fmt: skip
    console.print(f"涉及 touched: {plan.touched.addresses:,} 条地址 addresses, {plan.touched.links:,} 条关联 links")


def _level(entry: Entry) -> Level:
    code = (entry.old or entry.new[0]).code
    return Level.COMMUNITY if not code.endswith("000") else Level.TOWN


def _line(entry: Entry) -> str:
    old = f"{entry.old.name} {entry.old.code}" if entry.old else ""
    new = "、".join(f"{named.name} {named.code}" for named in entry.new)
    counts = f"({entry.touched.addresses:,} / {entry.touched.links:,})"
    return f"{CHANGES_ZH[entry.change]} {entry.change}: {old} → {new} {counts}"


def _write(plan: Plan, out: Path) -> None:
    with written(out) as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for entry in plan.entries:
            old = entry.old or ("", "")
            new = [" ".join(column) for column in zip(*entry.new, strict=True)] or ["", ""]
            writer.writerow([entry.change.value, *old, *new, *entry.touched])


__all__ = ["divisions"]
