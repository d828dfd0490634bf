"""Sealing the access log while the service runs: a moment after lines were written, one process at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from sqlalchemy import Engine

from addressbook.errors import AddressbookError, LogAltered
from addressbook.privacy.chain import AT_ONCE, Head
from addressbook.privacy.kept_head import KeptHead, seal_next
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import chain_end, count_unsealed
from addressbook.store.engine import transaction

LOOK_AGAIN_S, TELL_EVERY_S = 2.0, 3600.0
_log = structlog.get_logger("access log")


@dataclass(slots=True)
class Sealer:
    """Seals what waits, in passes; how far is kept in `home`."""

    engine: Engine
    secret: Callable[[], Secret]
    home: Path
    stopped: threading.Event = field(default_factory=threading.Event)
    _said: str = ""
    _told_at: float = -TELL_EVERY_S
    _alarmed_at: float = -TELL_EVERY_S

    def run(self) -> None:
        """Pass after pass until stopped. A database or a secret that is away is waited for, and told once.

        A log that was altered is not sealed any further, and told every hour.
        """
        while not self.stopped.wait(LOOK_AGAIN_S):
            try:
                self.once()
                self._said = ""
            except LogAltered as fault:
                self._alarm(str(fault))
            except AddressbookError as fault:
                self._say(fault.en)
            except Exception:  # noqa: BLE001 - the boundary of this thread: nobody else would hear of it
                _log.exception("lines wait")

    def once(self) -> None:
        """Seal until nothing waits, or another process is at it."""
        with transaction(self.engine) as connection:
            if not count_unsealed(connection):
                return
        file, sealed = KeptHead(self.home, self.secret()), AT_ONCE
        anew = file.read() is None
        while sealed == AT_ONCE and not self.stopped.is_set():
            sealed = seal_next(self.engine, file, wait=False)
        if anew:
            _log.warning("no head was kept here: made anew", file=str(file.path))
        self._tell_head()

    def _tell_head(self) -> None:
        """Say in the service's own log, which goes elsewhere, where the chain ends: nobody then cuts it off unseen."""
        if time.monotonic() - self._told_at >= TELL_EVERY_S:
            with transaction(self.engine) as connection:
                head = Head(*chain_end(connection))
            _log.info("sealed", head=str(head))
            self._told_at = time.monotonic()

    def _alarm(self, why: str) -> None:
        if time.monotonic() - self._alarmed_at >= TELL_EVERY_S:
            _log.critical("altered", why=why)
            self._alarmed_at = time.monotonic()

    def _say(self, why: str) -> None:
        if why != self._said:
            _log.warning("lines wait", why=why)
        self._said = why
