"""Commands about the access log: verify its chain, search it, remove what is older than it has to be kept."""

from __future__ import annotations

import getpass
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from addressbook import identity
from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.divisions.codes import pad
from addressbook.errors import CodeError, FieldError
from addressbook.privacy.chain import AT_ONCE, Head, remove_older, seal, verify
from addressbook.privacy.keys import check_secret
from addressbook.privacy.purposes import MAY_BE_WITHHELD
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import search_access
from addressbook.store.engine import transaction

audit = typer.Typer(no_args_is_help=True, help="访问日志 — who has read which persons, and that nobody altered it.")
IDENTITY_CHARACTERS = 18
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


@audit.command("verify")
def audit_verify(
    expect: Annotated[str | None, typer.Option(help="a head noted earlier, e.g. 1207:9f2c…: it must be there")] = None,
) -> None:
    """校验 — seal what waits, then recompute the whole chain; exit 1 and the place where it was altered."""
    noted = _head(expect) if expect else None
    at = ready()
    sealed = AT_ONCE
    while sealed == AT_ONCE:
        with transaction(at.engine) as connection:
            check_secret(connection, at.secret)
            sealed = seal(connection, at.secret)
    with transaction(at.engine) as connection:
        found = verify(connection, at.secret, noted)
    console.print(f"日志完整 the chain holds: {found.lines:,} 行 lines, {found.anchors} 锚点 anchors")
    console.print(f"链尾 head {found.head}", markup=False, highlight=False, soft_wrap=True)


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
    kept = years or at.settings.audit_years
    now = datetime.now(UTC)
    # Whole months, so that what the database counts to the second is past as well.
    before = datetime(now.year - kept, now.month, 1, tzinfo=UTC)
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
        removed = remove_older(connection, at.secret, before, getpass.getuser())
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
