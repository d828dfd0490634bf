"""The `addressbook` command: the composition root, the one package that may import api and loaders."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.aliases import aliases
from addressbook.cli.common import DivisionCode, File, Out, Ready, console, errors, ready
from addressbook.cli.divisions import divisions
from addressbook.cli.identifiers import identifiers
from addressbook.cli.mirrors import mirrors
from addressbook.cli.quality import doubts, quality
from addressbook.cli.registry import registry
from addressbook.cli.review import review
from addressbook.cli.texts import texts
from addressbook.cli.training import training
from addressbook.cli.webhooks import webhooks
from addressbook.config import Settings, read_settings
from addressbook.divisions import Gazetteer
from addressbook.errors import (
    AccessError,
    AddressbookError,
    BusyError,
    ClusterError,
    DatabaseError,
    DiskFull,
    InputError,
    NotFoundError,
    SettingError,
)
from addressbook.links import Unresolved
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.store import cluster
from addressbook.store.divisions import load_divisions
from addressbook.store.engine import transaction, translated
from addressbook.store.migrations import migrate
from addressbook.store.rollups import check_rollups
from loaders import demo as demo_district
from loaders.areas import AreaKind, load_areas
from loaders.output import keep_apart
from loaders.reading.header import printable
from loaders.report import FaultKeeper, print_totals, progress_bar
from loaders.request import LoadKind, LoadRequest, shown_name
from loaders.running import run_load
from loaders.sample import write_sample
from loaders.snapshot import export_snapshot
from loaders.tools import export_bridge

app = typer.Typer(no_args_is_help=True, add_completion=False, help="统一地址库 — the unified address registry.")
export_app = typer.Typer(no_args_is_help=True, help="导出 — export tables that other systems join with.")
key_app = typer.Typer(no_args_is_help=True, help="访问密钥 — keys for the service.")
for group, group_name in (
    (export_app, "export"), (key_app, "key"), (texts, None), (training, None), (aliases, "alias"),
    (registry, "registry"), (review, "review"), (divisions, "divisions"), (mirrors, None),
    (identifiers, "identifier"), (webhooks, "webhook"), (quality, None), (doubts, "doubt"),
):  # fmt: skip
    app.add_typer(group, name=group_name)

EXIT_CODES: dict[type[AddressbookError], int] = {
    SettingError: 2,
    InputError: 3,
    NotFoundError: 4,
    BusyError: 5,
    ClusterError: 6,
    DiskFull: 8,
    DatabaseError: 7,
    AccessError: 9,
    AddressbookError: 1,
}
"""The first class that fits gives the exit code."""
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
"""As shells tell a command that a signal ended."""

Source = Annotated[str | None, typer.Option(help="name of the source; default: the kind")]
CoordinateSystem = Annotated[str | None, typer.Option("--coordinates", help="wgs84, cgcs2000, gcj02 or bd09")]
Rejects = Annotated[Path | None, typer.Option(help="write every row that was not plainly linked to this CSV")]


@app.command()
def up() -> None:
    """启动数据库 — start the private PostGIS and bring its schema up to date."""
    with translated():
        migrate(cluster.database_url(read_settings()))
    status()


@app.command()
def down() -> None:
    """停止数据库 — stop the private PostGIS; the data stays."""
    cluster.down(read_settings().home)


@app.command()
def status() -> None:
    """数据库状态 — say whether the private PostGIS runs, and where its data lies."""
    settings = read_settings()
    if settings.database_url is not None:
        console.print("使用外部数据库 using the database of ADDRESSBOOK_DATABASE_URL")
        return
    found = cluster.status(settings.home)
    console.print(f"{found.state}  {found.data}  {found.url or ''}", markup=False, soft_wrap=True)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """数据库命令行 — open psql on the private PostGIS; arguments are passed on."""
    raise typer.Exit(cluster.psql(read_settings().home, context.args))


@app.command()
def gazetteer() -> None:
    """载入全国行政区划 — replace the national divisions in the database by those that ship with this version."""
    with transaction(ready().engine) as connection, progress_bar("行政区划 divisions") as progress:
        number = load_divisions(connection, Gazetteer.shipped(), progress)
    console.print(f"{number:,} 个行政区划 divisions")


@app.command()
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


@app.command()
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


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="folder to write into")],
    addresses: Annotated[int, typer.Option(min=100, help="rows of the address list")] = 20_000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same files")] = 7,
) -> None:
    """生成示例区 — write a fictitious district with the messy files people send, and the truth beside them."""
    with progress_bar("示例 sample") as progress:
        write_sample(out, addresses=addresses, seed=seed, progress=lambda _, done, total: progress(done, total))
    console.print(f"{out}", markup=False)


@export_app.command("bridge")
def bridge(source: Annotated[str, typer.Option()], out: Out) -> None:
    """导出对照表 — source_key, aid, state of every row of a source that has an address."""
    with translated(), ready().engine.connect() as connection, progress_bar(source) as progress:
        number = export_bridge(connection, source, out, progress)
    console.print(f"{number:,} → {out}", markup=False)


@export_app.command("snapshot")
def snapshot(
    out: Out, at: Annotated[int | None, typer.Option(min=0, help="a transaction; default: the newest")] = None
) -> None:
    """导出快照 — every address as a transaction left it: .csv or .parquet (GeoParquet)."""
    with translated(), ready().engine.connect() as connection, progress_bar("快照 snapshot") as progress:
        event, number = export_snapshot(connection, out, at, progress)
    console.print(f"事务 transaction {event}: {number:,} → {out}", markup=False)


@key_app.command("create")
def key_create(role: Annotated[AccessRole, typer.Option()], label: Annotated[str, typer.Option()]) -> None:
    """新建密钥 — make a key for the service; it is shown once."""
    with transaction(ready().engine) as connection:
        key = create_key(connection, role, label)
    console.print(key, markup=False)


@app.command("check")
def check_counts() -> None:
    """核对汇总 — recount from the links and compare with the kept counts; exit 1 where they differ."""
    with translated(), ready().engine.connect() as connection:
        wrong = check_rollups(connection)
    console.print("汇总一致 the counts agree" if not wrong else f"{len(wrong)} 处不一致 counts differ: {wrong[:5]}")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def serve() -> None:
    """启动服务 — serve the API and the page until Ctrl-C."""
    ready()
    _serve(read_settings())


@app.command()
def demo(addresses: Annotated[int, typer.Option(min=100)] = 20_000, seed: Annotated[int, typer.Option()] = 7) -> None:
    """示例 — load the sample district where it is not loaded yet, serve it, and print where to look."""
    at = ready()
    district = demo_district.prepare(at.engine, at.secret, at.settings.home, addresses=addresses, seed=seed)
    at.engine.dispose()
    demo_district.print_where_to_look(at.settings, district)
    _serve(at.settings)


def _serve(settings: Settings) -> None:
    # Imported here because the service's libraries take a second that no other command should pay.
    from api import serve as serve_api

    serve_api(settings)


class _Stop:
    """SIGTERM (systemd, a container's end) made to end a command just as Ctrl-C does; remembers that it came."""

    def __init__(self) -> None:
        self.code = INTERRUPTED
        self._here = os.getpid()
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, number: int, _frame: object) -> None:
        if os.getpid() != self._here:  # a worker process that was forked this very moment
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        signal.signal(number, signal.SIG_IGN)  # a second one would break into the clean end
        self.code = TERMINATED
        raise KeyboardInterrupt

    def say(self) -> int:
        """Tell what has become of the command; returns the exit code."""
        errors.print("已中断；已完成的部分已保存，再次运行同一命令即可继续。\nStopped; run the same command to go on.")
        return self.code


@contextmanager
def reported() -> Iterator[None]:
    """Turn every fault into one sentence in Chinese, one in English with the remedy, and an exit code."""
    stop = _Stop()
    try:
        yield
    except AddressbookError as fault:
        if stop.code == TERMINATED:  # sent to the whole group it may have ended a worker process first
            sys.exit(stop.say())
        errors.print(f"错误：{fault.zh}\nerror: {fault}", markup=False, highlight=False, soft_wrap=True, style="red")
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(fault, kind)))
    except KeyboardInterrupt:
        sys.exit(stop.say())
    except SystemExit as end:
        # Typer's way of passing an interrupt on; any other exit has said its own words.
        if end.code == INTERRUPTED:
            sys.exit(stop.say())
        raise


def main() -> None:
    """Entry point of the `addressbook` command; wrong usage is told by Typer, with exit code 2."""
    with reported():
        app()
