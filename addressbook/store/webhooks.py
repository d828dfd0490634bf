"""Subscriptions and what is waiting for each: the tables behind webhooks.

A subscription has a place in the outbox. What follows is made into deliveries in one transaction with the place, so
that nothing is left out and nothing is made twice; deliveries are sent in the order of their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, func, insert, literal, or_, select, text, update

from addressbook.errors import NotFoundError
from addressbook.store.engine import translated, write_through
from addressbook.store.outbox import lock_outbox, newest_notice
from addressbook.store.reading import Row
from addressbook.store.tables import API_KEY, OUTBOX, WEBHOOK, WEBHOOK_DELIVERY

DELIVERING_SPACE = 7_302
SHOWN = (
    "webhook_id", "url", "topic", "subject", "owner_key_id", "role", "state", "created_at", "failures",
    "next_attempt_at",
)  # fmt: skip
"""What is told of a subscription: all but its secret."""
TOLD = ("delivery_id", "state", "attempts", "waiting_since", "last_attempt_at", "status", "error")
_WAITING = WEBHOOK_DELIVERY.c.state == "waiting"


class Webhook(NamedTuple):
    """A subscription, as it is worked on."""

    webhook_id: int
    url: str
    secret_sealed: bytes
    topic: str
    subject: str
    role: str
    notice_id: int
    failures: int
    resumed_at: datetime
    next_attempt_at: datetime


class Notice(NamedTuple):
    """What the outbox has of one event, or of one chunk of a load."""

    notice_id: int
    event_id: int | None
    batch_id: int | None
    links: list[dict[str, Any]]
    at: datetime


class Delivery(NamedTuple):
    """What is sent next to a subscriber."""

    delivery_id: int
    body: str
    attempts: int
    waiting_since: datetime


def add_webhook(connection: Connection, now: datetime, **values: Any) -> int:
    """A new subscription to what is committed from now on; returns its number."""
    write_through(connection)
    lock_outbox(connection)
    place = newest_notice(connection)
    added = insert(WEBHOOK).values(
        **values, state="active", notice_id=place, resumed_at=now, next_attempt_at=now
    )  # fmt: skip
    return int(connection.execute(added.returning(WEBHOOK.c.webhook_id)).scalar_one())


def list_webhooks(connection: Connection, owner: int | None = None, webhook_id: int | None = None) -> list[Row]:
    """Subscriptions by number, each with how many deliveries are waiting and dead; of one owner, or one alone."""
    wanted = select(*(WEBHOOK.c[name] for name in SHOWN), _number("waiting"), _number("dead"))
    if owner is not None:
        wanted = wanted.where(WEBHOOK.c.owner_key_id == owner)
    if webhook_id is not None:
        wanted = wanted.where(WEBHOOK.c.webhook_id == webhook_id)
    with translated():
        return _rows(connection, wanted.order_by(WEBHOOK.c.webhook_id))


def _rows(connection: Connection, wanted: Any) -> list[Row]:
    # SQLAlchemy's names are a kind of str, which JSON's writer takes for none.
    return [{str(name): value for name, value in row.items()} for row in connection.execute(wanted).mappings()]


def _number(state: str) -> Any:
    here = (WEBHOOK_DELIVERY.c.webhook_id == WEBHOOK.c.webhook_id) & (WEBHOOK_DELIVERY.c.state == state)
    return select(func.count()).where(here).select_from(WEBHOOK_DELIVERY).scalar_subquery().label(state)


def pause(connection: Connection, webhook_id: int) -> None:
    """Send nothing more for now; what happens is kept."""
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.webhook_id == webhook_id).values(state="paused"))


def resume(connection: Connection, webhook_id: int, now: datetime) -> None:
    """Go on at once with what has been kept."""
    values = {"state": "active", "resumed_at": now, "failures": 0, "next_attempt_at": now}
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.webhook_id == webhook_id).values(**values))


def remove(connection: Connection, webhook_id: int) -> None:
    """End a subscription, with all that was kept for it."""
    connection.execute(delete(WEBHOOK).where(WEBHOOK.c.webhook_id == webhook_id))


def list_deliveries(connection: Connection, webhook_id: int, state: str | None, before: int, limit: int) -> list[Row]:
    """Deliveries of a subscription before that number, newest first; dead ones with their body."""
    columns = [WEBHOOK_DELIVERY.c[name] for name in (*TOLD, "body")]
    here = (WEBHOOK_DELIVERY.c.webhook_id == webhook_id) & (WEBHOOK_DELIVERY.c.delivery_id < before)
    wanted = select(*columns).where(here).order_by(WEBHOOK_DELIVERY.c.delivery_id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(WEBHOOK_DELIVERY.c.state == state)
    with translated():
        return _rows(connection, wanted)


def replay(connection: Connection, webhook_id: int, deliveries: Sequence[int] | None, now: datetime) -> int:
    """Let dead letters, all where None, wait again, before what is newer; returns how many."""
    dead = (WEBHOOK_DELIVERY.c.webhook_id == webhook_id) & (WEBHOOK_DELIVERY.c.state == "dead")
    if deliveries is not None:
        dead &= WEBHOOK_DELIVERY.c.delivery_id.in_(deliveries)
    again = update(WEBHOOK_DELIVERY).where(dead).values(state="waiting", waiting_since=now, attempts=0)
    connection.execute(
        update(WEBHOOK).where(WEBHOOK.c.webhook_id == webhook_id).values(next_attempt_at=now, failures=0)
    )  # fmt: skip
    return connection.execute(again).rowcount


def due(connection: Connection, now: datetime) -> list[int]:
    """The numbers of subscriptions that have something to be told and whose time has come.

    Nobody is told anything on behalf of a key that was revoked or has expired.
    """
    ended = or_(API_KEY.c.revoked_at.is_not(None), API_KEY.c.expires_at <= now)
    owner_ended = select(literal(1)).where(API_KEY.c.key_id == WEBHOOK.c.owner_key_id, ended).exists()
    waiting = select(literal(1)).where(WEBHOOK_DELIVERY.c.webhook_id == WEBHOOK.c.webhook_id, _WAITING).exists()
    news = select(literal(1)).where(OUTBOX.c.notice_id > WEBHOOK.c.notice_id).exists()
    wanted = select(WEBHOOK.c.webhook_id).where(
        WEBHOOK.c.state == "active", WEBHOOK.c.next_attempt_at <= now, ~owner_ended, or_(waiting, news)
    )
    return list(connection.execute(wanted.order_by(WEBHOOK.c.next_attempt_at)).scalars())


@contextmanager
def held(engine: Engine, webhook_id: int) -> Iterator[Connection | None]:
    """A connection that alone delivers for that subscription; None where another does.

    The lock ends with the connection, so a process that dies lets go of it.
    """
    key = {"space": DELIVERING_SPACE, "webhook": webhook_id}
    with translated(), engine.connect() as connection:
        try:
            with connection.begin():
                got = connection.execute(text("SELECT pg_try_advisory_lock(:space, :webhook)"), key).scalar_one()
            yield connection if got else None
        finally:
            # Closing the connection lets go of the lock; giving it back to the pool would not.
            connection.invalidate()


def webhook_at_work(connection: Connection, webhook_id: int) -> Webhook:
    """The subscription, locked until the transaction ends. Raises NotFoundError when it is not active any more."""
    columns = [WEBHOOK.c[name] for name in Webhook._fields]
    wanted = select(*columns).where(WEBHOOK.c.webhook_id == webhook_id, WEBHOOK.c.state == "active").with_for_update()
    found = connection.execute(wanted).one_or_none()
    if found is None:
        raise no_webhook(webhook_id)
    return Webhook(*found)


def need_webhook(connection: Connection, webhook_id: int, owner: int | None = None) -> Row:
    """The subscription of that number, if it is that owner's. Raises NotFoundError."""
    found = list_webhooks(connection, owner=owner, webhook_id=webhook_id)
    if not found:
        raise no_webhook(webhook_id)
    return found[0]


def no_webhook(webhook_id: int) -> NotFoundError:
    """The fault for a number that no subscription has."""
    return NotFoundError(f"there is no webhook {webhook_id}.", zh=f"没有订阅 {webhook_id}。")


def next_waiting(connection: Connection, webhook_id: int) -> Delivery | None:
    """The oldest delivery that waits."""
    columns = [WEBHOOK_DELIVERY.c[name] for name in Delivery._fields]
    wanted = select(*columns).where(WEBHOOK_DELIVERY.c.webhook_id == webhook_id, _WAITING)
    found = connection.execute(wanted.order_by(WEBHOOK_DELIVERY.c.delivery_id).limit(1)).one_or_none()
    return None if found is None else Delivery(*found)


def notices_after(connection: Connection, place: int, limit: int) -> list[Notice]:
    """The notices that follow a place."""
    columns = [OUTBOX.c[name] for name in Notice._fields]
    wanted = select(*columns).where(OUTBOX.c.notice_id > place).order_by(OUTBOX.c.notice_id).limit(limit)
    return [Notice(*row) for row in connection.execute(wanted)]


def add_deliveries(connection: Connection, webhook_id: int, notice: Notice, bodies: Sequence[str]) -> None:
    """Put these in the queue, in their order, and go on behind the notice."""
    rows = [
        {"webhook_id": webhook_id, "notice_id": notice.notice_id, "body": body, "state": "waiting",
         "waiting_since": notice.at}
        for body in bodies
    ]  # fmt: skip
    for row in rows:
        connection.execute(insert(WEBHOOK_DELIVERY).values(**row))
    here = WEBHOOK.c.webhook_id == webhook_id
    connection.execute(update(WEBHOOK).where(here).values(notice_id=notice.notice_id))


def succeeded(connection: Connection, webhook_id: int, delivery_id: int, now: datetime, status: int) -> None:
    """It has arrived."""
    _end_attempt(connection, delivery_id, now, state="delivered", body="", status=status, error="")
    here = WEBHOOK.c.webhook_id == webhook_id
    connection.execute(update(WEBHOOK).where(here).values(failures=0, next_attempt_at=now))


def failed(
    connection: Connection, webhook_id: int, delivery_id: int, now: datetime, *, status: int | None, error: str,
    is_dead: bool, next_attempt_at: datetime,
) -> None:  # fmt: skip
    """It has not arrived: it waits on, or is a dead letter."""
    state = "dead" if is_dead else "waiting"
    _end_attempt(connection, delivery_id, now, state=state, status=status, error=error)
    values = {"failures": WEBHOOK.c.failures + 1, "next_attempt_at": next_attempt_at}
    connection.execute(update(WEBHOOK).where(WEBHOOK.c.webhook_id == webhook_id).values(**values))


def _end_attempt(connection: Connection, delivery_id: int, now: datetime, **values: Any) -> None:
    here = WEBHOOK_DELIVERY.c.delivery_id == delivery_id
    tried = {"attempts": WEBHOOK_DELIVERY.c.attempts + 1, "last_attempt_at": now}
    connection.execute(update(WEBHOOK_DELIVERY).where(here).values(**tried, **values))


def forget(connection: Connection, delivered_before: datetime) -> None:
    """Drop notices that nobody needs any more, and records of deliveries that arrived before that moment."""
    place = select(func.min(WEBHOOK.c.notice_id)).scalar_subquery()
    connection.execute(delete(OUTBOX).where(or_(OUTBOX.c.notice_id <= place, place.is_(None))))
    old = (WEBHOOK_DELIVERY.c.state == "delivered") & (WEBHOOK_DELIVERY.c.last_attempt_at < delivered_before)
    connection.execute(delete(WEBHOOK_DELIVERY).where(old))
