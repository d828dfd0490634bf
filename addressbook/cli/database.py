"""Commands about the database: the private PostGIS, the national divisions in it, and whether its counts agree."""

from __future__ import annotations

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.config import read_settings
from addressbook.divisions import Gazetteer
from addressbook.store import cluster
from addressbook.store.divisions import load_divisions
from addressbook.store.engine import at_one_moment, transaction, translated
from addressbook.store.migrations import migrate
from addressbook.store.rollups import check_rollups
from loaders.report import progress_bar

database = typer.Typer()


@database.command()
def up() -> None:
    """启动数据库 — start the private PostGIS and bring its schema up to date."""
    with translated():
        migrate(cluster.database_url(read_settings()))
    status()


@database.command()
def down() -> None:
    """停止数据库 — stop the private PostGIS; the data stays."""
    cluster.down(read_settings().home)


@database.command()
def status() -> None:
    """数据库状态 — say whether the private PostGIS runs, and where its data lies."""
    settings = read_settings()
    if settings.database_url is not None:
        console.print("使用外部数据库 using the database of ADDRESSBOOK_DATABASE_URL")
        return
    found = cluster.status(settings.home)
    console.print(f"{found.state}  {found.data}  {found.url or ''}", markup=False, soft_wrap=True)


@database.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """数据库命令行 — open psql on the private PostGIS; arguments are passed on."""
    raise typer.Exit(cluster.psql(read_settings().home, context.args))


@database.command()
def gazetteer() -> None:
    """载入全国行政区划 — replace the national divisions in the database by those that ship with this version."""
    with transaction(ready().engine) as connection, progress_bar("行政区划 divisions") as progress:
        number = load_divisions(connection, Gazetteer.shipped(), progress)
    console.print(f"{number:,} 个行政区划 divisions")


@database.command("check")
def check_counts() -> None:
    """核对汇总 — recount from the links and compare with the kept counts; exit 1 where they differ."""
    with at_one_moment(ready().engine) as connection:
        wrong = check_rollups(connection)
    console.print("汇总一致 the counts agree" if not wrong else f"{len(wrong)} 处不一致 counts differ: {wrong[:5]}")
    raise typer.Exit(1 if wrong else 0)
