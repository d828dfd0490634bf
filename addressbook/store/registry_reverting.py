"""Taking a registry event back: everything as it was, while no later event builds on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from addressbook.errors import NotFoundError, RuleError
from addressbook.model import AddressKind, AddressState
from addressbook.registry.records import AddressRecord, Changes
from addressbook.registry.siblings import occupants
from addressbook.registry.tree import joined
from addressbook.store.counting import add_to_rollup
from addressbook.store.engine import driver_of
from addressbook.store.registry_links import return_links, withdraw_questions
from addressbook.store.registry_names import end_aliases, end_successions
from addressbook.store.registry_reading import SqlRegistryReader, earlier_versions
from addressbook.store.statements import statement

# Addresses that the event made: they have a version of it and none before it.
_MADE = """
    SELECT aid FROM address WHERE event_id = %(event)s
    UNION SELECT aid FROM address_version WHERE event_id = %(event)s AND NOT is_slice
    EXCEPT SELECT aid FROM address_version WHERE until_event = %(event)s AND NOT is_slice
"""
# What came later and rests on what the event changed: below an address, along a street, or a link to what it made.
_RESTING = """
    SELECT a.event_id, a.standard_text FROM address a
    WHERE a.state IN ('provisional', 'current') AND coalesce(a.state_event_id, a.event_id) > %(event)s
        AND NOT a.aid = ANY(%(all)s) AND (a.site_id, a.parent_aid) IN (
            SELECT site_id, aid FROM aid_directory WHERE aid = ANY(%(all)s))
    UNION ALL
    SELECT a.event_id, a.standard_text FROM address a
    WHERE a.road_aid = ANY(%(all)s) AND a.state IN ('provisional', 'current') AND NOT a.aid = ANY(%(all)s)
        AND coalesce(a.state_event_id, a.event_id) > %(event)s
    LIMIT 1
"""
_ANSWERED = """
    SELECT i.decision_id FROM review_item i
    WHERE i.event_id = %(event)s AND i.state = 'settled' AND i.decision_id IS NOT NULL ORDER BY i.decision_id LIMIT 1
"""
_LINKED = """
    SELECT l.aid FROM link l JOIN aid_directory d ON d.aid = l.aid AND d.site_id = l.site_id
    WHERE d.aid = ANY(%(made)s) AND l.closed_at IS NULL AND l.opened_event IS DISTINCT FROM %(event)s LIMIT 1
"""


def planned(connection: Connection, event_id: int) -> Changes:
    """What taking that event back comes to. Raises NotFoundError or RuleError."""
    need_revertible(connection, event_id)
    reader, driver = SqlRegistryReader(connection), driver_of(connection)
    images = earlier_versions(connection, event_id)
    made = [row[0] for row in driver.execute(_MADE, {"event": event_id})]
    everything = [*images, *made]
    if not everything:
        raise RuleError(
            "unchanged", f"event {event_id} changed no address.", zh=f"事件 {event_id} 未变更任何地址。",
            remedy="An alias is withdrawn or added again: `addressbook alias`.",
        )  # fmt: skip
    changes = Changes()
    for aid in everything:
        now = reader.address(aid)
        _need_newest(now, event_id)
        changes.change(now, images.get(aid) or replace(now, state=AddressState.VOID))
    for image in images.values():
        for other in occupants(image, reader, changes) if image.is_live else ():
            if other.made_by > event_id:  # older ones were there beside it before the event
                raise built_on(other.made_by, other.standard_text)
        _need_place(image, reader, changes)
    _need_nothing_rests(driver, {"event": event_id, "all": everything, "made": made})
    return changes


def need_revertible(connection: Connection, event_id: int) -> None:
    """Raise NotFoundError or RuleError for what is no event, or one that is not taken back."""
    found = driver_of(connection).execute(
        "SELECT kind, (SELECT event_id FROM registry_event r WHERE r.reverts = e.event_id LIMIT 1)"
        " FROM registry_event e WHERE event_id = %s",
        [event_id],
    )
    row = found.fetchone()
    if row is None:
        raise NotFoundError(f"there is no registry event {event_id}.", zh=f"没有登记事件 {event_id}。")
    kind, by = row
    if by is not None:
        raise RuleError("reverted", f"event {by} took it back already.", zh=f"事件 {by} 已将其撤销。")
    if kind == "revert":
        raise RuleError(
            "reverted", "a revert is not taken back.", zh="撤销操作本身不能再撤销。", remedy="Do the change again."
        )


def _need_newest(record: AddressRecord, event_id: int) -> None:
    if record.made_by != event_id:
        raise built_on(record.made_by, record.standard_text)


def _need_place(image: AddressRecord, reader: SqlRegistryReader, changes: Changes) -> None:
    """What the address lay in, and its street, must still be what they were: its path and text come from them."""
    if image.is_live and image.parent_aid:
        parent = changes.now(reader.address(image.parent_aid))
        same = image.site_id == parent.site_id and image.path == joined(parent.path, image.token)
        own = image.kind is AddressKind.DOOR_PLATE or image.standard_text == parent.standard_text + image.name
        if not (parent.is_live and same and own):
            raise built_on(parent.made_by, parent.standard_text)
    if image.is_live and image.road_aid:
        road = changes.now(reader.address(image.road_aid))
        if not (road.is_live and image.standard_text.endswith(road.name + image.name)):
            raise built_on(road.made_by, road.standard_text)


def _need_nothing_rests(driver: Any, values: dict[str, Any]) -> None:
    later = driver.execute(_RESTING, values).fetchone()
    if later is not None:
        raise built_on(*later)
    answered = driver.execute(_ANSWERED, values).fetchone()
    if answered is not None:
        raise RuleError(
            "built_on", f"decision {answered[0]} of the review desk answers what the event asked.",
            zh=f"审核台第 {answered[0]} 号决定答复了该事件提出的问题。",
            remedy=f"Undo it first: addressbook review undo {answered[0]}.",
        )  # fmt: skip
    linked = driver.execute(_LINKED, values).fetchone()
    if linked is not None:
        raise RuleError(
            "linked", f"a later load has linked to {linked[0]}, which the event made.",
            zh=f"该事件新建的地址 {linked[0]} 已被之后载入的数据关联。",
            remedy="Load that source without these rows first, or change the address instead of taking it back.",
        )  # fmt: skip


def built_on(event_id: int, words: str) -> RuleError:
    """The error of an event that a later one builds on."""
    return RuleError(
        "built_on", f"event {event_id} builds on it: {words}.", zh=f"之后的事件 {event_id} 以其为基础：{words}。",
        remedy="Revert that one first.",
    )  # fmt: skip


def take_back(connection: Connection, event_id: int, by_event: int) -> None:
    """What is not among the changes, which are stored by now: links return, what else the event made ends."""
    add_to_rollup(connection, return_links(connection, event_id, by_event))
    driver_of(connection).execute(
        "UPDATE address_version SET until_event = %s WHERE event_id = %s AND is_slice AND until_event IS NULL",
        [by_event, event_id],
    )
    driver_of(connection).execute(statement("slices_again"), {"event": event_id, "by": by_event})
    driver_of(connection).execute(
        "UPDATE external_identifier SET until_event = %s WHERE event_id = %s AND until_event IS NULL",
        [by_event, event_id],
    )
    end_aliases(connection, event_id, by_event)
    end_successions(connection, event_id, by_event)
    withdraw_questions(connection, event_id)
