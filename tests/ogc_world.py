"""The small world behind the service, as a client of OGC API – Features asks it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, text

from addressbook.cli.files import files
from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from api import create_app
from tests.live_server import ask_and_go_away, served
from tests.small_world import Codes, build
from tests.worlds import until

COLLECTIONS = ("addresses", "divisions", "enterprises", "things", "houses", "events", "persons")


class Ogc:
    """A client with an analyst's key, and one for each other role."""

    def __init__(self, engine: Engine, client: httpx.Client, codes: Codes) -> None:
        self.engine, self.client, self.codes = engine, client, codes
        self.keys = {role.value: self.key(role) for role in AccessRole}

    def key(self, role: AccessRole, **more: Any) -> str:
        """A new key."""
        with self.engine.begin() as connection:
            return create_key(connection, role, f"test {role}", **more)

    def get(self, path: str, key: str = "", headers: dict[str, str] | None = None, **parameters: Any) -> httpx.Response:
        """The answer to /ogc + path; `_` in the names of parameters stands for -."""
        asked = {name.replace("_", "-"): value for name, value in parameters.items()}
        sent = {"X-API-Key": key or self.keys["analyst"], **(headers or {})}
        return self.client.get(f"/ogc{path}", params=asked or None, headers=sent)

    def document(self, path: str, key: str = "", **parameters: Any) -> dict[str, Any]:
        """The JSON of an answer that is one."""
        answer = self.get(path, key, **parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def features(self, collection: str, key: str = "", **parameters: Any) -> list[dict[str, Any]]:
        """The features of one page."""
        found: list[dict[str, Any]] = self.document(f"/collections/{collection}/items", key, **parameters)["features"]
        return found

    def names(self, collection: str, condition: str, **parameters: Any) -> list[str]:
        """The names of the items that a condition finds, sorted."""
        found = self.features(collection, filter=condition, limit=1000, **parameters)
        return sorted(feature["properties"]["name"] for feature in found)

    def pages(self, collection: str, **parameters: Any) -> Iterator[list[str]]:
        """The ids of page after page, by the links."""
        document = self.document(f"/collections/{collection}/items", **parameters)
        while True:
            yield [feature["id"] for feature in document["features"]]
            following = [link["href"] for link in document["links"] if link["rel"] == "next"]
            if not following:
                return
            document = self.client.get(following[0], headers={"X-API-Key": self.keys["analyst"]}).json()

    def every(self, collection: str, **parameters: Any) -> list[str]:
        """The ids of all pages."""
        return [found for page in self.pages(collection, **parameters) for found in page]

    def fault(self, path: str, **parameters: Any) -> tuple[int, str]:
        """Status and field of a refusal, which says both in two languages."""
        answer = self.get(path, **parameters)
        found = answer.json()
        assert found["detail_zh"] != found["detail"], found
        return answer.status_code, found.get("field", "")

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def is_held_up(self) -> bool:
        """Whether a statement waits for a lock."""
        asked = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(self.rows(asked))

    def ask_and_go_away(self, path: str, key: str = "", **parameters: Any) -> None:
        """Ask what a lock makes wait, and hang up while it does."""
        headers = {"X-API-Key": key or self.keys["analyst"]}
        request = self.client.build_request("GET", path, params=parameters, headers=headers)
        ask_and_go_away(request, lambda: until(self.is_held_up))


@contextmanager
def served_ogc(url: str, home: Path, **settings: Any) -> Iterator[Ogc]:
    """The small world on a real socket."""
    engine = create_engine(url)
    codes = build(engine)  # before the service starts, which reads the names there are
    app = create_app(Settings(database_url=url, home=home, division="330109", **settings), files())
    with served(app) as client:
        yield Ogc(engine, client, codes)
    engine.dispose()
