"""Purposes that were found in use just now, remembered until anything about any purpose changes, as keys are.

What is not remembered is looked up, so that a new purpose is good at once. Whatever is believed here, the database asks
for itself whether the purpose is in use before it opens anything for it (opened_persons, migration 0013).
"""

from __future__ import annotations

import time
from typing import NamedTuple

from addressbook.privacy.purposes import need_among
from addressbook.store.access import ask_open_purposes
from addressbook.store.asking import Asking
from addressbook.store.hearing import Hearing

LONGEST_S = 5.0
"""No purpose is believed to be in use for longer, whatever is heard."""


class _Known(NamedTuple):
    codes: frozenset[str]
    said: int
    until: float


class KnownPurposes:
    """One for each process of the service, used from its event loop."""

    def __init__(self, hearing: Hearing, asking: Asking) -> None:
        self._hearing, self._asking = hearing, asking
        self._known: _Known | None = None

    async def need(self, code: str, *, field: str) -> str:
        """The code, where it is that of a purpose in use. Raises FieldError that lists those there are."""
        said, known = self._hearing.count(), self._known
        if known is not None and known.said == said and time.monotonic() < known.until and code in known.codes:
            return code
        if said is None:
            await self._hearing.begin()
            said = self._hearing.count()
        codes = await ask_open_purposes(self._asking)
        # Counted before they were read: what is said while they are read makes the count another.
        self._known = None if said is None else _Known(frozenset(codes), said, time.monotonic() + LONGEST_S)
        return need_among(codes, code, field)
