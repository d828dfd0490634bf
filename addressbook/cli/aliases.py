"""Commands about aliases: teach one, withdraw one, list those of an address."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.identity import parse as parse_aid, printed
from addressbook.match import NameIndex
from addressbook.parse import Parser
from addressbook.store.aliases import aliases_of, remember_alias, withdraw_alias
from addressbook.store.engine import transaction, translated
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.names import read_names
from addressbook.store.teaching import hold_addresses, lesson_for

aliases = typer.Typer(no_args_is_help=True, help="别名 — other names of addresses, learnt from decisions.")
Aid = Annotated[str, typer.Argument(help="identity code, e.g. B7K3-M9QX-W2HF")]
Reason = Annotated[str, typer.Option(help="why; kept with the registry event")]


@aliases.command("add")
def add(
    aid: Aid,
    text: Annotated[str, typer.Argument(help="the text as it was written, or only the other name")],
    reason: Reason = "decided by a reviewer",
) -> None:
    """记住别名 — from today on this text means this address."""
    chosen = parse_aid(aid)
    with transaction(ready().engine) as connection:
        gazetteer = gazetteer_of(connection)
        hold_addresses(connection)
        index = NameIndex(read_names(connection)[0], gazetteer)
        lesson = lesson_for(connection, Parser(gazetteer, index), index, chosen, text)
        remember_alias(connection, lesson, actor=getpass.getuser(), reason=reason)
    console.print(f"{printed(lesson.aid)}  别名 alias  {lesson.name}", markup=False)
    if lesson.aid != chosen:
        console.print("别名属于它的上级地点 — the name belongs to the place it lies in")


@aliases.command("withdraw")
def withdraw(aid: Aid, name: Annotated[str, typer.Argument(help="the alias")], reason: Reason = "found wrong") -> None:
    """撤销别名 — end an alias today, and list what it linked."""
    with transaction(ready().engine) as connection:
        linked = withdraw_alias(connection, parse_aid(aid), name, actor=getpass.getuser(), reason=reason)
    console.print(f"已撤销 withdrawn; {len(linked)} 条关联由它产生 links were made by it")
    for link in linked:
        console.print(
            f"{link.element_kind}  {link.role}  {printed(link.aid)}  {link.received_text}", markup=False, soft_wrap=True
        )


@aliases.command("list")
def listed(aid: Aid) -> None:
    """列出别名 — every alias an address has had, with its origin and dates."""
    with translated(), ready().engine.connect() as connection:
        rows = aliases_of(connection, parse_aid(aid))
    for name, origin, since, until in rows:
        console.print(f"{name}  {origin}  {since or '…'} – {until or '…'}", markup=False)
