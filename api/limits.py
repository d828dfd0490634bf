"""How much one key may ask, and how long who guesses keys waits. Kept in the process: each process counts for itself.

A limit is a key's own, so nobody uses up another's. Wrong keys are answered later and later, counted by the client's
address, and only wrong ones: guessing locks nobody out, least of all the holder of the key that is guessed at.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

FREE_FAILURES, FIRST_DELAY_S, LONGEST_DELAY_S = 5, 0.1, 3.0
FORGOTTEN_AFTER_S = 300.0
MOST_KNOWN = 10_000
"""So many keys or addresses are remembered; who was not heard of for longest is forgotten first."""
Clock = Callable[[], float]


class KeyLimits:
    """A bucket of tokens for each key: it fills at a rate, and holds what the key may ask in one second at once."""

    def __init__(self, per_second: float, clock: Clock = time.monotonic) -> None:
        self._rate, self._size, self._clock = per_second, max(1.0, per_second), clock
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_of(self, key_id: int) -> float:
        """Take a token; 0 where there was one, else the seconds until there will be.

        >>> limits = KeyLimits(2.0, clock=lambda: 0.0)
        >>> [limits.wait_of(1) for _ in range(3)], limits.wait_of(2)
        ([0.0, 0.0, 0.5], 0.0)
        """
        now = self._clock()
        with self._lock:
            tokens, since = self._buckets.pop(key_id, (self._size, now))
            tokens = min(self._size, tokens + (now - since) * self._rate)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
            self._buckets[key_id] = (tokens if wait else tokens - 1, now)
            _forget_oldest(self._buckets)
        return wait


class FailedAttempts:
    """Wrong keys by client address."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def delay_of(self, address: str) -> float:
        """Count a failure; returns the seconds after which it is answered.

        >>> failed = FailedAttempts(clock=lambda: 0.0)
        >>> [failed.delay_of("a") for _ in range(8)], failed.delay_of("b")
        ([0.0, 0.0, 0.0, 0.0, 0.0, 0.1, 0.2, 0.4], 0.0)
        """
        now = self._clock()
        with self._lock:
            count, since = self._failures.pop(address, (0, now))
            count = count + 1 if now - since < FORGOTTEN_AFTER_S else 1
            self._failures[address] = (count, now)
            _forget_oldest(self._failures)
        paid = count - FREE_FAILURES
        return 0.0 if paid <= 0 else min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(paid - 1, 20))


def _forget_oldest(known: OrderedDict[int, tuple[float, float]] | OrderedDict[str, tuple[int, float]]) -> None:
    while len(known) > MOST_KNOWN:
        known.popitem(last=False)
