"""The exact look-up of the matcher, answered by the database in one statement a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from addressbook.model import (
    AddressKind,
    AddressState,
    FoundAddress,
    Level,
    PathQuery,
    RetiredAddress,
    RetiredQuery,
)
from addressbook.store.engine import driver_of, translated
from addressbook.store.statements import statement

SEPARATOR = "\x1f"
_KIND = {kind.value: kind for kind in AddressKind}
_STATE = {state.value: state for state in AddressState}
_LEVEL = {level.value: level for level in Level}


class SqlPathLookup:
    """`model.PathLookup` over one connection, inside whatever transaction it is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._any_retired: bool | None = None

    def find(self, queries: Sequence[PathQuery]) -> list[list[FoundAddress]]:
        """For each query the addresses found, in the same order; an empty list where there is none."""
        if not queries:
            return []
        different = list(dict.fromkeys(queries))  # texts of one batch ask for the same streets and places
        answers: dict[PathQuery, list[FoundAddress]] = {query: [] for query in different}
        with translated(), driver_of(self._connection).cursor(binary=True) as cursor:
            cursor.execute(statement("find_paths"), _columns(different))
            for number, aid, site, kind, path, words, division, state, lon, lat, level, parent in cursor.fetchall():
                given = aid, site, _KIND[kind], path, words, division, _STATE[state], lon, lat, _LEVEL[level], parent
                # A named tuple takes three times as long to make itself.
                answers[different[number - 1]].append(tuple.__new__(FoundAddress, given))
        return [answers[query] for query in queries]

    def retired(self, queries: Sequence[RetiredQuery]) -> list[list[RetiredAddress]]:
        """For each query the addresses that were retired there without a successor, the latest first."""
        different = list(dict.fromkeys(queries))
        answers: dict[RetiredQuery, list[RetiredAddress]] = {query: [] for query in different}
        if self._has_retired():
            with translated(), driver_of(self._connection).cursor(binary=True) as cursor:
                cursor.execute(statement("find_retired"), _columns_of_retired(different))
                for number, *row in cursor.fetchall():
                    answers[different[number - 1]].append(_retired(*row))
        return [answers[query] for query in queries]

    def _has_retired(self) -> bool:
        """A registry of which nothing was ever retired is asked once."""
        if self._any_retired is None:
            with translated():
                found = driver_of(self._connection).execute(_ANY_RETIRED).fetchone()
            self._any_retired = bool(found and found[0])
        return self._any_retired


_ANY_RETIRED = "SELECT EXISTS (SELECT FROM address WHERE state = 'retired')"


def _retired(*row: Any) -> RetiredAddress:
    aid, site, kind, path, words, division, state, lon, lat, level, parent, since, event = row
    found = FoundAddress(
        aid, site, _KIND[kind], path, words, division, _STATE[state], lon, lat, _LEVEL[level], parent
    )  # fmt: skip
    return RetiredAddress(found, since, event)


def _columns_of_retired(queries: Sequence[RetiredQuery]) -> dict[str, str]:
    return {
        "sites": SEPARATOR.join(["" if query.site_id is None else str(query.site_id) for query in queries]),
        "paths": SEPARATOR.join([_plain(query.path) for query in queries]),
        "roads": SEPARATOR.join([query.road_aid or "" for query in queries]),
        "plates": SEPARATOR.join([_plain(query.plate_no or "") for query in queries]),
        "names": SEPARATOR.join([_plain(query.name or "") for query in queries]),
        "divisions": SEPARATOR.join([query.division for query in queries]),
    }


def _columns(queries: Sequence[PathQuery]) -> dict[str, str]:
    """Each column as one text with a separator that no normal text holds: many times faster to send than arrays."""
    return {
        "sites": SEPARATOR.join(["" if query.site_id is None else str(query.site_id) for query in queries]),
        "paths": SEPARATOR.join([_plain(query.path) for query in queries]),
        "roads": SEPARATOR.join([query.road_aid or "" for query in queries]),
        "plates": SEPARATOR.join([_plain(query.plate_no or "") for query in queries]),
        "loose": SEPARATOR.join(["t" if query.loose else "f" for query in queries]),
    }


def _plain(text: str) -> str:
    """The text with another control character for the separator: no path of the registry holds either."""
    return text.replace(SEPARATOR, "\x1e") if SEPARATOR in text else text
