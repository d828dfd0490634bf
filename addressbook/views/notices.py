"""What a subscriber is told: the lines of the change feed about its subject, and what became of links there.

Nothing personal leaves: of firms and things the key, of houses, events and persons how many, and to a role that sees
none of these in single nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from addressbook.divisions.codes import code_range
from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.reading import Row, read
from addressbook.store.webhooks import (
    Delivery,
    Notice,
    Webhook,
    add_deliveries,
    next_waiting,
    notices_after,
    webhook_at_work,
)
from addressbook.views.changes import feed_line

MOST_LINES = 500
"""So many lines at most in one delivery: a load's chunk becomes several."""
NOTICES_AT_ONCE = 50


def next_delivery(connection: Connection, webhook_id: int) -> tuple[Webhook, Delivery | None]:
    """What is to be sent next; where nothing waits, some notices are made into deliveries first.

    Raises NotFoundError when the subscription was paused or removed.
    """
    webhook = webhook_at_work(connection, webhook_id)
    waiting = next_waiting(connection, webhook_id)
    place = webhook.notice_id
    while waiting is None:
        notices = notices_after(connection, place, NOTICES_AT_ONCE)
        for notice in notices:
            add_deliveries(connection, webhook_id, notice, bodies(connection, webhook, notice))
            place = notice.notice_id
        waiting = next_waiting(connection, webhook_id)
        if not notices:
            break
    return webhook, waiting


def bodies(connection: Connection, webhook: Webhook, notice: Notice) -> list[str]:
    """The bodies that tell a subscriber of a notice, none where it is not concerned."""
    lines = [*_address_lines(connection, webhook, notice), *_link_lines(connection, webhook, notice)]
    parts = [lines[start : start + MOST_LINES] for start in range(0, len(lines), MOST_LINES)]
    about = {"webhook": webhook.webhook_id, "tx": notice.event_id, "batch": notice.batch_id, "at": notice.at}
    numbered = enumerate(parts, 1)
    return [_json({**about, "part": number, "parts": len(parts), "lines": part}) for number, part in numbered]


def _json(body: Row) -> str:
    return orjson.dumps(body).decode()


def _address_lines(connection: Connection, webhook: Webhook, notice: Notice) -> list[Row]:
    if notice.event_id is None or webhook.topic == "element":
        return []
    low, high = code_range(webhook.subject) if webhook.topic == "division" else (None, None)
    others = {topic: webhook.subject if webhook.topic == topic else None for topic in ("aid", "area")}
    rows = read(connection, "told_lines", event=notice.event_id, low=low, high=high, **others)
    return [_said(row) if row["said"] else feed_line(row) for row in rows]


def _said(row: Row) -> Row:
    return {"tx": row["event_id"], "aid": row["aid"], "event": row["event"], "at": row["at"], "said": row["said"]}


def _link_lines(connection: Connection, webhook: Webhook, notice: Notice) -> list[Row]:
    seen = Reader(AccessRole(webhook.role)).listed
    changes = [change for change in notice.links if ElementKind(change["element_kind"]) in seen]
    aids = {webhook.subject}
    if webhook.topic == "area" and changes:
        aids = _inside(connection, webhook.subject, {aid for change in changes for aid in _both(change, "aid")})
    return [{"link": change} for change in changes if _concerns(webhook, change, aids)]


def _inside(connection: Connection, area: str, aids: set[str]) -> set[str]:
    return {row["aid"] for row in read(connection, "inside_area", area=area, aids=sorted(aids))}


def _concerns(webhook: Webhook, change: dict[str, Any], aids: set[str]) -> bool:
    """Whether it is about the subject, whose addresses these are, or was before it moved."""
    if webhook.topic == "element":
        return bool(change["element_kind"] == webhook.subject)
    if webhook.topic in ("aid", "area"):
        return not aids.isdisjoint(_both(change, "aid"))
    low, high = code_range(webhook.subject)
    return any(low <= code <= high for code in _both(change, "division_code"))


def _both(change: dict[str, Any], name: str) -> Sequence[str]:
    return [value for value in (change.get(name), change.get(f"from_{name}")) if value is not None]
