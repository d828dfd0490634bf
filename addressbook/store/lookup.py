"""The exact look-up of the matcher, answered by the database in one statement a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from addressbook.model import FoundAddress, PathQuery, RetiredAddress, RetiredQuery
from addressbook.store.engine import driver_of, translated
from addressbook.store.path_questions import SEPARATOR, PathQuestions, found_address, plain
from addressbook.store.statements import statement


class SqlPathLookup:
    """`model.PathLookup` over one connection, inside whatever transaction it is in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._any_retired: bool | None = None

    def find(self, queries: Sequence[PathQuery]) -> list[list[FoundAddress]]:
        """For each query the addresses found, in the same order; an empty list where there is none."""
        if not queries:
            return []
        questions = PathQuestions(queries)
        with translated(), driver_of(self._connection).cursor(binary=True) as cursor:
            cursor.execute(statement("find_paths"), questions.columns())
            return questions.answers(cursor.fetchall())

    def retired(self, queries: Sequence[RetiredQuery]) -> list[list[RetiredAddress]]:
        """For each query the addresses that were retired there without a successor, the latest first."""
        different = list(dict.fromkeys(queries))
        answers: dict[RetiredQuery, list[RetiredAddress]] = {query: [] for query in different}
        with translated(), driver_of(self._connection).cursor(binary=True) as cursor:
            cursor.execute(statement("find_retired"), _columns_of_retired(different))
            for row in cursor.fetchall():
                answers[different[row[0] - 1]].append(_retired(row))
        return [answers[query] for query in queries]

    def any_retired(self) -> bool:
        """Whether any address was ever retired; asked once."""
        if self._any_retired is None:
            with translated():
                found = driver_of(self._connection).execute(_ANY_RETIRED).fetchone()
            self._any_retired = bool(found and found[0])
        return self._any_retired


_ANY_RETIRED = "SELECT EXISTS (SELECT FROM address WHERE state = 'retired')"


def _retired(row: tuple[Any, ...]) -> RetiredAddress:
    return RetiredAddress(found_address(row), row[-2], row[-1])


def _columns_of_retired(queries: Sequence[RetiredQuery]) -> dict[str, str]:
    return {
        "sites": SEPARATOR.join(["" if query.site_id is None else str(query.site_id) for query in queries]),
        "paths": SEPARATOR.join([plain(query.path) for query in queries]),
        "roads": SEPARATOR.join([query.road_aid or "" for query in queries]),
        "plates": SEPARATOR.join([plain(query.plate_no or "") for query in queries]),
        "names": SEPARATOR.join([plain(query.name or "") for query in queries]),
        "divisions": SEPARATOR.join([query.division for query in queries]),
    }
