"""The application over the small world, and what its refusals look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine

from addressbook.cli.files import files
from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from api import create_app
from tests.small_world import Codes, build


class Served:
    """The application over the small world, with a key for each role."""

    client: httpx.Client

    def __init__(self, url: str, home: Path, **settings: Any) -> None:
        self.engine: Engine = create_engine(url)
        self.codes: Codes = build(self.engine)
        self.app: FastAPI = create_app(Settings(database_url=url, home=home, division="330109", **settings), files())
        with self.engine.begin() as connection:
            self.keys = {role: create_key(connection, role, f"test {role}") for role in AccessRole}

    def get(self, path: str, role: AccessRole | None = AccessRole.ANALYST, **more: Any) -> Any:
        headers = {"X-API-Key": self.keys[role]} if role else {}
        return self.client.get(path, headers=headers | more.pop("headers", {}), **more)


def problem_of(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance", "detail_zh", "request_id"} <= set(found)
    assert found["status"] == status
    return found
