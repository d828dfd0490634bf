"""Commands about texts: parse, clean and compare columns of a file, explain one text."""

from __future__ import annotations

from typing import Annotated

import typer

from addressbook.cli.common import DivisionCode, File, Out, ready, settings_for_reading
from addressbook.cli.consoles import console
from addressbook.divisions import Gazetteer
from addressbook.errors import DatabaseError
from addressbook.match import NameIndex, Resolver
from addressbook.match.explain import Stage, decision_stages, parse_stages
from addressbook.model import Resolution
from addressbook.parse import Parser
from addressbook.store import cluster
from addressbook.store.engine import make_engine, translated
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from loaders.comparing import compare_file
from loaders.report import progress_bar
from loaders.tools import clean_file, parse_file

texts = typer.Typer()
NO_DATABASE = Stage(
    "candidates", "候选", "candidates", ("没有可用的数据库，到解析为止 no database is up: explained as far as parsing",)
)


@texts.command()
def parse(file: File, column: Annotated[str, typer.Option()], out: Out, division: DivisionCode = None) -> None:
    """解析地址 — label every element of a column of addresses; one JSON object a row."""
    with progress_bar(file.name) as progress:
        number = parse_file(file, column, out, division=division or settings_for_reading().division, progress=progress)
    console.print(f"{number:,} → {out}", markup=False)


@texts.command()
def clean(file: File, column: Annotated[str, typer.Option()], out: Out, division: DivisionCode = None) -> None:
    """清洗地址 — add the identity code and how it was found to every row of a file; stores nothing."""
    at = ready()
    where = division or at.settings.division
    with translated(), at.engine.connect() as connection, progress_bar(file.name) as progress:
        counts = clean_file(connection, file, column, out, division=where, progress=progress)
    console.print(f"{'  '.join(f'{name} {number:,}' for name, number in counts.items())} → {out}", markup=False)


@texts.command()
def compare(
    file: File,
    columns: Annotated[str, typer.Option(help="the two columns of addresses, with a comma between them: a,b")],
    out: Out,
    division: DivisionCode = None,
) -> None:
    """比较地址 — say of every row whether two addresses are the same, partly the same or different; no registry."""
    where = division or settings_for_reading().division
    with progress_bar(file.name) as progress:
        counts = compare_file(file, columns, out, division=where, progress=progress)
    told = "  ".join(f"{verdict.zh} {verdict} {number:,}" for verdict, number in counts.items())
    console.print(f"{told} → {out}", markup=False)


@texts.command()
def explain(text: Annotated[str, typer.Argument(help="one address, in quotes")], division: DivisionCode = None) -> None:
    """解释地址 — print what each stage makes of a text: normalising, elements, division, candidates, decision."""
    where = division or settings_for_reading().division
    text = text.encode(errors="replace").decode()  # a terminal may pass on bytes that are no text at all
    answer, gazetteer = _resolved(text, where)
    parsed = answer.parsed if answer else Parser(Gazetteer.shipped(), None).parse(text, division=where)
    later = decision_stages(answer) if answer else [NO_DATABASE]
    for stage in (*parse_stages(parsed, gazetteer), *later):
        console.print(f"{stage.zh} {stage.en}", style="bold", markup=False)
        for line in stage.lines:
            console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _resolved(text: str, division: str | None) -> tuple[Resolution | None, Gazetteer]:
    """The answer of the registry, and its gazetteer; None and the shipped one where no database is up.

    Explaining starts none, and that is no reason to fail.
    """
    settings = settings_for_reading()
    url = cluster.database_url(settings) if settings.database_url else cluster.status(settings.home).url
    if url is None:
        return None, Gazetteer.shipped()
    try:
        with translated(), make_engine(url).connect() as connection:
            gazetteer = gazetteer_of(connection)
            resolver = Resolver(gazetteer, NameIndex(read_names(connection)[0], gazetteer))
            return resolver.resolve_batch([text], SqlPathLookup(connection), division=division)[0], gazetteer
    except DatabaseError:
        return None, Gazetteer.shipped()


__all__ = ["texts"]
