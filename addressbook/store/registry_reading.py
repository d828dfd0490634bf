"""What registry transactions read: addresses whole, their subtrees, siblings and links, inside one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from psycopg import sql
from sqlalchemy import Connection

from addressbook.errors import NotFoundError
from addressbook.identity import printed
from addressbook.model import AddressKind, AddressState, Level
from addressbook.registry.records import AddressRecord, LinkText
from addressbook.store.engine import driver_of

CONTENT = (
    "kind", "parent_aid", "road_aid", "plate_no", "name", "path", "loose_path", "standard_text", "division_code",
    "geom", "coordinate_level", "state", "source_id", "event_id", "valid_from", "valid_to", "state_event_id",
)  # fmt: skip
"""The columns that an address and its versions share."""
_WHOLE = sql.SQL(
    "SELECT site_id, aid, kind, parent_aid, road_aid, plate_no, name, path, loose_path, standard_text, division_code,"
    " ST_X(geom), ST_Y(geom), coordinate_level, state, source_id, event_id, valid_from, valid_to, state_event_id"
    " FROM address WHERE {}"
)
# A version lies with its address today: what it says is in which site it lay.
_SUPERSEDED = (
    "SELECT own_site_id, aid, kind, parent_aid, road_aid, plate_no, name, path, loose_path, standard_text,"
    " division_code, ST_X(geom), ST_Y(geom), coordinate_level, state, source_id, event_id, valid_from, valid_to,"
    " state_event_id FROM address_version WHERE until_event = %s AND NOT is_slice"
)
_BY_AID = _WHOLE.format(sql.SQL("site_id = (SELECT site_id FROM aid_directory WHERE aid = %s) AND aid = %s"))
_LIVE = "state IN ('provisional', 'current') AND {}"
# 'B3/…' up to, not including, 'B30': '0' follows '/'.
_BELOW = sql.SQL("site_id = %s AND path >= %s AND path < %s ORDER BY length(path), path")
_BELOW_TOP = sql.SQL("site_id = %s AND path > '' ORDER BY length(path), path")
_AT_PATH = sql.SQL("site_id = %s AND path = %s")
_TOPS = sql.SQL("kind = %s AND name = %s AND division_code = %s AND path = '' ORDER BY aid")
_NUMBERED = sql.SQL(
    "division_code = %s AND path = '' AND starts_with(name, %s) AND substr(name, length(%s) + 1) ~ '^[0-9]*$'"
    " ORDER BY aid"
)
_PLATES = sql.SQL("road_aid = %s ORDER BY length(plate_no), plate_no, aid")
_PLATE = sql.SQL("road_aid = %s AND plate_no = %s ORDER BY aid")


class SqlRegistryReader:
    """`registry.RegistryReader` over one connection, which holds the minting lock."""

    def __init__(self, connection: Connection) -> None:
        self._driver = driver_of(connection)

    def address(self, aid: str) -> AddressRecord:
        """The address of that code, whatever its state. Raises NotFoundError."""
        found = [_record(row) for row in self._driver.execute(_BY_AID, [aid, aid])]
        if not found:
            raise NotFoundError(
                f"no address has ever had the code {printed(aid)}.", zh=f"从未发放过身份编码 {printed(aid)}。"
            )
        return found[0]

    def subtree(self, top: AddressRecord) -> Sequence[AddressRecord]:
        """The live addresses below it, parents first."""
        if not top.path:
            return self._all(_BELOW_TOP, top.site_id) if top.is_live else []
        return self._all(_BELOW, top.site_id, f"{top.path}/", f"{top.path}0")

    def at_path(self, site_id: int, path: str) -> AddressRecord | None:
        """The live address at a path of a site."""
        found = self._all(_AT_PATH, site_id, path)
        return found[0] if found else None

    def tops(self, kind: AddressKind, name: str, division_code: str) -> Sequence[AddressRecord]:
        """The live topmost addresses of that kind and name in just that division."""
        return self._all(_TOPS, kind.value, name, division_code)

    def numbered(self, name: str, division_code: str) -> Sequence[AddressRecord]:
        """The live topmost addresses in just that division that have the name, or the name and digits behind it."""
        return self._all(_NUMBERED, division_code, name, name) if name else []

    def plates(self, road_aid: str, plate_no: str | None = None) -> Sequence[AddressRecord]:
        """The live door plates on a street, or those of one number."""
        return self._all(_PLATES, road_aid) if plate_no is None else self._all(_PLATE, road_aid, plate_no)

    def links(self, aid: str) -> Sequence[LinkText]:
        """The open links that hang on just that address."""
        found = self._driver.execute(
            "SELECT link_id, received_text FROM link WHERE site_id = (SELECT site_id FROM aid_directory WHERE aid = %s)"
            " AND aid = %s AND closed_at IS NULL ORDER BY link_id",
            [aid, aid],
        )
        return [LinkText(*row) for row in found]

    def _all(self, condition: sql.SQL, /, *values: Any) -> list[AddressRecord]:
        return [_record(row) for row in self._driver.execute(_WHOLE.format(sql.SQL(_LIVE).format(condition)), values)]


def earlier_versions(connection: Connection, event_id: int) -> dict[str, AddressRecord]:
    """What the addresses that an event changed were before it; each names the event that made it so."""
    found = driver_of(connection).execute(_SUPERSEDED, [event_id])
    records = [_record(row) for row in found]
    return {record.aid: replace(record, state_event_id=record.made_by) for record in records}


def _record(row: Sequence[Any]) -> AddressRecord:
    site_id, aid, kind, parent, road, plate, name, path, loose, words, division, lon, lat, level, state, *rest = row
    point = None if lon is None else (lon, lat)
    return AddressRecord(
        site_id, aid, AddressKind(kind), parent, road, plate, name, path, loose, words, division, point, Level(level),
        AddressState(state), *rest,
    )  # fmt: skip
