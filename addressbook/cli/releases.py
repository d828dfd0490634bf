"""Commands about releases for research: files without names, in which nobody stands alone; and the way back."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from addressbook.cli.common import Out, division_code, ready
from addressbook.cli.consoles import console
from addressbook.privacy.keys import check_secret
from addressbook.privacy.releasing import MOST_SUPPRESSED, Asked, ReleaseKind, whose
from addressbook.store.engine import take_your_time, transaction
from loaders.release import report_path, write_release
from loaders.report import progress_bar

releases = typer.Typer(no_args_is_help=True, help="脱敏数据 — pseudonymous files for research.")
Recipient = Annotated[str, typer.Option(help="who is given it; codes are made for this name")]
Purpose = Annotated[str, typer.Option(help="code of a purpose in use; the access log names it")]
Area = Annotated[str | None, typer.Option(parser=division_code, help="of this division only")]
K = Annotated[int, typer.Option("--k", min=2, help="rows that every combination has at least")]
Share = Annotated[float, typer.Option(min=0, max=1, help="share of rows that may be left out for detail")]


@releases.command("persons")
def persons(
    out: Out, recipient: Recipient, purpose: Purpose, area: Area = None, k: K = 5, suppress: Share = MOST_SUPPRESSED
) -> None:  # fmt: skip
    """人员 — sex, birth in bands, where and since when, with codes of person and address."""
    _release(out, Asked(ReleaseKind.PERSONS, recipient, purpose, getpass.getuser(), area or "", k, suppress))


@releases.command("houses")
def houses(
    out: Out, recipient: Recipient, purpose: Purpose, area: Area = None, k: K = 5, suppress: Share = MOST_SUPPRESSED
) -> None:  # fmt: skip
    """房屋 — use, occupancy, when built in bands, and where."""
    _release(out, Asked(ReleaseKind.HOUSES, recipient, purpose, getpass.getuser(), area or "", k, suppress))


@releases.command("enterprises")
def enterprises(
    out: Out, recipient: Recipient, purpose: Purpose, area: Area = None, k: K = 5, suppress: Share = MOST_SUPPRESSED
) -> None:  # fmt: skip
    """企业 — category, status, month of establishment, and where."""
    _release(out, Asked(ReleaseKind.ENTERPRISES, recipient, purpose, getpass.getuser(), area or "", k, suppress))


@releases.command("events")
def events(
    out: Out, recipient: Recipient, purpose: Purpose, area: Area = None, k: K = 5, suppress: Share = MOST_SUPPRESSED
) -> None:  # fmt: skip
    """事件 — category, status, month, and where."""
    _release(out, Asked(ReleaseKind.EVENTS, recipient, purpose, getpass.getuser(), area or "", k, suppress))


@releases.command("whose")
def whose_code(code: str, recipient: Recipient, purpose: Purpose) -> None:
    """还原 — which element or address a recipient's code stands for; the access log has that it was told."""
    at = ready()
    asked = Asked(ReleaseKind.PERSONS, recipient, purpose, getpass.getuser())
    with transaction(at.engine) as connection:
        take_your_time(connection)
        check_secret(connection, at.secret)
        kind, thing = whose(connection, at.secret, asked, code)
    console.print(f"{kind} {thing}", markup=False, highlight=False)


def _release(out: Path, asked: Asked) -> None:
    at = ready()
    with transaction(at.engine) as connection:
        check_secret(connection, at.secret)
    with progress_bar("脱敏数据 release") as progress:
        told = write_release(at.engine, at.secret, asked, out, progress)
    words = f"k {told['k_reached']}  已写入 rows {told['rows_released']:,}  隐去 suppressed {told['rows_suppressed']:,}"
    console.print(f"{words}  {out}  {report_path(out)}", markup=False, highlight=False, soft_wrap=True)
