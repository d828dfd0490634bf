"""The service over a small world, asked over a real socket with a key for each role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine

from addressbook.cli.files import files
from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from api import create_app
from tests.live_server import served as live
from tests.worlds import World


class Desk:
    """The service over a world, and a key for each role."""

    def __init__(self, world: World, client: httpx.Client, engine: Engine) -> None:
        self.world, self.client, self.engine = world, client, engine
        with world.engine.begin() as connection:
            self.keys = {role: create_key(connection, role, f"desk {role}") for role in AccessRole}

    def ask(self, method: str, path: str, role: AccessRole = AccessRole.REVIEWER, **more: Any) -> httpx.Response:
        return self.client.request(method, path, headers={"X-API-Key": self.keys[role]}, **more)

    def do(self, what: str, /, **request: Any) -> Any:
        """What a transaction that the registry carries out answers."""
        body = {"transaction": what, "reason": "核对现场", **request}
        answer = self.ask("POST", "/registry/transactions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def resolve(self, words: str) -> str | None:
        aid: str | None = self.ask("GET", "/resolve", params={"text": words}).json()["aid"]
        return aid


@contextmanager
def served_desk(world: World, home: Path, **settings: Any) -> Iterator[Desk]:
    """The service over the world's database, in 萧山区."""
    url = world.engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, home=home, division="330109", **settings), files())
    with live(app) as client:
        yield Desk(world, client, app.state.service.engine)


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    assert found["detail"] != found["detail_zh"]
    return found
