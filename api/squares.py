"""Counting squares anew while the service runs: a moment after what they hold has changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from addressbook.errors import AddressbookError
from addressbook.store.squares import refresh_tiles

LOOK_AGAIN_S, QUIET_S = 2.0, 5.0
_log = structlog.get_logger("squares")


@dataclass(slots=True)
class SquareCounter:
    """Counts the squares of divisions that are stale and that nobody has changed for some seconds.

    Until then outlines are counted point by point there: slower, and the same.
    """

    engine: Engine
    stopped: threading.Event = field(default_factory=threading.Event)
    _said: str = ""

    def run(self) -> None:
        """Pass after pass until stopped. A database that is away is waited for, and told once."""
        while not self.stopped.wait(LOOK_AGAIN_S):
            try:
                refresh_tiles(self.engine, quiet_s=QUIET_S, stopped=self.stopped.is_set)
                self._said = ""
            except AddressbookError as fault:
                if fault.en != self._said:
                    _log.warning("squares wait", why=fault.en)
                self._said = fault.en
            except Exception:  # noqa: BLE001 - the boundary of this thread: nobody else would hear of it
                _log.exception("squares wait")
