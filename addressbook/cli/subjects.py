"""Commands about the rights of one person: export, correct, restrict, release, erase."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer
from sqlalchemy import Connection

from addressbook.cli.audit import person_key
from addressbook.cli.common import Out, ready
from addressbook.cli.consoles import console
from addressbook.errors import FileError
from addressbook.privacy import subjects as rights
from addressbook.privacy.keys import check_secret
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import take_your_time, transaction

subjects = typer.Typer(no_args_is_help=True, help="个人权利 — what is kept of one person, at that person's request.")
Answer = TypeVar("Answer")
Whom = Annotated[str, typer.Argument(help="an element key, an identity number, or - to be asked for it unseen")]
Reason = Annotated[str, typer.Option(help="the request it rests on; kept in the access log")]


@subjects.command("export")
def exported(whom: Whom, out: Out, reason: Reason) -> None:
    """查阅、复制 — everything about the person as JSON, in a file that nobody else can read."""
    found = _done(whom, reason, lambda connection, secret, asked: rights.export(connection, secret, asked))
    _write(out, orjson.dumps(found, option=orjson.OPT_INDENT_2))
    console.print(f"已写入 written: {out}", markup=False, soft_wrap=True)


@subjects.command("correct")
def corrected(
    whom: Whom,
    reason: Reason,
    name: Annotated[str | None, typer.Option(help="the right name")] = None,
    phone: Annotated[str | None, typer.Option(help="the right phone number; empty: none")] = None,
) -> None:
    """更正 — name or phone, until a source delivers the person's row with a change in it."""
    _done(whom, reason, lambda connection, secret, asked: rights.correct(
        connection, secret, asked, name=name, phone=phone))  # fmt: skip


@subjects.command("restrict")
def restricted(whom: Whom, reason: Reason) -> None:
    """限制处理 — nobody sees the person any more, masked or in full; it is counted."""
    _done(whom, reason, lambda connection, _secret, asked: rights.restrict(connection, asked))


@subjects.command("release")
def released(whom: Whom, reason: Reason) -> None:
    """解除限制 — the person is shown as any other again."""
    _done(whom, reason, lambda connection, secret, asked: rights.release(connection, secret, asked))


@subjects.command("erase")
def erased(
    whom: Whom, reason: Reason, yes: Annotated[bool, typer.Option("--yes", help="do not ask whether to")] = False
) -> None:
    """删除 — for ever: name, numbers, texts and rows as received; links and counts stay."""
    if not yes:
        typer.confirm("删除后无法恢复，是否继续？ This cannot be undone. Go on?", abort=True)
    _done(whom, reason, lambda connection, _secret, asked: rights.erase(connection, asked))


def _done(whom: str, reason: str, what: Callable[[Connection, Secret, rights.Request], Answer]) -> Answer:
    at = ready()
    asked = rights.Request(person_key(whom, at.secret), getpass.getuser(), reason)
    with transaction(at.engine) as connection:
        take_your_time(connection)
        check_secret(connection, at.secret)
        answer = what(connection, at.secret, asked)
    console.print(f"完成 done {asked.key}")
    return answer


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as fault:
        raise FileError(f"{path} cannot be written: {fault.strerror}.", zh=f"无法写入 {path}。") from None
