"""Commands about quality: the figures, the rows behind one, and doubts about single attributes."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.divisions.codes import pad
from addressbook.identity import parse
from addressbook.store.doubts import ATTRIBUTES, close_doubt, open_doubt
from addressbook.store.engine import transaction
from addressbook.store.reading import Row
from addressbook.store.transactions import Because
from addressbook.views.quality import Scope, figure_page, figures

quality = typer.Typer()
doubts = typer.Typer(no_args_is_help=True, help="存疑 — attributes of addresses under review; the record stays usable.")
Aid = Annotated[str, typer.Argument(help="identity code, e.g. B7K3-M9QX-W2HF")]
Attribute = Annotated[str, typer.Argument(help=", ".join(ATTRIBUTES))]
Reason = Annotated[str, typer.Option(help="why; kept with the registry event")]
SHOWN_PARTS = 8


@quality.command("quality")
def shown(
    division: Annotated[str | None, typer.Option(help="all that lies in it, e.g. 330109")] = None,
    figure: Annotated[str | None, typer.Option(help="list the rows behind this figure")] = None,
    part: Annotated[str | None, typer.Option(help="of the figure, only this part")] = None,
    limit: Annotated[int, typer.Option(min=1, help="so many rows")] = 50,
    since: Annotated[int, typer.Option(min=0, help="of churn: behind this transaction")] = 0,
    until: Annotated[int | None, typer.Option(min=0, help="of churn: up to this transaction")] = None,
) -> None:
    """质量 — how good the registry is: coverage, doubts, duplicates, misplaced points, links, sources, churn."""
    scope = Scope(datetime.now(UTC), pad(division) if division else None, since, until)
    with transaction(ready().engine) as connection:
        if figure is None:
            _print_figures(figures(connection, scope))
            return
        rows, more = figure_page(connection, figure, scope, part=part, after=None, limit=limit)
    for row in rows:
        told = "  ".join(str(value) for value in row.values() if value not in (None, ""))
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    if more:
        console.print(f"仅列出前 {limit} 条 the first {limit} only: --limit")


def _print_figures(found: list[Row]) -> None:
    table = Table("指标 figure", "数值 value", "总数 of", "占比 share", "其中 parts")
    for row in found:
        share = "" if row["share"] is None else f"{row['share']:.1%}"
        largest = sorted(row["parts"].items(), key=lambda part: -part[1])
        told = [f"{part or '–'} {value:,}" for part, value in largest[:SHOWN_PARTS]]
        told += ["…"] if largest[SHOWN_PARTS:] else []
        table.add_row(f"{row['zh']} {row['figure']}", f"{row['value']:,}", f"{row['of']:,}", share, ", ".join(told))
    console.print(table)


@doubts.command("open")
def opened(
    aid: Aid, attribute: Attribute, sentence: Annotated[str, typer.Argument(help="what is doubtful")], reason: Reason
) -> None:  # fmt: skip
    """存疑 — put an attribute under review, with a sentence for whoever reads the record."""
    with transaction(ready().engine) as connection:
        event = open_doubt(connection, parse(aid), attribute, sentence, Because(getpass.getuser(), reason))
    console.print(f"事件 event {event}")


@doubts.command("close")
def closed(aid: Aid, attribute: Attribute, reason: Reason) -> None:
    """核实完毕 — an attribute is no longer under review; the reason says what was found."""
    with transaction(ready().engine) as connection:
        event = close_doubt(connection, parse(aid), attribute, Because(getpass.getuser(), reason))
    console.print(f"事件 event {event}")
