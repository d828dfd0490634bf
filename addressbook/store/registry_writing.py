"""What a registry transaction leaves of addresses, and the order in which everything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from psycopg import sql
from sqlalchemy import Connection

from addressbook.model import AddressState
from addressbook.registry.records import AddressRecord, Changes
from addressbook.store import minting
from addressbook.store.copying import copy_block
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.engine import driver_of
from addressbook.store.registry_links import ask, move_links, rezone_links
from addressbook.store.registry_names import write_aliases, write_successions
from addressbook.store.registry_reading import CONTENT
from addressbook.store.tables import METADATA

UNDATED = date(1, 1, 1)
_ENDED = frozenset({AddressState.RETIRED, AddressState.REJECTED, AddressState.VOID})
_DEPENDENT = ("address_alias", "external_identifier", "link", "address_version")
"""Tables whose rows hang on an address by (site_id, aid)."""
_PLAIN = tuple(name for name in CONTENT if name not in ("geom", "event_id"))
_TYPES = {"source_id": "bigint", "state_event_id": "bigint", "valid_from": "date", "valid_to": "date"}


def write(connection: Connection, changes: Changes, event_id: int, source_id: int) -> None:
    """Store the changes as the outcome of that event. The caller holds the minting lock."""
    before, after = list(changes.before.values()), list(changes.after.values())
    keep_versions(connection, [record.aid for record in before], event_id, changes.effective)
    _end_slices(connection, [record.aid for record in after if record.state is AddressState.VOID], event_id)
    # What ends makes room for what is new, and what is new must be there for what moves below it.
    update_addresses(connection, [record for record in after if record.state in _ENDED], changes, event_id)
    columns = (*minting.ADDRESS_COLUMNS, "valid_from")
    for block in minting.address_blocks([_new_values(record, event_id) for record in changes.created], columns):
        copy_block(connection, block)
    update_addresses(connection, [record for record in after if record.state not in _ENDED], changes, event_id)
    write_successions(connection, changes.successions, event_id)
    write_aliases(connection, changes, event_id, source_id)
    ask(connection, changes.questions, event_id)
    deltas = move_links(connection, changes.moved, changes.chosen, event_id)
    deltas.update(rezone_links(connection, _rezoned(changes)))
    deltas.update(_counted([*after, *changes.created]))
    deltas.subtract(_counted(before))
    add_to_rollup(connection, deltas)


def _counted(records: Iterable[AddressRecord]) -> list[RollupKey]:
    return [
        RollupKey(record.division_code, "address", "", record.kind.value, UNDATED, 1)
        for record in records
        if record.is_live
    ]


def _rezoned(changes: Changes) -> dict[str, str]:
    """The divisions of the addresses that lie in another one now."""
    return {
        aid: record.division_code
        for aid, record in changes.after.items()
        if record.division_code != changes.before[aid].division_code
    }


def _new_values(record: AddressRecord, event_id: int) -> tuple[Any, ...]:
    point = f"SRID=4326;POINT({record.point[0]!r} {record.point[1]!r})" if record.point else None
    return (
        record.site_id, record.aid, record.kind.value, record.parent_aid, record.road_aid, record.plate_no, record.name,
        record.path, record.loose_path, record.standard_text, record.division_code, point,
        record.coordinate_level.value, record.state.value, record.source_id, event_id, record.valid_from,
    )  # fmt: skip


_KEPT = ", ".join(CONTENT)


def keep_versions(connection: Connection, aids: Sequence[str], event_id: int, effective: date | None) -> None:
    """Keep the addresses as they are, superseded by that event; with a day, also as what they were until then."""
    asked = sql.SQL(
        "INSERT INTO address_version (site_id, aid, own_site_id, {content}, until_event, is_slice)"
        " SELECT a.site_id, a.aid, a.site_id, {kept}, {until}, {is_slice} FROM address a"
        " JOIN aid_directory d ON d.aid = a.aid AND d.site_id = a.site_id"
        " WHERE d.aid = ANY(%(aids)s) AND (NOT {is_slice} OR a.valid_from IS NULL OR a.valid_from < %(day)s::date)"
    )
    content = sql.SQL(", ").join(map(sql.Identifier, CONTENT))
    as_it_is = sql.SQL(", ").join(sql.Identifier("a", name) for name in CONTENT)
    cut = {"event_id": sql.SQL("%(event)s"), "valid_to": sql.SQL("%(day)s::date"), "state_event_id": sql.SQL("NULL")}
    until_then = sql.SQL(", ").join(cut.get(name) or sql.Identifier("a", name) for name in CONTENT)
    values = {"aids": list(aids), "event": event_id, "day": effective}
    driver = driver_of(connection)
    whole = asked.format(content=content, kept=as_it_is, until=sql.SQL("%(event)s"), is_slice=sql.SQL("false"))
    driver.execute(whole, values)
    if effective is not None:
        driver.execute(
            asked.format(content=content, kept=until_then, until=sql.SQL("NULL"), is_slice=sql.SQL("true")), values
        )


def _end_slices(connection: Connection, aids: Sequence[str], event_id: int) -> None:
    """An address that is void never was: nothing is believed any more of what it had been."""
    driver_of(connection).execute(
        "UPDATE address_version v SET until_event = %s FROM aid_directory d"
        " WHERE d.aid = ANY(%s) AND v.site_id = d.site_id AND v.aid = d.aid AND v.is_slice AND v.until_event IS NULL",
        [event_id, list(aids)],
    )


def update_addresses(
    connection: Connection, records: Sequence[AddressRecord], changes: Changes, event_id: int
) -> None:  # fmt: skip
    """Give addresses their new content; those that lie in another site now go there with all that hangs on them."""
    moving = [record for record in records if record.site_id != changes.before[record.aid].site_id]
    if moving:
        _relocate(connection, {record.aid: record.site_id for record in moving}, changes)
    if records:
        _update(connection, records, event_id)


def _update(connection: Connection, records: Sequence[AddressRecord], event_id: int) -> None:
    columns: dict[str, list[Any]] = {
        name: [_plain(getattr(record, name)) for record in records] for name in ("site_id", "aid", *_PLAIN)
    }
    columns["lon"] = [record.point and record.point[0] for record in records]
    columns["lat"] = [record.point and record.point[1] for record in records]
    types = {**_TYPES, "site_id": "bigint", "lon": "float8", "lat": "float8"}
    arrays = [sql.SQL("{}::{}[]").format(sql.Placeholder(name), sql.SQL(types.get(name, "text"))) for name in columns]
    asked = sql.SQL(
        "UPDATE address a SET {sets}, event_id = {event},"
        " geom = CASE WHEN q.lon IS NOT NULL THEN ST_SetSRID(ST_MakePoint(q.lon, q.lat), 4326) END"
        " FROM unnest({arrays}) AS q ({names}) WHERE a.site_id = q.site_id AND a.aid = q.aid"
    ).format(
        sets=sql.SQL(", ").join(sql.SQL("{0} = q.{0}").format(sql.Identifier(name)) for name in _PLAIN),
        event=sql.Placeholder("event"),
        arrays=sql.SQL(", ").join(arrays),
        names=sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    driver_of(connection).execute(asked, {**columns, "event": event_id})


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def _relocate(connection: Connection, sites: dict[str, int], changes: Changes) -> None:
    """Move addresses to other sites as they are, with what ended below them, for its parent must be in its site.

    A distribution column is never updated: rows are copied and deleted, as a cluster wants it.
    """
    old_sites = {aid: changes.before[aid].site_id for aid in sites}
    _take_along(connection, sites, old_sites)
    driver = driver_of(connection)
    values = {"aids": list(sites), "olds": [old_sites[aid] for aid in sites], "news": list(sites.values())}
    for table in ("address", *_DEPENDENT):
        driver.execute(_copied(table), values)
    for table in (*_DEPENDENT, "address"):
        driver.execute(
            sql.SQL(
                "DELETE FROM {} t USING unnest(%(aids)s::text[], %(olds)s::bigint[]) AS q (aid, old)"
                " WHERE t.site_id = q.old AND t.aid = q.aid"
            ).format(sql.Identifier(table)),
            values,
        )
    driver.execute(
        "UPDATE aid_directory d SET site_id = q.new FROM unnest(%(aids)s::text[], %(news)s::bigint[]) AS q (aid, new)"
        " WHERE d.aid = q.aid",
        values,
    )


def _copied(table: str) -> sql.Composed:
    names = [column.name for column in METADATA.tables[table].columns if column.name != "site_id"]
    # On arrival a live address has a path that nobody else's begins with, and no parent, until it gets its own.
    live = "CASE WHEN t.state IN ('provisional', 'current') THEN {} ELSE {} END"
    odd = {
        "path": sql.SQL(live).format(sql.SQL("'~' || t.aid"), sql.SQL("t.path")),
        "parent_aid": sql.SQL(live).format(sql.SQL("NULL"), sql.SQL("t.parent_aid")),
    }
    odd = odd if table == "address" else {}
    return sql.SQL(
        "INSERT INTO {table} (site_id, {names}) SELECT q.new, {values} FROM {table} t"
        " JOIN unnest(%(aids)s::text[], %(olds)s::bigint[], %(news)s::bigint[]) AS q (aid, old, new)"
        " ON t.site_id = q.old AND t.aid = q.aid"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(odd.get(name) or sql.Identifier("t", name) for name in names),
    )


def _take_along(connection: Connection, sites: dict[str, int], old_sites: dict[str, int]) -> None:
    """Add the addresses that ended below those that move."""
    found = driver_of(connection).execute(
        "SELECT aid, site_id, parent_aid FROM address WHERE site_id = ANY(%s) AND parent_aid IS NOT NULL"
        " AND state NOT IN ('provisional', 'current')",
        [list(set(old_sites.values()))],
    )
    ended = [row for row in found if row[0] not in sites]
    grew = True
    while grew:
        grew = False
        for aid, site_id, parent in ended:
            if parent in sites and aid not in sites:
                sites[aid], old_sites[aid], grew = sites[parent], site_id, True
