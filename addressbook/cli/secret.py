"""Commands about the secret: a new key that seals, sealing anew what older ones sealed, which has sealed how much."""

from __future__ import annotations

import typer

from addressbook.cli.common import ready
from addressbook.cli.consoles import console
from addressbook.errors import SettingError
from addressbook.privacy.keys import check_secret
from addressbook.privacy.resealing import reseal
from addressbook.privacy.sealing import add_key
from addressbook.store.engine import transaction
from addressbook.store.resealing import count_by_mark
from loaders.report import progress_bar

secrets = typer.Typer(no_args_is_help=True, help="加密密钥 — the keys that seal what is personal.")


@secrets.command("rotate")
def rotate() -> None:
    """轮换 — append a new key to the key file; it seals from now on, the others go on opening what they sealed."""
    at = ready()
    if at.settings.secret is not None:
        raise SettingError(
            "the secret is in ADDRESSBOOK_SECRET, which nobody but you can change.",
            zh="密钥在环境变量中，无法由本命令修改。",
            remedy="Append 32 random bytes in base64 to it, behind a comma, and restart what uses it.",
        )  # fmt: skip
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
    secret = add_key(at.settings.key_file)
    console.print(f"新密钥 new key {secret.mark.hex()}：{at.settings.key_file}", markup=False, soft_wrap=True)
    console.print("请立即备份密钥文件，再运行 addressbook secret reseal。 Back the file up now, then reseal.")


@secrets.command("reseal")
def resealed() -> None:
    """重新加密 — seal anew with the newest key what older ones sealed; stopped, it goes on where it was."""
    at = ready()
    rows = unopened = 0
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
    with progress_bar("重新加密 sealing anew") as progress:
        for batch in reseal(at.engine, at.secret):
            rows, unopened = rows + batch.rows, unopened + batch.unopened
            progress(rows, rows + unopened)
    console.print(f"{rows:,} 行重新加密 rows sealed anew, {unopened:,} 行无法解开 that do not open")


@secrets.command("status")
def status() -> None:
    """状态 — each key by its mark, and how many values it has sealed."""
    at = ready()
    with transaction(at.engine) as connection:
        counts = count_by_mark(connection)
    for mark in sorted(counts.keys() | set(at.secret.marks)):
        known = "" if mark in at.secret.marks else "  不在密钥文件中 not in the key file"
        newest = "  加密用 seals" if mark == at.secret.mark else ""
        console.print(f"{mark.hex()}  {counts.get(mark, 0):,} 值 values{newest}{known}", highlight=False)
