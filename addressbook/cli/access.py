"""Commands about access: keys, and the purposes for which persons may be read in full."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from addressbook.cli.common import division_code, ready
from addressbook.cli.consoles import console
from addressbook.errors import NotFoundError
from addressbook.privacy import keys as held
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.purposes import LONGEST_DELAY_DAYS, add_purpose, list_purposes
from addressbook.store.access import Key, close_purpose, list_keys
from addressbook.store.engine import transaction

keys = typer.Typer(no_args_is_help=True, help="访问密钥 — keys for the service.")
purposes = typer.Typer(no_args_is_help=True, help="用途 — for what persons may be read in full.")
Number = Annotated[int, typer.Argument(min=1, help="number of the key")]
Code = Annotated[str, typer.Argument(help="code of the purpose, e.g. emergency")]


@keys.command("create")
def key_create(
    role: Annotated[AccessRole, typer.Option()],
    label: Annotated[str, typer.Option(help="whose it is; the access log names it")],
    area: Annotated[
        list[str] | None, typer.Option(parser=division_code, help="a division it is bound to; may be repeated")
    ] = None,
    expires: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the first day without it")] = None,
) -> None:
    """新建密钥 — make a key for the service; it is shown once."""
    until = expires.replace(tzinfo=UTC) if expires else None
    with transaction(ready().engine) as connection:
        key = held.create_key(connection, role, label, areas=area or (), expires_at=until)
    console.print(key, markup=False)


@keys.command("list")
def key_list() -> None:
    """密钥清单 — every key: number, role, areas, label, when it was made, last used and ends."""
    with transaction(ready().engine) as connection:
        found = list_keys(connection)
    for key in found:
        console.print(_line(key), markup=False, soft_wrap=True)


@keys.command("rotate")
def key_rotate(
    number: Number,
    grace_hours: Annotated[float, typer.Option(help="how long the old key stays good; 0: not at all")] = 24,
) -> None:
    """轮换密钥 — a new key in place of one, with the same number, role and areas; it is shown once."""
    with transaction(ready().engine) as connection:
        key = held.rotate_key(connection, number, timedelta(hours=grace_hours))
    console.print(key, markup=False)


@keys.command("revoke")
def key_revoke(number: Number) -> None:
    """撤销密钥 — it is good no longer, nor is the one it replaced."""
    with transaction(ready().engine) as connection:
        if not held.revoke_key(connection, number):
            raise NotFoundError(f"no key in use has the number {number}.", zh=f"没有编号为 {number} 的在用密钥。")
    console.print(f"已撤销 revoked {number}")


@purposes.command("list")
def purpose_list() -> None:
    """用途清单 — every purpose with its legal basis, and those that are closed."""
    with transaction(ready().engine) as connection:
        found = list_purposes(connection)
    for purpose in found:
        closed = f"  停用 closed {purpose.closed_at:%Y-%m-%d}" if purpose.closed_at else ""
        delay = f"  {purpose.visible_after_days} 天后可见 visible after days" if purpose.visible_after_days else ""
        words = f"{purpose.code}  {purpose.name_zh} {purpose.name_en}  {purpose.legal_basis}{delay}{closed}"
        console.print(words, markup=False, soft_wrap=True)


@purposes.command("add")
def purpose_add(
    code: Code,
    zh: Annotated[str, typer.Option(help="its Chinese name")],
    en: Annotated[str, typer.Option(help="its English name")],
    basis: Annotated[str, typer.Option(help="the law or regulation that allows it")],
    visible_after: Annotated[
        int, typer.Option(min=0, max=LONGEST_DELAY_DAYS, help="days until persons are told of reads for it")
    ] = 0,
) -> None:
    """新增用途 — from now on persons may be read for it."""
    with transaction(ready().engine) as connection:
        add_purpose(connection, code, zh, en, basis, visible_after_days=visible_after)
    console.print(f"已新增 added {code}")


@purposes.command("close")
def purpose_close(code: Code) -> None:
    """停用用途 — from now on nobody reads for it; the access log keeps its code."""
    with transaction(ready().engine) as connection:
        if not close_purpose(connection, code):
            raise NotFoundError(f"no purpose in use has the code {code}.", zh=f"没有代码为 {code} 的在用用途。")
    console.print(f"已停用 closed {code}")


def _line(key: Key) -> str:
    now = datetime.now(UTC)
    state = "在用 in use"
    if key.revoked_at:
        state = f"已撤销 revoked {key.revoked_at:%Y-%m-%d}"
    elif key.expires_at:
        words = "已过期 expired" if key.expires_at <= now else "到期 until"
        state = f"{words} {key.expires_at:%Y-%m-%d}"
    used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "—"
    areas = ",".join(key.areas) or "—"
    words = f"{key.key_id}  {key.role}  区域 areas {areas}  {key.label}  {key.created_at:%Y-%m-%d}"
    rotated = ""
    if key.previous_until and key.previous_until > now:
        rotated = f"  旧密钥至 old one until {key.previous_until:%Y-%m-%d %H:%M}"
    return f"{words}  最近使用 last used {used}  {state}{rotated}"
