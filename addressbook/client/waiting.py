"""The client that waits for each answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, Self, TypeVar

import httpx

from addressbook.client import exporting, questions
from addressbook.client.asking import Answer, Asked, Pages, Pause, Question, Step
from addressbook.client.carrying import Connected, answer_of, faults_named, is_file, request_of, whole_file
from addressbook.client.patience import patiently
from addressbook.client.shapes import Feature, frame

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

P = ParamSpec("P")
Found = TypeVar("Found")


class Rows(Generic[Found]):
    """Rows that are asked for as they are wanted; each iteration begins anew."""

    def __init__(self, client: Client, pages: Pages[Found]) -> None:
        self._client, self._pages = client, pages

    def __iter__(self) -> Iterator[Found]:
        asked: Asked | None = self._pages.first
        while asked:
            rows, asked = self._client.ask(self._pages.page(asked))
            yield from rows

    def all(self) -> list[Found]:
        """All rows."""
        return list(self)

    def frame(self: Rows[Feature]) -> GeoDataFrame:
        """All features as a GeoDataFrame."""
        return frame(self)


def _asked(of: Callable[P, Question[Found]]) -> Callable[Concatenate[Client, P], Found]:
    """A method that asks a question and waits for what is found."""

    @wraps(of)
    def method(self: Client, /, *given: P.args, **named: P.kwargs) -> Found:
        return self.ask(of(*given, **named))

    return method


def _listed(of: Callable[P, Pages[Found]]) -> Callable[Concatenate[Client, P], Rows[Found]]:
    """A method that gives the rows of pages."""

    @wraps(of)
    def method(self: Client, /, *given: P.args, **named: P.kwargs) -> Rows[Found]:
        return Rows(self, of(*given, **named))

    return method


class Client(Connected[httpx.Client]):
    """A connection to the service; `with Client(url, key) as client` closes it. Threads may share one.

    Every method raises Problem for what the service refuses, and Unreachable where it does not answer.
    """

    _opened = httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def ask(self, question: Question[Found]) -> Found:
        """What a question finds."""
        conversation = patiently(question, self._connection.patience)
        answer: Answer | None = None
        while True:
            try:
                step = conversation.send(answer)
            except StopIteration as end:
                found: Found = end.value
                return found
            answer = self._carry_out(step)

    def _carry_out(self, step: Step) -> Answer | None:
        if isinstance(step, Pause):
            time.sleep(step.seconds)
            return None
        with faults_named():
            response = self._http.send(request_of(self._http, step), stream=True)
            try:
                return self._received(step, response)
            finally:
                response.close()

    def _received(self, asked: Asked, response: httpx.Response) -> Answer:
        if asked.into is None or not is_file(asked, response):
            return answer_of(response, response.read())
        with whole_file(asked.into) as out:
            for piece in response.iter_bytes():
                out.write(piece)
        return answer_of(response)

    address = _asked(questions.address)
    address_view = _asked(questions.address_view)
    ids = _asked(questions.ids)
    area = _asked(questions.area)
    area_view = _asked(questions.area_view)
    area_children = _asked(questions.area_children)
    area_outline = _asked(questions.area_outline)
    compare_areas = _asked(questions.compare_areas)
    compare_areas_on_map = _asked(questions.compare_areas_on_map)
    search = _asked(questions.search)
    resolve = _asked(questions.resolve)
    resolve_many = _asked(questions.resolve_many)
    explain = _asked(questions.explain)
    compare = _asked(questions.compare)
    count = _asked(questions.count)
    export = _asked(exporting.export)
    export_begin = _asked(exporting.export_begin)
    export_job = _asked(exporting.export_job)
    export_cancel = _asked(exporting.export_cancel)
    export_fetch = _asked(exporting.export_fetch)
    export_behind = _asked(exporting.export_behind)
    items = _listed(questions.items)
    changes = _listed(questions.changes)
