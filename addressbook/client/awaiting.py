"""The client of asyncio: the same questions, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
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


class AsyncRows(Generic[Found]):
    """Rows that are asked for as they are wanted; each iteration begins anew."""

    def __init__(self, client: AsyncClient, pages: Pages[Found]) -> None:
        self._client, self._pages = client, pages

    async def __aiter__(self) -> AsyncIterator[Found]:
        asked: Asked | None = self._pages.first
        while asked:
            rows, asked = await self._client.ask(self._pages.page(asked))
            for row in rows:
                yield row

    async def all(self) -> list[Found]:
        """All rows."""
        return [row async for row in self]

    async def frame(self: AsyncRows[Feature]) -> GeoDataFrame:
        """All features as a GeoDataFrame."""
        return frame(await self.all())


def _asked(of: Callable[P, Question[Found]]) -> Callable[Concatenate[AsyncClient, P], Awaitable[Found]]:
    """A method that asks a question; what is found is awaited."""

    @wraps(of)
    async def method(self: AsyncClient, /, *given: P.args, **named: P.kwargs) -> Found:
        return await self.ask(of(*given, **named))

    return method


def _listed(of: Callable[P, Pages[Found]]) -> Callable[Concatenate[AsyncClient, P], AsyncRows[Found]]:
    """A method that gives the rows of pages."""

    @wraps(of)
    def method(self: AsyncClient, /, *given: P.args, **named: P.kwargs) -> AsyncRows[Found]:
        return AsyncRows(self, of(*given, **named))

    return method


class AsyncClient(Connected[httpx.AsyncClient]):
    """A connection to the service; `async with AsyncClient(url, key) as client` closes it.

    Every method raises Problem for what the service refuses, and Unreachable where it does not answer.
    """

    _opened = httpx.AsyncClient

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def ask(self, question: Question[Found]) -> Found:
        """What a question finds."""
        conversation = patiently(question, self._connection.patience)
        answer: Answer | None = None
        while True:
            try:
                step = conversation.send(answer)
            except StopIteration as end:
                found: Found = end.value
                return found
            answer = await self._carry_out(step)

    async def _carry_out(self, step: Step) -> Answer | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        with faults_named():
            response = await self._http.send(request_of(self._http, step), stream=True)
            try:
                return await self._received(step, response)
            finally:
                await response.aclose()

    async def _received(self, asked: Asked, response: httpx.Response) -> Answer:
        if asked.into is None or not is_file(asked, response):
            return answer_of(response, await response.aread())
        with whole_file(asked.into) as out:
            async for piece in response.aiter_bytes():
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
