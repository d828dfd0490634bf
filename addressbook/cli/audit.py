"""Commands about the access log: verify its chain, search it, remove what is older than it has to be kept."""

from __future__ import annotations

import getpass
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from addressbook import identity
from addressbook.cli.common import Ready, ready
from addressbook.cli.consoles import console
from addressbook.divisions.codes import pad
from addressbook.errors import CodeError, FieldError, LogAltered
from addressbook.privacy.chain import AT_ONCE, Head, Verified, remove_older, verify
from addressbook.privacy.kept_head import KeptHead, accept, keep, seal_next, told
from addressbook.privacy.keys import check_secret
from addressbook.privacy.purposes import MAY_BE_WITHHELD
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import search_access
from addressbook.store.engine import at_one_moment, transaction

audit = typer.Typer(no_args_is_help=True, help="访问日志 — who has read which persons, and that nobody altered it.")
IDENTITY_CHARACTERS = 18
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@audit.command("verify")
def audit_verify(
    expect: Annotated[str | None, typer.Option(help="a head noted earlier, e.g. 1207:9f2c…: it must be there")] = None,
    accept_restored: Annotated[
        bool,
        typer.Option("--accept-restored", help="the database was restored: go on from where it ends, and log that"),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask whether to accept")] = False,
) -> None:
    """校验 — seal what waits, then recompute the whole chain; exit 1 and the place where it was altered."""
    noted = _head(expect) if expect else None
    at = ready()
    file = KeptHead(at.settings.home, at.secret)
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
    if accept_restored:
        _accept(at, file, yes=yes)
    kept = file.read()
    _seal_all(at, file)
    with at_one_moment(at.engine) as connection:
        found = verify(connection, at.secret, noted, kept)
    keep(at.engine, file, found.head)
    console.print(f"日志完整 the chain holds: {found.lines:,} 行 lines, {found.anchors} 锚点 anchors")
    _say_kept(file, kept, found)
    console.print(f"链尾 head {found.head}", markup=False, highlight=False, soft_wrap=True)


def _seal_all(at: Ready, file: KeptHead) -> None:
    try:
        while seal_next(at.engine, file) == AT_ONCE:
            pass
    except LogAltered:
        with at_one_moment(at.engine) as connection:
            verify(connection, at.secret, file.read())  # knows the first place
        raise


def _say_kept(file: KeptHead, kept: Head | None, found: Verified) -> None:
    """What the file in the home had to say about it."""
    if kept is None:
        words = f"本机此前没有链尾记录，已新建 no head was kept here: made anew at {found.head.position:,}"
    elif kept.position < found.head.position - found.lines:
        words = f"所存链尾已随旧行清理 the head kept, {kept.position:,}, is of lines that were removed since"
    else:
        words = f"与所存链尾一致 the head kept agrees at position {kept.position:,}"
    console.print(f"{words}: {file.path}", markup=False, highlight=False, soft_wrap=True)


def _accept(at: Ready, file: KeptHead, *, yes: bool) -> None:
    """Go on with the log as the database has it, where it is not the one that was kept."""
    with at_one_moment(at.engine) as connection:
        found = verify(connection, at.secret)
        with suppress(LogAltered):
            verify(connection, at.secret, file.read())
            console.print("无需接受 there is nothing to accept")
            return
    words = f"所存链尾 kept {told(file)}\n数据库 database {found.head}"
    console.print(words, markup=False, highlight=False, soft_wrap=True)
    if not yes:
        typer.confirm(
            "数据库确由备份恢复，以其现有日志为准？此举将记入日志。"
            " Was the database restored, and does its log count from now on? This is logged.", abort=True,
        )  # fmt: skip
    accept(at.engine, file, getpass.getuser())


@audit.command("search")
def audit_search(
    subject: Annotated[
        str | None,
        typer.Option(help="an element key, an identity number (- asks for it unseen), an address or an area"),
    ] = None,
    reader: Annotated[str | None, typer.Option(help="number or label of a key")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=FORMATS, help="from then on, UTC")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=FORMATS, help="before then, UTC")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 100,
    even_delayed: Annotated[
        bool, typer.Option("--all", help="of purposes told later, too: for administrators")
    ] = False,
) -> None:
    """查询 — who has read, newest first: of a person or a place, by a reader, in a time."""
    at = ready()
    filters: dict[str, Any] = {"person": None, "place": None, "key_id": None, "reader": None}
    if subject:
        filters |= _subject(subject, at.secret)
    if reader:
        filters |= {"key_id": int(reader)} if reader.isascii() and reader.isdigit() else {"reader": reader}
    times = {"since": since and since.replace(tzinfo=UTC), "until": until and until.replace(tzinfo=UTC)}
    with transaction(at.engine) as connection:
        found = search_access(
            connection, **filters, **times, limit=limit, even_delayed=even_delayed or not subject
        )  # fmt: skip
    for row in found:
        words = (
            f"{row['at'].astimezone(UTC):%Y-%m-%d %H:%M:%SZ}  密钥 key {row['key_id']} {row['reader']}"
            f"  用途 purpose {row['purpose'] or '—'}  {row['route']}  {row['subject']}  {row['fields']}"
            f"  人 persons {row['persons']}: {','.join(row['subjects'])}  {row['request_id']}"
        )
        console.print(words, markup=False, highlight=False, soft_wrap=True)
    if subject and not even_delayed:
        console.print(MAY_BE_WITHHELD, markup=False, highlight=False, soft_wrap=True)


@audit.command("remove")
def audit_remove(
    years: Annotated[int | None, typer.Option(min=3, help="keep so many; the setting where absent")] = None,
) -> None:
    """清理 — remove lines older than they are kept; an anchor keeps the rest verifiable."""
    at = ready()
    kept_years = years or at.settings.audit_years
    now = datetime.now(UTC)
    # Whole months, so that what the database counts to the second is past as well.
    before = datetime(now.year - kept_years, now.month, 1, tzinfo=UTC)
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
        kept = KeptHead(at.settings.home, at.secret).read()
        removed = remove_older(connection, at.secret, before, getpass.getuser(), kept)
    console.print(f"已清理 removed {removed:,} 行 lines before {before:%Y-%m-%d}")


def _head(words: str) -> Head:
    try:
        return Head.read(words)
    except ValueError:
        raise FieldError("bad_head", "expect", "that is no head.", zh="不是链尾。", remedy="POSITION:HASH") from None


def person_key(words: str, secret: Secret) -> UUID:
    """The element key of a person: as it is, or of an identity number, which `-` asks for. Raises FieldError."""
    given = typer.prompt("身份证号 identity number", hide_input=True) if words == "-" else words
    if len(given) == IDENTITY_CHARACTERS and given[:-1].isdigit():
        return secret.element_key("person", given.upper())
    try:
        return UUID(given)
    except ValueError:
        raise FieldError(
            "bad_subject", "subject", "that is neither an element key nor an identity number.",
            zh="既不是要素标识，也不是身份证号。",
        ) from None  # fmt: skip


def _subject(words: str, secret: Secret) -> dict[str, str]:
    """Whom or what a search is about, as the log names it."""
    with suppress(FieldError):
        return {"person": str(person_key(words, secret))}
    for read in (identity.parse, pad):
        with suppress(CodeError):
            return {"place": read(words)}
    return {"place": words}
