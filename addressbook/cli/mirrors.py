"""The command that keeps a copy of another registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.consoles import console
from addressbook.errors import DatabaseError
from loaders.mirroring import Source, compare, follow
from loaders.report import progress_bar

mirrors = typer.Typer()


@mirrors.command()
def mirror(
    url: Annotated[str, typer.Argument(help="the registry, e.g. http://127.0.0.1:8000")],
    out: Annotated[Path, typer.Option("-o", "--out", help="the copy, a file of SQLite")],
    key: Annotated[str, typer.Option(envvar="ABK_KEY", help="a key that may read addresses")],
    every: Annotated[float | None, typer.Option(min=0.1, help="seconds; keep following until interrupted")] = None,
    check: Annotated[bool, typer.Option("--check", help="compare checksums at the end")] = False,
) -> None:
    """镜像 — build a copy of a registry and follow it; killed, it goes on where it stopped."""
    source = Source(url, key)
    with progress_bar("镜像 mirror") as progress:
        tx = follow(source, out, pause_s=every, progress=progress)
    console.print(f"已同步至事务 up to transaction {tx}")
    if check:
        same, tx, number = compare(source, out)
        if not same:
            raise DatabaseError(
                f"the copy differs from {url} at transaction {tx}.", zh=f"镜像在事务 {tx} 处与来源不一致。",
                remedy="Remove the file and build it anew.",
            )  # fmt: skip
        console.print(f"校验一致 the same: {number:,} 个地址 addresses at transaction {tx}")
