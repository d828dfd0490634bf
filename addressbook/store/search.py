"""Reads for suggestions: rows as dictionaries, by codes, ranges and nearness. Nothing here decides who may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from addressbook.store.engine import plan_for_what_is_asked
from addressbook.store.reading import Row, read

AFTER_ALL = "\U0010ffff"
"""The last of all characters: a text and this one stand behind all that begin with the text."""
FARTHEST_M = 2000.0
BELOW, DRAWN = "DBEFH", "CDBP"
"""The letters of what has a number below or along another address; of what is drawn on a map."""
SHORTEST_PART = 3
"""Characters of a part of a name that the trigram index can look for."""


def read_sizes(connection: Connection) -> dict[str, int]:
    """How many addresses lie in, or on, each named address that has any."""
    return {row["aid"]: row["count"] for row in read(connection, "search_sizes")}


def read_by_aid(connection: Connection, aids: Sequence[str]) -> dict[str, Row]:
    """Addresses by code, whatever their state."""
    rows = read(connection, "search_addresses", aids=list(aids)) if aids else []
    return {row["aid"]: row for row in rows}


def read_below(
    connection: Connection, aids: Sequence[str], tail: str, limit: int, letters: Collection[str] = BELOW
) -> list[Row]:
    """What stands right below or along some addresses with a number that begins with `tail`, in order of numbers."""
    wanted = [letter for letter in BELOW if letter in letters]
    if not (aids and wanted):
        return []
    above = tail + AFTER_ALL
    return read(connection, "search_below", aids=list(aids), tail=tail, above=above, limit=limit, letters=wanted)


def read_nearest(
    connection: Connection, lon: float, lat: float, limit: int, letters: Collection[str] = DRAWN
) -> list[Row]:
    """The nearest compounds, plates, buildings and places within FARTHEST_M, with their distance in `metres`."""
    wanted = [letter for letter in DRAWN if letter in letters]
    if not wanted:
        return []
    asked = {"lon": lon, "lat": lat, "limit": limit, "farthest": FARTHEST_M, "letters": wanted}
    return read(connection, "search_nearest", **asked)


def read_containing(
    connection: Connection, lon: float, lat: float, limit: int, *, divisions: bool = True, others: bool = True
) -> list[Row]:
    """The areas that a point lies in, the smallest first: divisions, others, or both."""
    asked = {"lon": lon, "lat": lat, "limit": limit, "divisions": divisions, "others": others}
    return read(connection, "search_containing", **asked)


def read_divisions_from(connection: Connection, digits: str, limit: int) -> list[Row]:
    """Divisions in force whose codes begin with some digits, the widest first."""
    low, high = digits.ljust(12, "0"), digits.ljust(12, "9")
    return read(connection, "search_division_codes", low=low, high=high, limit=limit)


def read_boxes(connection: Connection, codes: Sequence[str]) -> dict[str, list[float]]:
    """The extents of those areas that have a boundary: west, south, east, north."""
    rows = read(connection, "search_boxes", codes=list(codes)) if codes else []
    return {row["code"]: row["bbox"] for row in rows}


def read_enterprises(connection: Connection, name: str, letters: str, code: str, limit: int) -> list[Row]:
    """Enterprises called so, typed so in Latin `letters`, or whose 统一社会信用代码 begins so, with where each is.

    `rank` says how: 0 code, 1 name, 2 pinyin, 3 initials, 4 a part of the name.
    """
    plan_for_what_is_asked(connection)  # or a part of a name is looked for in all of them
    escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = read(
        connection, "search_enterprises", code=code or None, above=code + AFTER_ALL,
        beginning=f"{escaped}%" if len(name) > 1 else None, letters=letters or None, above_letters=letters + AFTER_ALL,
        part=f"%{escaped}%" if len(name) >= SHORTEST_PART else None, limit=limit,
    )  # fmt: skip
    keys = [row["element_key"] for row in found]
    links = {row["element_key"]: row for row in (read(connection, "search_links", keys=keys) if keys else [])}
    return [{**row, **links.get(row["element_key"], {})} for row in found]
