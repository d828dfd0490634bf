"""The command that tunes the costs of reading on the registry's own names."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.divisions import Gazetteer
from addressbook.parse.costs import costs
from addressbook.store.engine import translated
from addressbook.store.names import read_names
from addressbook.train.tables import write
from addressbook.train.training import Trained, train
from loaders.report import progress_bar

training = typer.Typer()


@training.command("train")
def train_tables(
    texts: Annotated[int, typer.Option(min=100, max=200_000, help="made-up texts to learn from")] = 8000,
    passes: Annotated[int, typer.Option(min=2, max=50, help="times to go over them")] = 8,
    seed: Annotated[int, typer.Option(help="another seed makes other texts")] = 1,
) -> None:
    """训练 — tune the costs of reading on texts made from the registry's own names; no labelled address is needed."""
    at = ready()
    with translated(), at.engine.connect() as connection:
        names, _ = read_names(connection)
    with progress_bar("train") as progress:
        trained = train(Gazetteer.shipped(), names, texts=texts, passes=passes, seed=seed, progress=progress)
    console.print(
        f"登记库名称 {len(names):,} names of the registry; 自造文本 {texts:,} texts made from one half of them"
    )
    console.print(_report(trained))
    if not trained.better:
        console.print("没有变好，未改动代价表 — no better on the other half: the tables stay as they are")
        return
    put_in_place(trained, at.settings.tables)
    console.print(f"已写入 written, used from the next command on: {at.settings.tables}", markup=False, soft_wrap=True)
    console.print(
        "撤销：删除该目录 — to go back, remove that folder; a running service reads it when it is started again"
    )


def _report(trained: Trained) -> Table:
    table = Table("要素 elements", "个数 spans", "训练前 F1 before", "训练后 F1 after")
    for group, after in trained.after.items():
        if after.spans:
            table.add_row(group, f"{after.spans:,}", f"{trained.before[group].f1:.4f}", f"{after.f1:.4f}")
    return table


def put_in_place(trained: Trained, folder: Path) -> None:
    """Write the tables beside the folder, then swap: a command that starts meanwhile finds the old or the new ones."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    write(costs(), trained.weights, made)
    made.chmod(0o755)
    old = made.with_name(f"{made.name}-old")
    if folder.exists():
        folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
