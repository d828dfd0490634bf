"""Keys that were looked up just now, remembered until anything about any key changes.

A look-up took a fifth of what an address view costs the service. The database says when a key is revoked, rotated or
changed (migration 0021), and every use asks first whether it has: what was said since is heard before the key counts.
Where nobody can listen (a standby) a key is looked up at every request; behind a pooler LONGEST_S holds.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from addressbook.store.access import Key, ask_key_by_hash, ask_touch
from addressbook.store.asking import Asking
from addressbook.store.hearing import Hearing

LONGEST_S = 5.0
"""No key is believed for longer, whatever is heard: behind a pooler a session may listen in vain."""
MOST_KEYS = 10_000
USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a key was used: a write for every request would be too many."""


class _Known(NamedTuple):
    key: Key
    said: int
    until: float


class KnownKeys:
    """One for each process of the service, used from its event loop."""

    def __init__(self, hearing: Hearing, asking: Asking) -> None:
        self._hearing, self._asking = hearing, asking
        self._known: dict[bytes, _Known] = {}

    async def find(self, key_hash: bytes) -> Key | None:
        """The key in force that has this hash, which counts as used just now. Raises DatabaseError and its kin."""
        said = self._hearing.count()
        known = self._known.get(key_hash)
        if known is not None and known.said == said and time.monotonic() < known.until:
            return known.key
        if said is None:
            await self._hearing.begin()
            said = self._hearing.count()
        found = await self._look_up(key_hash)
        # Counted before the key was read: what is said while it is read makes the count another.
        if found is not None and said is not None:
            self._remember(key_hash, _Known(found, said, time.monotonic() + _seconds_to_believe(found)))
        return found

    async def _look_up(self, key_hash: bytes) -> Key | None:
        found = await ask_key_by_hash(self._asking, key_hash)
        now = datetime.now(UTC)
        if found is None or (found.last_used_at is not None and found.last_used_at > now - USE_NOTED_EVERY):
            return found
        await ask_touch(self._asking, found.key_id)
        return found._replace(last_used_at=now)

    def _remember(self, key_hash: bytes, known: _Known) -> None:
        if len(self._known) >= MOST_KEYS:
            self._known.clear()
        self._known[key_hash] = known


def _seconds_to_believe(key: Key) -> float:
    """Until a key ends by itself: when it expires, or when its old form is good no longer."""
    now = datetime.now(UTC)
    ends = [
        (end - now).total_seconds() for end in (key.expires_at, key.previous_until) if end is not None and end > now
    ]
    return min([LONGEST_S, *ends])
