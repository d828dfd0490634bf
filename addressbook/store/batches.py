"""Sources and batches: who sent a file, one load at a time, and what became of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sqlalchemy import Connection, text

from addressbook.errors import BusyError, InputError, NotFoundError

SOURCE_LOCK_SPACE = 7_301
MINT_LOCK, LINK_LOCK = 7_301_001, 7_301_002
_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of characters, separators of lines: what breaks a list or a log that names the source."""


def source_of(connection: Connection, name: str, kind: str) -> int:
    """The id of a source, registered at its first load.

    Raises InputError when the name is already in use for another kind of rows, or cannot be shown on one line.
    """
    if not name.strip() or any(unicodedata.category(char) in _UNSHOWABLE for char in name):
        raise InputError(
            f"a source's name is one line of text without control characters, not {name!r}.",
            zh=f"来源名称应为一行文字，不能为空，不能含有控制字符：{name!r}。",
            remedy="Give another --source.",
        )
    connection.execute(
        text("INSERT INTO source (name, kind) VALUES (:name, :kind) ON CONFLICT (name) DO NOTHING"),
        {"name": name, "kind": kind},
    )
    found = connection.execute(text("SELECT source_id, kind FROM source WHERE name = :name"), {"name": name}).one()
    if found.kind != kind:
        raise InputError(
            f"source {name!r} holds {found.kind}, not {kind}.",
            zh=f"来源“{name}”已用于 {found.kind}，不能再载入 {kind}。",
            remedy="Give another --source.",
        )
    return int(found.source_id)


def find_source(connection: Connection, name: str) -> tuple[int, str]:
    """The id and kind of a source; raises NotFoundError listing the known ones."""
    found = connection.execute(text("SELECT source_id, kind FROM source WHERE name = :name"), {"name": name}).first()
    if found is None:
        known = connection.execute(text("SELECT name FROM source ORDER BY name LIMIT 20")).scalars().all()
        raise NotFoundError(
            f"there is no source {name!r}.",
            zh=f"没有来源“{name}”。",
            remedy=f"Known sources: {', '.join(known) or 'none'}.",
        )
    return int(found.source_id), str(found.kind)


def lock_source(connection: Connection, source_id: int, name: str) -> None:
    """Keep other loads of the source out until this connection ends, even by a crash.

    Raises BusyError when one is running.
    """
    got = connection.execute(
        text("SELECT pg_try_advisory_lock(:space, :source)"), {"space": SOURCE_LOCK_SPACE, "source": source_id}
    ).scalar_one()
    if not got:
        raise BusyError(
            f"source {name!r} is being loaded by another process.",
            zh=f"来源“{name}”正在由另一个进程载入。",
            remedy="Wait until it has finished, then run the command again.",
        )


def unlock_source(connection: Connection, source_id: int) -> None:
    """Let others load the source."""
    connection.execute(
        text("SELECT pg_advisory_unlock(:space, :source)"), {"space": SOURCE_LOCK_SPACE, "source": source_id}
    )


def lock_minting(connection: Connection) -> None:
    """Only one transaction mints at a time, so that two loads cannot mint one place twice; released at its end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MINT_LOCK})


def lock_links(connection: Connection, *, shared: bool = False) -> None:
    """Keep addresses as they are while links to them are written (`shared`), or links while addresses change."""
    asked = "SELECT pg_advisory_xact_lock_shared(:lock)" if shared else "SELECT pg_advisory_xact_lock(:lock)"
    connection.execute(text(asked), {"lock": LINK_LOCK})


def start_batch(connection: Connection, source_id: int, file_name: str, sha256: str) -> int:
    """A new batch, running; earlier ones of the source that never ended are marked failed (their process is gone)."""
    connection.execute(
        text("UPDATE batch SET state = 'failed', finished_at = now() WHERE source_id = :source AND state = 'running'"),
        {"source": source_id},
    )
    return int(
        connection.execute(
            text(
                "INSERT INTO batch (source_id, file_name, file_sha256, state)"
                " VALUES (:source, :file, :sha, 'running') RETURNING batch_id"
            ),
            {"source": source_id, "file": file_name, "sha": sha256},
        ).scalar_one()
    )


def end_batch(connection: Connection, batch_id: int, state: str, counts: Mapping[str, int]) -> None:
    """Write how a batch ended and what it counted."""
    connection.execute(
        text(
            "UPDATE batch SET state = :state, finished_at = now(), read = :read, linked = :linked, review = :review,"
            " rejected = :rejected, unchanged = :unchanged, minted = :minted, closed = :closed WHERE batch_id = :batch"
        ),
        {"state": state, "batch": batch_id, **counts},
    )
