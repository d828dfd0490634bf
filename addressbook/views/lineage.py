"""What became of an address, what it was made of, since when, and the registry's events about it: for its view."""

from __future__ import annotations

from addressbook.identity import printed
from addressbook.model import AddressState
from addressbook.store.reading import Row

_NEVER_WAS = frozenset({AddressState.VOID, AddressState.REJECTED})


def lineage_view(row: Row, most: int) -> Row:
    """Successors to the end of every chain, and predecessors: at most so many of both."""
    steps = row["lineage"] or []
    told = [(step.pop("onward"), with_print(step)) for step in steps[:most]]
    return {
        "truncated": len(steps) > most,
        "successors": [step for onward, step in told if onward],
        "predecessors": [{name: step[name] for name in step if name != "of"} for onward, step in told if not onward],
    }


def history_view(row: Row, most: int) -> Row:
    """The registry's events about the address, newest first: so many at most."""
    events = row["history"] or []
    return {"truncated": len(events) > most, "items": events[:most]}


def since_view(row: Row) -> Row:
    """From which day on it is there in the world, and from which on in its state.

    None where nobody knows, and of what never was. `valid_from` is another day: that of the last change.
    """
    if row["state"] in _NEVER_WAS or row["valid_from"] is None:
        return {"existed_since": None, "state_since": None}
    last = row["valid_from"].isoformat()
    past = [step for step in row["past"] or [] if step["valid_to"] is not None and step["valid_to"] <= last]
    starts = [step["valid_from"] for step in past]
    existed = None if None in starts else min(starts, default=last)
    other = [step["valid_to"] for step in past if step["state"] != row["state"]]
    return {"existed_since": existed, "state_since": max(other, default=existed)}


def with_print(found: Row) -> Row:
    """The same, with its code as it is printed."""
    return {"aid": found["aid"], "printed": printed(found["aid"]), **found}
