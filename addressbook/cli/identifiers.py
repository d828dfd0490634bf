"""Commands about outside codes: give one, end one, look them up both ways."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.identity import parse, printed
from addressbook.store.engine import transaction, translated
from addressbook.store.identifiers import end, find, give
from addressbook.store.transactions import Because

identifiers = typer.Typer(no_args_is_help=True, help="外部编码 — codes that others have for addresses.")
Aid = Annotated[str, typer.Argument(help="identity code, e.g. B7K3-M9QX-W2HF")]
Scheme = Annotated[str, typer.Argument(help="JGJ/T 246, 不动产单元代码, 25位编码, or any other name")]
Value = Annotated[str, typer.Argument(help="the outside code")]
Reason = Annotated[str, typer.Option(help="why; kept with the registry event")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@identifiers.command("give")
def given(aid: Aid, scheme: Scheme, value: Value, reason: Reason, since: Day = None) -> None:
    """登记外部编码 — from that day on the address has this code; given again with another day, the day is corrected."""
    because = Because(getpass.getuser(), reason)
    with transaction(ready().engine) as connection:
        event = give(connection, parse(aid), scheme, value, since.date() if since else None, because)
    console.print(f"事件 event {event}")


@identifiers.command("end")
def ended(aid: Aid, scheme: Scheme, value: Value, reason: Reason, until: Day = None) -> None:
    """注销外部编码 — the address has this code until that day, today where absent."""
    day = until.date() if until else datetime.now(UTC).date()
    with transaction(ready().engine) as connection:
        event = end(connection, parse(aid), scheme, value, day, Because(getpass.getuser(), reason))
    console.print(f"事件 event {event}")


@identifiers.command("find")
def found(
    value: Annotated[str | None, typer.Argument(help="the outside code")] = None,
    scheme: Annotated[str | None, typer.Option()] = None,
    aid: Annotated[str | None, typer.Option(help="codes of this address")] = None,
) -> None:
    """查外部编码 — the address that has a code, or the codes that an address has."""
    with translated(), ready().engine.connect() as connection:
        rows = find(connection, scheme=scheme, value=value, aid=parse(aid) if aid else None)
    for row in rows:
        dates = f"{row['valid_from'] or '…'} – {row['valid_to'] or '…'}"
        words = f"{row['scheme']}  {row['value']}  {dates}  {printed(row['aid'])}  {row['standard_text']}"
        if row["today"] != [row["aid"]]:
            words += f"  今为 today: {', '.join(map(printed, row['today'])) or '—'}"
        console.print(words, markup=False, soft_wrap=True)
