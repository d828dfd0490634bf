"""Run a command below make so that Ctrl-C ends the command and not make: scripts/foreground.py COMMAND …

make dies of an interrupt, with an error, however cleanly its child stops. So the child gets a process group of its own,
which is the one at the terminal's front: Ctrl-C reaches it alone. Signals sent to us are passed on.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

INTERRUPTED = 128 + signal.SIGINT
PARENT_CHECK_S = 0.25


def to_front(group: int, behind: int) -> None:
    """Make a process group the terminal's foreground one, if we are at a terminal and `behind` is that group now."""
    with contextlib.suppress(OSError), open(os.ctermid(), "rb") as terminal:  # noqa: PTH123 - a device
        before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # sent to whoever does this from behind
        if os.tcgetpgrp(terminal.fileno()) == behind:
            os.tcsetpgrp(terminal.fileno(), group)
        signal.signal(signal.SIGTTOU, before)


def main(command: list[str]) -> int:
    """Run the command to its end; returns its exit status, 0 when it was interrupted."""
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # Ctrl-Z would stop the child alone and hang the terminal
    child = subprocess.Popen(command, process_group=0)

    passed_on: set[int] = set()

    def pass_on(number: int, _frame: FrameType | None = None) -> None:
        if number not in passed_on:  # a second interrupt would break into the clean stop
            passed_on.add(number)
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    to_front(child.pid, os.getpgrp())
    status = wait(child, pass_on)
    to_front(os.getpgrp(), child.pid)
    if status in (INTERRUPTED, -signal.SIGINT):
        return 0
    return 128 - status if status < 0 else status


def wait(child: subprocess.Popen[bytes], pass_on: Callable[[int], None]) -> int:
    """Wait for the child; stop it when make was killed or interrupted alone, or it would serve on unseen."""
    make = os.getppid()
    catches_interrupt = _catches_interrupt(make)
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(PARENT_CHECK_S)
        if os.getppid() != make:
            pass_on(signal.SIGTERM)
            return child.wait()
        # make resets its handler when it is interrupted, and then waits for us without a word.
        if catches_interrupt and not _catches_interrupt(make):
            pass_on(signal.SIGINT)
            return child.wait()


def _catches_interrupt(pid: int) -> bool:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
