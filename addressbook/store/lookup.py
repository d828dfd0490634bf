"""The exact look-up of the matcher, answered by the database in one statement a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from addressbook.model import AddressKind, AddressState, FoundAddress, Level, PathQuery
from addressbook.store.engine import driver_of, translated
from addressbook.store.statements import statement

_KIND = {kind.value: kind for kind in AddressKind}
_STATE = {state.value: state for state in AddressState}
_LEVEL = {level.value: level for level in Level}


class SqlPathLookup:
    """`model.PathLookup` over one connection, inside whatever transaction it is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, queries: Sequence[PathQuery]) -> list[list[FoundAddress]]:
        """For each query the addresses found, in the same order; an empty list where there is none."""
        answers: list[list[FoundAddress]] = [[] for _ in queries]
        if not queries:
            return answers
        with translated(), driver_of(self._connection).cursor() as cursor:
            cursor.execute(statement("find_paths"), _columns(queries))
            for number, *found in cursor:
                answers[number].append(_found(found))
        return answers


def _columns(queries: Sequence[PathQuery]) -> dict[str, list[Any]]:
    return {
        "n": list(range(len(queries))),
        "site_id": [query.site_id for query in queries],
        "path": [query.path for query in queries],
        "road_aid": [query.road_aid for query in queries],
        "plate_no": [query.plate_no for query in queries],
        "loose": [query.loose for query in queries],
    }


def _found(row: Sequence[Any]) -> FoundAddress:
    aid, site_id, kind, path, standard_text, division_code, state, lon, lat, coordinate_level, parent_aid = row
    return FoundAddress(
        aid, site_id, _KIND[kind], path, standard_text, division_code, _STATE[state], lon, lat,
        _LEVEL[coordinate_level], parent_aid,
    )  # fmt: skip
