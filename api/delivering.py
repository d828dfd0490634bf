"""Telling subscribers: in order, each at least once, again and again until it arrives or is a dead letter.

What is next is stored before it is sent and settled after it: a worker that dies in between sends the same bytes under
the same number again. Several processes may work; a subscription is served by one of them at a time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from addressbook.errors import AddressbookError, NotFoundError
from addressbook.privacy.sealing import Secret, webhook_binding
from addressbook.privacy.signing import signature
from addressbook.store.engine import transaction, translated, write_through
from addressbook.store.webhooks import Delivery, Webhook, due, failed, forget, held, succeeded
from addressbook.views.notices import next_delivery
from api.sending import Answered, Rules, post

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 600.0
AT_ONCE = 4
"""So many subscribers are told at the same time, and so many more of those that are known to be slow."""
SLOW_S = 2.0
"""Whoever takes so long for one delivery is told among the slow ones, until one takes less."""
IN_A_ROW, AT_A_STRETCH_S = 200, 5.0
"""So many deliveries to one subscriber, and so long, before others have their turn."""
LOOK_AGAIN_S = 1.0
KEPT = timedelta(days=30)
"""How long it is told that something was delivered."""
Clock = Callable[[], datetime]
_log = structlog.get_logger("webhooks")


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def pause_after(failures: int, drawn: float) -> timedelta:
    """How long to wait after so many failures in a row; `drawn` from 0 to 1 spreads those that failed together.

    >>> [pause_after(n, 1).total_seconds() for n in (1, 2, 3, 20)], pause_after(20, 0).total_seconds()
    ([2.0, 4.0, 8.0, 600.0], 300.0)
    """
    whole = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 20))
    return timedelta(seconds=whole * (0.5 + drawn / 2))


@dataclass(slots=True)
class Courier:
    """Delivers what is due, to each subscriber at its own pace: who is slow keeps at most the slow ones waiting."""

    engine: Engine
    secret: Callable[[], Secret]
    rules: Rules
    dead_after: timedelta
    clock: Clock = utc_now
    stopped: threading.Event = field(default_factory=threading.Event)
    _begun: set[int] = field(default_factory=set)
    _slow: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Look for who is due, and tell him, until stopped. A database that is away is waited for."""
        with _threads("webhook") as quick, _threads("webhook-slow") as slow:
            while not self.stopped.is_set():
                with _logged():
                    self._begin(quick, slow)
                self.stopped.wait(LOOK_AGAIN_S)

    def once(self) -> int:
        """Tell everybody who is due; returns how many deliveries arrived. What was lost on the way is tried later."""
        with transaction(self.engine) as connection:
            wanted = due(connection, self.clock())
        if not wanted:
            return 0
        with _threads("webhook") as threads:
            arrived = sum(threads.map(self._serve, wanted))
        self._forget()
        return arrived

    def _begin(self, quick: ThreadPoolExecutor, slow: ThreadPoolExecutor) -> None:
        """Have everybody told who is due, and is not being told."""
        with transaction(self.engine) as connection:
            wanted = [number for number in due(connection, self.clock()) if number not in self._begun]
        for number in wanted:
            self._begun.add(number)
            (slow if number in self._slow else quick).submit(self._serve_begun, number)
        if wanted:
            self._forget()

    def _serve_begun(self, webhook_id: int) -> None:
        try:
            with _logged():
                self._serve(webhook_id)
        finally:
            self._begun.discard(webhook_id)

    def _forget(self) -> None:
        with transaction(self.engine) as connection:
            forget(connection, self.clock() - KEPT)

    def _serve(self, webhook_id: int) -> int:
        """Send what waits for one subscriber until something does not arrive; returns how many did."""
        arrived, ends = 0, time.monotonic() + AT_A_STRETCH_S
        with held(self.engine, webhook_id) as connection:
            while connection and not self.stopped.is_set() and arrived < IN_A_ROW and time.monotonic() < ends:
                try:
                    is_through = self._deliver_next(connection, webhook_id)
                except NotFoundError:  # paused or removed meanwhile
                    break
                if not is_through:
                    break
                arrived += 1
        return arrived

    def _deliver_next(self, connection: Connection, webhook_id: int) -> bool:
        """Send what is next and settle it; False when there is nothing, or it did not arrive."""
        with translated(), connection.begin():
            write_through(connection)
            webhook, delivery = next_delivery(connection, webhook_id)
        if delivery is None or webhook.next_attempt_at > self.clock():
            return False
        answered = self._sent_in_time(webhook, delivery)
        with translated(), connection.begin():
            self._settle(connection, webhook, delivery, answered)
        return answered.arrived

    def _sent_in_time(self, webhook: Webhook, delivery: Delivery) -> Answered:
        """The attempt; whether it took long is kept for the next one."""
        begun = time.monotonic()
        answered = self._sent(webhook, delivery)
        is_slow = time.monotonic() - begun >= SLOW_S
        (self._slow.add if is_slow else self._slow.discard)(webhook.webhook_id)
        return answered

    def _sent(self, webhook: Webhook, delivery: Delivery) -> Answered:
        body = delivery.body.encode()
        secret = self.secret().open(webhook.secret_sealed, webhook_binding(webhook.url)).decode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "addressbook",
            "Addressbook-Delivery": str(delivery.delivery_id),
            "Addressbook-Attempt": str(delivery.attempts + 1),
            "Addressbook-Signature": signature(secret, int(self.clock().timestamp()), body),
        }
        return post(webhook.url, body, headers, self.rules)

    def _settle(self, connection: Connection, webhook: Webhook, delivery: Delivery, answered: Answered) -> None:
        now, number = self.clock(), delivery.delivery_id
        if answered.arrived:
            succeeded(connection, webhook.webhook_id, number, now, answered.status or 0)
            return
        is_dead = now - max(delivery.waiting_since, webhook.resumed_at) >= self.dead_after
        again = now + pause_after(webhook.failures + 1, random.random())  # noqa: S311 spreads, hides nothing
        failed(
            connection, webhook.webhook_id, number, now, status=answered.status, error=answered.error, is_dead=is_dead,
            next_attempt_at=again,
        )  # fmt: skip
        _log.warning(
            "not delivered", webhook_id=webhook.webhook_id, delivery_id=number, dead=is_dead, why=answered.error
        )


def _threads(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix=name)


@contextmanager
def _logged() -> Iterator[None]:
    """The boundary of a thread: nobody else would hear of what goes wrong in it."""
    try:
        yield
    except AddressbookError as fault:
        _log.warning("webhooks wait", why=fault.en)
    except Exception:  # noqa: BLE001
        _log.exception("webhooks wait")
