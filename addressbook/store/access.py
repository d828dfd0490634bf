"""Keys, purposes and the secret's fingerprint: the tables behind privacy/."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from addressbook.store.asking import Asking
from addressbook.store.engine import translated
from addressbook.store.reading import Row, read
from addressbook.store.tables import API_KEY, META, PURPOSE

_NAMES = ("key_id", "role", "label", "areas", "created_at", "expires_at", "revoked_at", "last_used_at",
          "previous_until")  # fmt: skip
_COLUMNS = [API_KEY.c[name] for name in _NAMES]


class Key(NamedTuple):
    """A key as it is listed; the key itself is not known here. `areas` are leading digits of divisions."""

    key_id: int
    role: str
    label: str
    areas: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None


def add_key(
    connection: Connection, key_hash: bytes, role: str, label: str, areas: Sequence[str], expires_at: datetime | None
) -> int:
    """Store the hash of a new key; returns its id."""
    values = {"key_hash": key_hash, "role": role, "label": label, "areas": list(areas), "expires_at": expires_at}
    with translated():
        return int(connection.execute(insert(API_KEY).values(values).returning(API_KEY.c.key_id)).scalar_one())


def key_by_hash(connection: Connection, key_hash: bytes) -> Key | None:
    """The key in force that has this hash: see store/sql/key_by_hash.sql."""
    return _key(read(connection, "key_by_hash", hash=key_hash))


async def ask_key_by_hash(asking: Asking, key_hash: bytes) -> Key | None:
    """The same, from the event loop."""
    return _key(await asking.read("key_by_hash", hash=key_hash))


def _key(rows: list[Row]) -> Key | None:
    return Key(**rows[0]) if rows else None


def list_keys(connection: Connection) -> list[Key]:
    """Every key there ever was, by number."""
    with translated():
        return [Key(*row) for row in connection.execute(select(*_COLUMNS).order_by(API_KEY.c.key_id))]


async def ask_key_by_session(asking: Asking, session_hash: bytes) -> Key | None:
    """The key in force behind a session that has not ended."""
    return _key(await asking.read("key_by_session", hash=session_hash))


async def ask_begin_session(
    asking: Asking, session_hash: bytes, key_id: int, seconds: int, *, key_hash: bytes | None, by_session: bytes | None
) -> datetime:
    """Store a session that a key began, or another session, or else a token; returns when it ends."""
    begun_by = {"key_hash": key_hash, "session_hash": by_session}
    rows = await asking.read("session_begun", hash=session_hash, key_id=key_id, seconds=seconds, **begun_by)
    ends: datetime = rows[0]["expires_at"]
    return ends


async def ask_end_session(asking: Asking, session_hash: bytes) -> None:
    """Forget a session."""
    await asking.read("session_ended", hash=session_hash)


class Holder(NamedTuple):
    """Whom an issuer's tokens speak of, as kept beside the keys."""

    key_id: int
    role: str
    label: str
    areas: list[str]
    expires_at: datetime | None
    revoked_at: datetime | None
    issued_at: datetime


async def ask_holder(asking: Asking, issuer: str, subject: str) -> Holder | None:
    """What is kept of a subject, revoked or not."""
    rows = await asking.read("key_by_subject", issuer=issuer, subject=subject)
    return Holder(**{name: rows[0][name] for name in Holder._fields}) if rows else None


async def ask_keep_holder(asking: Asking, key_hash: bytes, claims: dict[str, Any]) -> None:
    """Keep what a token says, unless its holder was revoked or has come with a newer one."""
    await asking.read("key_of_subject", **claims | {"hash": key_hash, "areas": list(claims["areas"])})


async def ask_touch(asking: Asking, key_id: int) -> None:
    """Remember that a key was used just now: see store/sql/key_touched.sql."""
    await asking.read("key_touched", key_id=key_id)


def replace_hash(connection: Connection, key_id: int, key_hash: bytes, grace: timedelta) -> bool:
    """Give a key in use a new hash; the old one stays good for `grace`. False when there is none of that id in use."""
    values = {
        "key_hash": key_hash, "previous_hash": API_KEY.c.key_hash, "previous_until": func.now() + grace,
    }  # fmt: skip
    with translated():
        return connection.execute(update(API_KEY).where(_in_use(key_id)).values(values)).rowcount > 0


def revoke(connection: Connection, key_id: int) -> bool:
    """Revoke a key from now on; False when there is none of that id in use."""
    with translated():
        return connection.execute(update(API_KEY).where(_in_use(key_id)).values(revoked_at=func.now())).rowcount > 0


def _in_use(key_id: int) -> Any:
    return (API_KEY.c.key_id == key_id) & API_KEY.c.revoked_at.is_(None)


class Purpose(NamedTuple):
    """A purpose; `closed_at` is None while it is in use."""

    code: str
    name_zh: str
    name_en: str
    legal_basis: str
    added_at: datetime | None = None
    closed_at: datetime | None = None
    visible_after_days: int = 0


def list_purposes(connection: Connection) -> list[Purpose]:
    """Every purpose there ever was, by code."""
    columns = [PURPOSE.c[name] for name in Purpose._fields]
    with translated():
        return [Purpose(*row) for row in connection.execute(select(*columns).order_by(PURPOSE.c.code))]


async def ask_open_purposes(asking: Asking) -> list[str]:
    """The codes of purposes in use."""
    return [row["code"] for row in await asking.read("open_purposes")]


def insert_purpose(connection: Connection, purpose: Purpose) -> bool:
    """Store a new purpose; False when its code was used before."""
    values = {
        name: getattr(purpose, name) for name in ("code", "name_zh", "name_en", "legal_basis", "visible_after_days")
    }
    with translated():
        added = upsert(PURPOSE).values(values).on_conflict_do_nothing().returning(PURPOSE.c.code)
        return connection.execute(added).one_or_none() is not None


def close_purpose(connection: Connection, code: str) -> bool:
    """From now on nobody reads for this purpose; False when none of that code is in use."""
    in_use = (PURPOSE.c.code == code) & PURPOSE.c.closed_at.is_(None)
    with translated():
        return connection.execute(update(PURPOSE).where(in_use).values(closed_at=func.now())).rowcount > 0


def remembered(connection: Connection, name: str, value: str) -> str:
    """What table meta holds under `name`, after storing `value` there if it held nothing."""
    with translated():
        connection.execute(upsert(META).values(name=name, value=value).on_conflict_do_nothing())
        return str(connection.execute(select(META.c.value).where(META.c.name == name)).scalar_one())


def recalled(connection: Connection, name: str) -> str | None:
    """What table meta holds under `name`, or None."""
    with translated():
        found = connection.execute(select(META.c.value).where(META.c.name == name)).scalar()
    return None if found is None else str(found)
