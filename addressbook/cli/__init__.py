"""The `addressbook` command: the composition root, the one package that may import api and loaders."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from addressbook.cli.consoles import errors
from addressbook.cli.lazy import LazyCommands
from addressbook.errors import (
    AccessError,
    AddressbookError,
    BusyError,
    ClusterError,
    DatabaseError,
    DiskFull,
    InputError,
    NotFoundError,
    RuleError,
    SettingError,
)

app = typer.Typer(cls=LazyCommands, no_args_is_help=True, add_completion=False)


@app.callback()
def addressbook() -> None:
    """统一地址库 — the unified address registry."""


EXIT_CODES: dict[type[AddressbookError], int] = {
    SettingError: 2,
    InputError: 3,
    NotFoundError: 4,
    BusyError: 5,
    ClusterError: 6,
    DiskFull: 8,
    DatabaseError: 7,
    AccessError: 9,
    AddressbookError: 1,
}
"""The first class that fits gives the exit code."""
INTERRUPTED, TERMINATED = 128 + signal.SIGINT, 128 + signal.SIGTERM
"""As shells tell a command that a signal ended."""


class _Stop:
    """SIGTERM (systemd, a container's end) made to end a command just as Ctrl-C does; remembers that it came."""

    def __init__(self) -> None:
        self.code = INTERRUPTED
        self._here = os.getpid()
        signal.signal(signal.SIGTERM, self._terminate)

    def _terminate(self, number: int, _frame: object) -> None:
        if os.getpid() != self._here:  # a worker process that was forked this very moment
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        signal.signal(number, signal.SIG_IGN)  # a second one would break into the clean end
        self.code = TERMINATED
        raise KeyboardInterrupt

    def say(self) -> int:
        """Tell what has become of the command; returns the exit code."""
        errors.print("已中断；已完成的部分已保存，再次运行同一命令即可继续。\nStopped; run the same command to go on.")
        return self.code


@contextmanager
def reported() -> Iterator[None]:
    """Turn every fault into one sentence in Chinese, one in English with the remedy, and an exit code."""
    stop = _Stop()
    try:
        yield
    except AddressbookError as fault:
        if stop.code == TERMINATED:  # sent to the whole group it may have ended a worker process first
            sys.exit(stop.say())
        rule = f" [{fault.rule}]" if isinstance(fault, RuleError) else ""
        errors.print(
            f"错误：{fault.zh}\nerror: {fault}{rule}", markup=False, highlight=False, soft_wrap=True, style="red"
        )
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(fault, kind)))
    except KeyboardInterrupt:
        sys.exit(stop.say())
    except SystemExit as end:
        # Typer's way of passing an interrupt on; any other exit has said its own words.
        if end.code == INTERRUPTED:
            sys.exit(stop.say())
        raise


def main() -> None:
    """Entry point of the `addressbook` command; wrong usage is told by Typer, with exit code 2."""
    with reported():
        app()
