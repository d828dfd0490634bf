"""What decisions of the review desk read texts with, outside the service, which has its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.match import NameIndex
from addressbook.match.learning import Lesson
from addressbook.parse import Parser
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.names import read_changes, read_names
from addressbook.store.teaching import safe_lesson_for


class Tools(NamedTuple):
    """The parser, and what a text would safely teach of an address."""

    parser: Parser
    lesson: Callable[[Connection, str, str], Lesson | None]


class KeptTools:
    """Tools for many decisions: built once, kept up with what the registry learns meanwhile."""

    def __init__(self, connection: Connection) -> None:
        names, self._newest = read_names(connection)
        gazetteer = gazetteer_of(connection)
        self._index = NameIndex(names, gazetteer)
        self._parser = Parser(gazetteer, self._index)

    def now(self, connection: Connection) -> Tools:
        """Those that know every name the registry has now."""
        changes = read_changes(connection, self._newest)
        self._index.follow(changes.gone, changes.added)
        self._newest = changes.newest
        return Tools(self._parser, self._lesson)

    def _lesson(self, connection: Connection, aid: str, words: str) -> Lesson | None:
        return safe_lesson_for(connection, self._parser, self._index, aid, words)
