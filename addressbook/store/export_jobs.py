"""The queue of exports: taken one at a time by whichever process is free, told of while they run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, or_, select, text, update

from addressbook.errors import BusyError, NotFoundError
from addressbook.store.engine import translated, write_through
from addressbook.store.reading import Row
from addressbook.store.tables import API_KEY, EXPORT_JOB

MOST_UNDER_WAY = 5
SILENT = text("interval '2 minutes'")
"""A process that has not told of its job for so long is taken to be gone."""
KEPT = text("interval '24 hours'")
_UNDER_WAY = EXPORT_JOB.c.state.in_(("waiting", "running"))


class Asked(NamedTuple):
    """A job as it was asked for."""

    collection: str
    format: str
    question: dict[str, Any]


def add_job(connection: Connection, key_id: int, purpose: str, asked: Asked, expected: int) -> int:
    """Queue an export; returns its number. Raises BusyError where the key has as many under way as it may."""
    mine = select(func.count()).select_from(EXPORT_JOB).where(EXPORT_JOB.c.key_id == key_id, _UNDER_WAY)
    with translated():
        if connection.execute(mine).scalar_one() >= MOST_UNDER_WAY:
            raise BusyError(
                f"{MOST_UNDER_WAY} exports of this key are under way.", zh=f"该密钥已有 {MOST_UNDER_WAY} 个导出任务。",
                remedy="Wait for one, or cancel one.",
            )  # fmt: skip
        values = {**asked._asdict(), "key_id": key_id, "purpose": purpose, "expected": expected}
        return int(connection.execute(insert(EXPORT_JOB).values(values).returning(EXPORT_JOB.c.job_id)).scalar_one())


def need_job(connection: Connection, job_id: int, key_id: int | None = None) -> Row:
    """A job, of that key where one is given. Raises NotFoundError."""
    wanted = select(EXPORT_JOB).where(EXPORT_JOB.c.job_id == job_id)
    if key_id is not None:
        wanted = wanted.where(EXPORT_JOB.c.key_id == key_id)
    with translated():
        found = connection.execute(wanted).mappings().one_or_none()
    if found is None:
        raise NotFoundError(f"there is no export {job_id} of this key.", zh=f"该密钥没有编号为 {job_id} 的导出任务。")
    return dict(found)


def take_job(connection: Connection) -> Row | None:
    """The job that has waited longest, now running; None where none waits."""
    longest = select(EXPORT_JOB.c.job_id).where(EXPORT_JOB.c.state == "waiting").order_by(EXPORT_JOB.c.job_id).limit(1)
    taken = EXPORT_JOB.c.job_id == longest.with_for_update(skip_locked=True).scalar_subquery()
    begun = update(EXPORT_JOB).where(taken).values(state="running", beat_at=func.now()).returning(*EXPORT_JOB.c)
    with translated():
        found = connection.execute(begun).mappings().one_or_none()
    return None if found is None else dict(found)


def tell(connection: Connection, job_id: int, rows: int) -> bool:
    """Say how far a job is; False where it is to stop."""
    told = update(EXPORT_JOB).where(EXPORT_JOB.c.job_id == job_id, EXPORT_JOB.c.state == "running")
    with translated():
        return bool(connection.execute(told.values(rows=rows, beat_at=func.now())).rowcount)


def finish(
    connection: Connection, job_id: int, state: str, *, zh: str = "", en: str = "", rows: int | None = None
) -> bool:
    """End a job that is under way, with the rows it wrote; False where it had ended already."""
    times = {"finished_at": func.now(), "expires_at": func.now() + KEPT}
    counted = {} if rows is None else {"rows": rows}
    ended = update(EXPORT_JOB).where(EXPORT_JOB.c.job_id == job_id, _UNDER_WAY)
    with translated():
        done = connection.execute(ended.values(state=state, fault_zh=zh, fault_en=en, **times, **counted))
    return bool(done.rowcount)


def expire(connection: Connection) -> list[Row]:
    """Jobs whose time is over, from now on without a file; those of a process that is gone have failed."""
    gone = (EXPORT_JOB.c.state == "running") & (EXPORT_JOB.c.beat_at < func.now() - SILENT)
    fault = {"fault_en": "the service was stopped meanwhile.", "fault_zh": "服务中途停止，请重新导出。"}
    over = (EXPORT_JOB.c.state == "done") & (EXPORT_JOB.c.expires_at < func.now())
    with translated():
        connection.execute(update(EXPORT_JOB).where(gone).values(state="failed", finished_at=func.now(), **fault))
        ended = update(EXPORT_JOB).where(over).values(state="expired").returning(*EXPORT_JOB.c)
        return [dict(row) for row in connection.execute(ended).mappings()]


def with_file(connection: Connection, job_ids: Collection[int]) -> set[int]:
    """Which of these jobs have a file, or are making one."""
    c = EXPORT_JOB.c
    has = or_(c.state == "running", (c.state == "done") & (c.expires_at > func.now()))
    with translated():
        return set(connection.execute(select(c.job_id).where(c.job_id.in_(job_ids), has)).scalars())


def withdraw(connection: Connection, collection: str) -> None:
    """What is stored of somebody in a collection is no longer to be shown: its files go, and what is written fails."""
    begun = EXPORT_JOB.c.collection == collection
    why = {
        "fault_en": "a person was corrected, restricted or erased meanwhile: export it again.",
        "fault_zh": "其间有人员信息被更正、限制处理或删除，请重新导出。",
    }
    running, done = EXPORT_JOB.c.state == "running", EXPORT_JOB.c.state == "done"
    write_through(connection)
    with translated():
        connection.execute(update(EXPORT_JOB).where(begun, done).values(expires_at=func.now(), **why))
        ended = update(EXPORT_JOB).where(begun, running)
        connection.execute(ended.values(state="failed", finished_at=func.now(), **why))


def key_in_use(connection: Connection, key_id: int, *, held: bool = False) -> Row | None:
    """Role, label and areas of a key that is neither revoked nor expired today; held, it stays so in this transaction.

    A change of rights that comes later then finds the job running, and ends it (migration 0024).
    """
    c = API_KEY.c
    wanted = select(c.role, c.label, c.areas).where(
        c.key_id == key_id, c.revoked_at.is_(None), or_(c.expires_at.is_(None), c.expires_at > func.now())
    )
    if held:
        wanted = wanted.with_for_update(read=True)
    with translated():
        found = connection.execute(wanted).mappings().one_or_none()
    return None if found is None else dict(found)
