"""What became of a code, whenever it was issued; and the registry's events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from addressbook.registry.events import EventKind
from addressbook.store.reading import Row, read, read_one
from addressbook.views.address import never_issued, record
from addressbook.views.lineage import with_print

NEWEST = 2**62
MOST_SUCCESSORS = 10_000
_LIVE = ("provisional", "current")


def id_record(connection: Connection, aid: str) -> Row:
    """The address of a code with its state, its successors and its events.

    `today` are the live addresses that stand where this one stood: itself while it is live, else those at the ends of
    its successions, of which MOST_SUCCESSORS are followed; empty where nothing is there. Raises NotFoundError for a
    code that was never issued.
    """
    row = read_one(connection, "id_record", aid=aid, most=MOST_SUCCESSORS)
    if row is None:
        raise never_issued(aid)
    successors = [with_print(found) for found in row["successors"] or []]
    live = [found["aid"] for found in successors if found["state"] in _LIVE]
    return {
        **record(row),
        "today": [aid] if row["state"] in _LIVE else list(dict.fromkeys(live)),
        "successors": successors,
        "same_as": next((found["aid"] for found in successors if _is_twin(found, aid)), None),
        "predecessors": [with_print(found) for found in row["predecessors"] or []],
        "events": row["events"] or [],
    }


def _is_twin(found: Row, aid: str) -> bool:
    return bool(found["relation"] == "same_as" and found["of"] == aid)


def event_page(
    connection: Connection, *, event_id: int | None = None, before: int = NEWEST, limit: int = 50,
    kinds: Sequence[EventKind] | None = None,
) -> list[Row]:  # fmt: skip
    """Registry events before one, newest first, of these kinds or all; or the one of that number."""
    named = None if kinds is None else [kind.value for kind in kinds]
    return read(connection, "event_page", event=event_id, before=before, limit=limit, kinds=named)
