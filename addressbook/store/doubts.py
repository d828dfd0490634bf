"""Doubts about single attributes of an address: opened with a sentence, closed when somebody has looked.

The record stays usable meanwhile. Either is a registry event, which keeps who, why and when.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from addressbook.errors import FieldError, NotFoundError, RuleError
from addressbook.masking import mask_numbers
from addressbook.registry.events import EventKind
from addressbook.registry.rules import need_live, shown
from addressbook.store.batches import lock_minting
from addressbook.store.engine import translated, write_through
from addressbook.store.minting import record_event
from addressbook.store.outbox import announce_event
from addressbook.store.reading import Row
from addressbook.store.registry_reading import SqlRegistryReader
from addressbook.store.tables import DOUBT
from addressbook.store.transactions import Because

ATTRIBUTES = ("name", "number", "point", "division", "parent", "road", "kind", "state", "standard_text")
"""What may be doubtful of an address."""
MOST_CHARACTERS = 500
_TOLD = ("attribute", "sentence", "actor", "opened_at", "opened_event")


def open_doubt(connection: Connection, aid: str, attribute: str, sentence: str, because: Because) -> int:
    """Put an attribute of a live address under review; returns the registry event.

    Raises FieldError for what is no attribute or sentence, NotFoundError, and RuleError where it is under review
    already or the address is not in use.
    """
    sentence = _checked(attribute, sentence)
    write_through(connection)
    lock_minting(connection)
    address = SqlRegistryReader(connection).address(aid)
    need_live(address)
    if _open_one(connection, aid, attribute):
        raise RuleError(
            "doubted", f"{attribute} of {shown(address)} is under review already.",
            zh=f"{shown(address)} 的 {attribute} 已在核实中。", remedy="Close that doubt first.",
        )  # fmt: skip
    event = _recorded(connection, EventKind.DOUBT, because, aid=aid, attribute=attribute, sentence=sentence)
    values = {"aid": aid, "attribute": attribute, "sentence": sentence, "actor": because.actor, "opened_event": event}
    connection.execute(insert(DOUBT).values(**values))
    announce_event(connection, event)
    return event


def close_doubt(connection: Connection, aid: str, attribute: str, because: Because) -> int:
    """The attribute is no longer under review; returns the registry event. Raises NotFoundError where it was not."""
    write_through(connection)
    lock_minting(connection)
    if not _open_one(connection, aid, attribute):
        raise NotFoundError(f"{attribute} of {aid} is not under review.", zh=f"{aid} 的 {attribute} 未在核实中。")
    event = _recorded(connection, EventKind.DOUBT_CLOSED, because, aid=aid, attribute=attribute)
    here = (DOUBT.c.aid == aid) & (DOUBT.c.attribute == attribute) & DOUBT.c.closed_at.is_(None)
    values = {"closed_event": event, "closed_at": func.now(), "closed_by": because.actor}
    connection.execute(update(DOUBT).where(here).values(**values))
    announce_event(connection, event)
    return event


def doubts_of(connection: Connection, aid: str, moment: datetime | None = None) -> list[Row]:
    """The attributes of an address that are under review, or were at that moment, each with its sentence."""
    here = DOUBT.c.aid == aid
    if moment is None:
        here &= DOUBT.c.closed_at.is_(None)
    else:
        here &= (DOUBT.c.opened_at <= moment) & or_(DOUBT.c.closed_at.is_(None), DOUBT.c.closed_at > moment)
    wanted = select(*(DOUBT.c[name] for name in _TOLD)).where(here).order_by(DOUBT.c.attribute)
    with translated():
        return [dict(zip(_TOLD, row, strict=True)) for row in connection.execute(wanted)]


def _open_one(connection: Connection, aid: str, attribute: str) -> bool:
    here = (DOUBT.c.aid == aid) & (DOUBT.c.attribute == attribute) & DOUBT.c.closed_at.is_(None)
    return connection.execute(select(DOUBT.c.doubt_id).where(here)).first() is not None


def _checked(attribute: str, sentence: str) -> str:
    if attribute not in ATTRIBUTES:
        raise FieldError(
            "bad_attribute", "attribute", f"{attribute!r} is no attribute.", zh=f"没有属性“{attribute}”。",
            remedy=f"Use one of {', '.join(ATTRIBUTES)}.",
        )  # fmt: skip
    sentence = mask_numbers(sentence.strip())
    if not (sentence.isprintable() and 0 < len(sentence) <= MOST_CHARACTERS):
        raise FieldError(
            "bad_sentence", "sentence", "a doubt needs a sentence of one line, of at most 500 characters.",
            zh="存疑须用一行不超过五百字的文字说明。",
        )  # fmt: skip
    return sentence


def _recorded(connection: Connection, kind: EventKind, because: Because, **request: Any) -> int:
    return record_event(
        connection, kind, actor=because.actor, reason=because.reason, source_document=because.document, batch_id=None,
        request=request,
    )  # fmt: skip
