"""The matcher in the service: built from the database at first use, kept up with the registry afterwards."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, Engine

from addressbook.divisions import Gazetteer
from addressbook.errors import DatabaseError
from addressbook.match import NameIndex, Resolver
from addressbook.match.learning import Lesson
from addressbook.model import Resolution
from addressbook.parse import Parser
from addressbook.search import SearchNames
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import gazetteer_of, newest_division_event
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_changes, read_names
from addressbook.store.review_tools import Tools
from addressbook.store.search import read_sizes
from addressbook.store.teaching import hold_addresses, lesson_for, safe_lesson_for

CHECK_INTERVAL_S = 2.0
CHUNK = 50


class SharedResolver:
    """One resolver for all threads. The index changes in place, so its readers hold the lock, a chunk at a time."""

    def __init__(self, division: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._division = division
        self._clock = clock
        self._lock = threading.Lock()
        self._resolver: Resolver | None = None
        self._gazetteer: Gazetteer | None = None
        self._search: SearchNames | None = None
        self._newest_event = 0
        self._division_event = 0
        self._checked_at = float("-inf")

    def resolve(self, connection: Connection, texts: Sequence[str], division: str | None = None) -> list[Resolution]:
        """The answer for each text, in order; `division` is where texts are that name none."""
        lookup = SqlPathLookup(connection)
        answers: list[Resolution] = []
        for start in range(0, len(texts), CHUNK):
            chunk = list(texts[start : start + CHUNK])
            with self._lock:
                resolver = self._fresh(connection)
                answers += resolver.resolve_batch(chunk, lookup, division=division or self._division)
        return answers

    def lesson(self, connection: Connection, aid: str, words: str) -> Lesson:
        """What `words` teach of the address `aid`, as of the registry of this moment; see store/teaching.py.

        Who waits for a load or a transaction to end does so before the lock of the threads is taken.
        """
        hold_addresses(connection)
        with self._lock:
            self.look_again()
            resolver = self._fresh(connection)
            return lesson_for(connection, resolver.parser, resolver.index, aid, words)

    def tools(self, connection: Connection) -> Tools:
        """What a decision of the review desk reads texts with."""
        return Tools(self.parser(connection), self._safe_lesson)

    def _safe_lesson(self, connection: Connection, aid: str, words: str) -> Lesson | None:
        with self._lock:
            self.look_again()
            resolver = self._fresh(connection)
            return safe_lesson_for(connection, resolver.parser, resolver.index, aid, words)

    def parser(self, connection: Connection) -> Parser:
        """The parser, knowing every name that the registry has now; it may be used without the lock."""
        with self._lock:
            self.look_again()
            return self._fresh(connection).parser

    def gazetteer(self, connection: Connection) -> Gazetteer:
        """The divisions that the registry has now; the same object until they change."""
        with self._lock:
            self._fresh(connection)
            return self._gazetteer or Gazetteer.shipped()

    def search_names(self, connection: Connection) -> SearchNames:
        """The names that suggestions come from, as the registry has them now; they may be searched without the lock."""
        with self._lock:
            self._fresh(connection)
            search = self._search or SearchNames((), Gazetteer.shipped())
            if not search.prepared:
                search.prepare(read_sizes(connection))
                gc.freeze()
            return search

    def warm_up(self, engine: Engine) -> None:
        """Build the indexes ahead of the first question; without a database that is left to the first question."""
        with suppress(DatabaseError), transaction(engine) as connection:
            self.search_names(connection)

    def look_again(self) -> None:
        """Look for changes of the registry at the next call, whenever the last look was."""
        self._checked_at = float("-inf")

    def _fresh(self, connection: Connection) -> Resolver:
        """The resolver with every name the registry has; looks for changes at most every CHECK_INTERVAL_S.

        Divisions change once a year: then everything is built anew.
        """
        if self._resolver is not None and self._clock() - self._checked_at < CHECK_INTERVAL_S:
            return self._resolver
        if self._resolver is None or newest_division_event(connection) != self._division_event:
            names, newest = read_names(connection)
            gazetteer, self._division_event = gazetteer_of(connection), newest_division_event(connection)
            self._gazetteer = gazetteer
            self._resolver = Resolver(gazetteer, NameIndex(names, gazetteer))
            self._search = SearchNames(names, gazetteer)
            gc.collect()
            gc.freeze()  # these objects last: a collection that walks them would stop a request for a tenth of a second
        else:
            changes = read_changes(connection, self._newest_event)
            self._resolver.index.follow(changes.gone, changes.added)
            if self._search is not None:
                self._search.follow(changes.gone, changes.added)
            newest = changes.newest
        self._newest_event, self._checked_at = newest, self._clock()
        return self._resolver
