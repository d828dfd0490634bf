"""Rows of an address list on their way from the process that reads them to the one that mints.

Pickling them as they are takes longer than reading them: plain tuples take a fifth of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from addressbook.model import AddressKind, PathToken, TreePlan
from addressbook.privacy.sealing import key_of
from addressbook.store.loading import StoredRow
from loaders.addresses import AddressDraft, PlannedColumns
from loaders.intake import Chunk, Entry, Settled
from loaders.received import Received

_KINDS = {kind.value: kind for kind in AddressKind}


Parcel = tuple[list[tuple[Any, ...]], bytes, list[int]]


def packed_chunk(chunk: Chunk[AddressDraft]) -> Parcel:
    """The chunk, not yet admitted, as tuples, bytes and numbers."""
    return packed(chunk.entries), chunk.settled.keys, list(chunk.settled.lines)


def unpacked_chunk(parcel: Parcel) -> Chunk[AddressDraft]:
    """The chunk again."""
    entries, keys, lines = parcel
    return Chunk(unpacked(entries), Settled(keys, lines))


def packed(entries: Sequence[Entry[AddressDraft]]) -> list[tuple[Any, ...]]:
    """The entries, not yet admitted, as tuples."""
    return [
        (
            tuple(entry.row), entry.source_key, entry.row_key.bytes, entry.digest.bytes,
            entry.draft and _packed_draft(entry.draft), entry.point, entry.fault,
            entry.stands_for and entry.stands_for.bytes, entry.stored and _packed_stored(entry.stored),
        )
        for entry in entries
    ]  # fmt: skip


def unpacked(parcel: Sequence[tuple[Any, ...]]) -> list[Entry[AddressDraft]]:
    """The entries again."""
    entries = []
    for row, source_key, row_key, digest, draft, point, fault, stands_for, stored in parcel:
        entry: Entry[AddressDraft] = Entry(
            Received(*row), source_key, key_of(row_key), key_of(digest), None, point, fault
        )
        if draft:
            entry.draft = _unpacked_draft(draft)
        if stands_for:
            entry.stands_for = key_of(stands_for)
        if stored:
            entry.stored = StoredRow(entry.row_key, entry.digest, *stored)
        entries.append(entry)
    return entries


def _packed_draft(draft: AddressDraft) -> tuple[Any, ...]:
    columns = draft.columns
    asked = columns and (columns.plan and _packed_plan(columns.plan), columns.division_code)
    return draft.text, asked, draft.aliases, draft.outside_codes


def _unpacked_draft(packed_draft: tuple[Any, ...]) -> AddressDraft:
    text, asked, aliases, outside_codes = packed_draft
    columns = asked and PlannedColumns(asked[0] and _unpacked_plan(*asked[0]), asked[1])
    return AddressDraft(text, columns, aliases, outside_codes)


def _packed_plan(plan: TreePlan) -> tuple[Any, ...]:
    tail = [(token.kind.value, token.value) for token in plan.tail]
    return plan.division_code, plan.road, plan.plate_no, plan.place, plan.place_kind.value, tail


def _unpacked_plan(
    division_code: str, road: str, plate_no: str, place: str, place_kind: str, tail: list[tuple[str, str]]
) -> TreePlan:
    tokens = [PathToken(_KINDS[kind], value) for kind, value in tail]
    return TreePlan(division_code, road, plate_no, place, _KINDS[place_kind], tokens)


def _packed_stored(stored: StoredRow) -> tuple[Any, ...]:
    """All but the keys, which the entry has; an address has no element."""
    return stored[2:]
