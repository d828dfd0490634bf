"""Processes that belong to another one."""

from __future__ import annotations

import ctypes
import os
import signal

_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def end_with(parent: int) -> None:
    """Let this process be killed when `parent`, whose main thread started it, ends, whatever ended it. Linux only."""
    try:
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    except (AttributeError, OSError):
        return
    if os.getppid() != parent:
        os._exit(1)
