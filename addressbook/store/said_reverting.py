"""Taking back what an event said of an address without changing it: an outside code, or a doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, literal, select, update

from addressbook.errors import RuleError
from addressbook.store.engine import driver_of
from addressbook.store.reading import Row, read
from addressbook.store.registry_reverting import built_on
from addressbook.store.tables import AID_DIRECTORY, DOUBT, EXTERNAL_IDENTIFIER

_SAID = """
    SELECT kind, request FROM registry_event
    WHERE event_id = %s AND kind IN ('identifier', 'identifier_ended', 'doubt', 'doubt_closed')
"""
_CODE = EXTERNAL_IDENTIFIER.c
_HERE = (_CODE.aid == bindparam("of")) & (
    _CODE.site_id == select(AID_DIRECTORY.c.site_id).where(AID_DIRECTORY.c.aid == bindparam("of")).scalar_subquery()
)
# An event makes one row at most.
_MADE = select(_CODE.until_event).where(_HERE, _CODE.event_id == bindparam("event"))
_SUPERSEDED = (_CODE.until_event == bindparam("event")) & _HERE
_FORMER = select(_CODE.scheme, _CODE.value, _CODE.valid_from, _CODE.valid_to).where(_SUPERSEDED)
_END = update(EXTERNAL_IDENTIFIER).where(_HERE, _CODE.event_id == bindparam("event"))
_KEPT = ("site_id", "aid", "scheme", "value", "source_id", "valid_from", "valid_to")
_MOST = 1000


class Said(NamedTuple):
    """What an event said: its kind, and what was asked."""

    kind: str
    request: dict[str, Any]


def said_by(connection: Connection, event_id: int) -> Said | None:
    """What that event said of an address; None where it changed addresses, or divisions."""
    found = driver_of(connection).execute(_SAID, [event_id]).fetchone()
    return Said(*found) if found else None


def take_back_said(connection: Connection, said: Said, event_id: int, by_event: int, actor: str) -> None:
    """Outside codes and doubts are what they were before the event. Raises RuleError where a later one builds on it."""
    if said.kind == "doubt":
        _close_doubt(connection, event_id, {"closed_event": by_event, "closed_at": func.now(), "closed_by": actor})
    elif said.kind == "doubt_closed":
        _open_again(connection, event_id, by_event)
    else:
        _take_back_code(connection, {"of": said.request["aid"], "event": event_id}, by_event)


def _take_back_code(connection: Connection, at: dict[str, Any], by_event: int) -> None:
    made = connection.execute(_MADE, at).first()
    if made is None:
        raise RuleError(
            "unchanged", f"what event {at['event']} made of the code was not kept.",
            zh=f"事件 {at['event']} 登记外部编码时未留存变更内容，无法撤销。",
            remedy="End the code, or give it with the right day: `addressbook identifier`.",
        )  # fmt: skip

    def superseded_by(event: int) -> int | None:
        later: int | None = connection.execute(_MADE, {**at, "event": event}).scalar_one()
        return later

    standing = _standing(connection, at["event"], superseded_by, "外部编码 an outside code")
    former = connection.execute(_FORMER, at).mappings().all()
    connection.execute(_END.values(until_event=by_event), {**at, "event": standing})
    for period in former:
        _need_free(connection, dict(period))
    again = select(*(_CODE[name] for name in _KEPT), literal(by_event)).where(_SUPERSEDED)
    connection.execute(insert(EXTERNAL_IDENTIFIER).from_select([*_KEPT, "event_id"], again), at)


def _standing(connection: Connection, event: int, superseded_by: Callable[[int], int | None], words: str) -> int:
    """The event under which stands what that one made: itself, or the one that took back what had superseded it.

    Raises RuleError where something superseded it that was not taken back.
    """
    while (later := superseded_by(event)) is not None:
        found = driver_of(connection).execute("SELECT event_id FROM registry_event WHERE reverts = %s", [later])
        back = found.fetchone()
        if back is None:
            raise built_on(later, words)
        event = back[0]
    return event


def _need_free(connection: Connection, period: Row) -> None:
    """A code belongs to one address at a time, also one that comes back."""
    code = {"scheme": period["scheme"], "value": period["value"]}
    others = read(connection, "identifier_page", **code, squeezed=None, shaped=[], aid=None, limit=_MOST)
    for other in others:
        if _begins_before(period, other) and _begins_before(other, period):
            raise RuleError(
                "built_on", f"{code['scheme']} {code['value']} belongs to {other['standard_text']} by now.",
                zh=f"{code['scheme']} {code['value']} 现已属于 {other['standard_text']}。",
                remedy="Take that back first.",
            )  # fmt: skip


def _begins_before(period: Row, other: Row) -> bool:
    """Whether it begins before the end of the other one; a bound that is not known lies beyond all days."""
    return period["valid_from"] is None or other["valid_to"] is None or bool(period["valid_from"] < other["valid_to"])


def _close_doubt(connection: Connection, event_id: int, closed: dict[str, Any]) -> None:
    def closed_by(event: int) -> int | None:
        asked = select(DOUBT.c.closed_event).where(DOUBT.c.opened_event == event)
        later: int | None = connection.execute(asked).scalar_one()
        return later

    standing = _standing(connection, event_id, closed_by, "核实完毕 the doubt was closed")
    connection.execute(update(DOUBT).where(DOUBT.c.opened_event == standing).values(**closed))


def _open_again(connection: Connection, event_id: int, by_event: int) -> None:
    """A new doubt like the one that was closed: when it was closed, and that it was, stays known."""
    asked = select(DOUBT.c.aid, DOUBT.c.attribute, DOUBT.c.sentence, DOUBT.c.actor)
    doubt = connection.execute(asked.where(DOUBT.c.closed_event == event_id)).mappings().one()
    here = (DOUBT.c.aid == doubt["aid"]) & (DOUBT.c.attribute == doubt["attribute"]) & DOUBT.c.closed_at.is_(None)
    later = connection.execute(select(DOUBT.c.opened_event).where(here)).scalar()
    if later is not None:
        raise built_on(later, "存疑 a new doubt")
    connection.execute(insert(DOUBT).values(**doubt, opened_event=by_event))
