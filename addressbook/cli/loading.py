"""Commands about files: loading them, proposing addresses from them, making samples, exporting tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.common import DivisionCode, File, Out, Ready, ready
from addressbook.cli.consoles import console
from addressbook.links import Unresolved
from addressbook.store.engine import translated
from addressbook.views.changes import need_snapshot
from loaders.areas import AreaKind, load_areas
from loaders.output import keep_apart
from loaders.reading.header import printable
from loaders.report import FaultKeeper, print_totals, progress_bar
from loaders.request import LoadKind, LoadRequest, shown_name
from loaders.running import run_load
from loaders.sample import write_sample
from loaders.snapshot import export_snapshot
from loaders.tools import export_bridge, export_outside_codes

loading = typer.Typer()
exports = typer.Typer(no_args_is_help=True, help="导出 — export tables that other systems join with.")
Source = Annotated[str | None, typer.Option(help="name of the source; default: the kind")]
CoordinateSystem = Annotated[str | None, typer.Option("--coordinates", help="wgs84, cgcs2000, gcj02 or bd09")]
Rejects = Annotated[Path | None, typer.Option(help="write every row that was not plainly linked to this CSV")]


@loading.command()
def load(
    kind: LoadKind,
    file: File,
    source: Source = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML naming the columns of this source")] = None,
    coordinates: CoordinateSystem = None,
    division: DivisionCode = None,
    unresolved: Annotated[
        Unresolved,
        typer.Option(help="rows whose address is only partly known: wait for review, or hang on what is certain"),
    ] = Unresolved.REVIEW,
    full_snapshot: Annotated[bool, typer.Option(help="rows absent from the file have ended")] = False,
    area_kind: Annotated[AreaKind, typer.Option(help="of areas: division, grid or custom")] = AreaKind.DIVISION,
    rejects: Rejects = None,
) -> None:
    """载入文件 — load a file of one kind; every row ends linked, in review or rejected."""
    at = ready()
    # Next month's file has another name and the same rows: unless told, all files of a kind are one source.
    name = source or kind.value
    if kind is LoadKind.AREAS:
        with FaultKeeper(rejects) as keep:
            totals = load_areas(
                at.engine, file, name, kind=area_kind, coordinate_system=coordinates, mapping=mapping, keep_faults=keep
            )
        print_totals(name, totals, keep.first, [])
        return
    request = LoadRequest(
        kind.value, file, name, mapping, coordinates, division or at.settings.division, unresolved, full_snapshot
    )
    _run(at, request, rejects)


@loading.command()
def propose(
    file: File,
    column: Annotated[str, typer.Option(help="the column that holds addresses")],
    source: Source = None,
    division: DivisionCode = None,
    rejects: Rejects = None,
) -> None:
    """拟建地址 — propose provisional addresses from any file that has addresses; the same place is one code."""
    at = ready()
    name = source or f"proposals:{printable(shown_name(file))}"
    request = LoadRequest("proposals", file, name, division=division or at.settings.division, column=column)
    _run(at, request, rejects)


def _run(at: Ready, request: LoadRequest, rejects: Path | None) -> None:
    if rejects is not None:
        keep_apart(rejects, request.path)
    with FaultKeeper(rejects) as faults, progress_bar(shown_name(request.path)) as progress:
        report = run_load(at.engine, at.secret, request, progress=progress, keep_faults=faults)
    print_totals(f"{report.source} · batch {report.batch_id}", report.totals, faults.first, report.notes)


@loading.command()
def sample(
    out: Annotated[Path, typer.Argument(help="folder to write into")],
    addresses: Annotated[int, typer.Option(min=100, help="rows of the address list")] = 20_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same files")] = 7,
    elements: Annotated[
        int | None, typer.Option(min=0, help="people, houses, enterprises, events and things; as many as addresses")
    ] = None,
) -> None:
    """生成示例区 — write a fictitious district with the messy files people send, and the truth beside them."""
    with progress_bar("示例 sample") as progress:
        write_sample(
            out, addresses=addresses, seed=seed, elements=elements,
            progress=lambda _, done, total: progress(done, total),
        )  # fmt: skip
    console.print(f"{out}", markup=False)


@exports.command("bridge")
def bridge(
    out: Out,
    source: Annotated[str | None, typer.Option(help="rows of this source: source_key, aid, state")] = None,
    scheme: Annotated[str | None, typer.Option(help="outside codes of this scheme, e.g. 'JGJ/T 246'")] = None,
) -> None:
    """导出对照表 — from the keys of a source, or from outside codes, to the codes that stand today."""
    if (source is None) == (scheme is None):
        raise typer.BadParameter("请给出 --source 或 --scheme 之一。 Give either --source or --scheme.")
    with translated(), ready().engine.connect() as connection, progress_bar(source or scheme or "") as progress:
        if scheme is not None:
            number = export_outside_codes(connection, scheme, out, progress)
        else:
            number = export_bridge(connection, source or "", out, progress)
    console.print(f"{number:,} → {out}", markup=False)


@exports.command("snapshot")
def snapshot(
    out: Out, at: Annotated[int | None, typer.Option(min=0, help="a transaction; default: the newest")] = None
) -> None:
    """导出快照 — every address as a transaction left it: .csv or .parquet (GeoParquet)."""
    here = ready()
    with translated(), here.engine.connect() as connection, progress_bar("快照 snapshot") as progress:
        event = need_snapshot(connection, at, here.settings.changes_years)
        number = export_snapshot(connection, out, event, progress)
    console.print(f"事务 transaction {event}: {number:,} → {out}", markup=False)
