"""Keys, the access log and the secret's fingerprint: the tables behind privacy/."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from addressbook.store.engine import translated
from addressbook.store.tables import ACCESS_LOG, API_KEY, META


def add_access(connection: Connection, **entry: Any) -> None:
    """Append a line to the access log."""
    with translated():
        connection.execute(insert(ACCESS_LOG).values(**entry))


def add_key(connection: Connection, key_hash: bytes, role: str, label: str) -> int:
    """Store the hash of a new key; returns its id."""
    with translated():
        added = insert(API_KEY).values(key_hash=key_hash, role=role, label=label).returning(API_KEY.c.key_id)
        return int(connection.execute(added).scalar_one())


def key_by_hash(connection: Connection, key_hash: bytes) -> tuple[int, str, str] | None:
    """Id, role and label of a key that is neither revoked nor expired; None for any other."""
    valid = or_(API_KEY.c.expires_at.is_(None), API_KEY.c.expires_at > func.now())
    wanted = select(API_KEY.c.key_id, API_KEY.c.role, API_KEY.c.label).where(
        API_KEY.c.key_hash == key_hash, API_KEY.c.revoked_at.is_(None), valid
    )
    with translated():
        row = connection.execute(wanted).one_or_none()
    return None if row is None else (row.key_id, row.role, row.label)


def revoke(connection: Connection, key_id: int) -> bool:
    """Revoke a key from now on; False when there is none of that id in use."""
    in_use = (API_KEY.c.key_id == key_id) & API_KEY.c.revoked_at.is_(None)
    with translated():
        done = connection.execute(update(API_KEY).where(in_use).values(revoked_at=func.now()))
    return done.rowcount > 0


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
