"""A small registry of two towns behind the service, with people in both, and a key for each kind of reader."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from addressbook.cli.files import files
from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.store.engine import transaction
from api import create_app
from tests.live_server import served as live
from tests.review_world import UNKNOWN_ROOM, people
from tests.worlds import ESTATE, ESTATE_ROWS, TOWN, TOWN_CODE, World, uscc

OTHER_TOWN, OTHER_CODE = "浙江省杭州市萧山区瓜沥镇", "330109113000"
OTHER_PLATE = f"{OTHER_TOWN}航坞路18号"
HOME = f"{ESTATE}3幢1单元501室"
PURPOSE = "address_verification"
DIVISIONS = {
    "330109000000": ("萧山区", "county", None),
    TOWN_CODE: ("北干街道", "town", "330109000000"), "330109002001": ("北干一苑社区", "community", TOWN_CODE),
    OTHER_CODE: ("瓜沥镇", "town", "330109000000"), "330109113001": ("东恩社区", "community", OTHER_CODE),
}  # fmt: skip
ALIAS, ALIAS_TEXT = "望江新居", f"{TOWN}望江新居3幢1单元501室"
DISPUTED = f"{ESTATE}3幢1单元508室"
INSERT_DIVISION = text(
    "INSERT INTO division (code, valid_from, name, level, parent_code) VALUES (:code, '0001-01-01', :name, :level,"
    " :parent)"
)


@dataclass(frozen=True)
class Asker:
    """A kind of reader: its role, the towns its key is bound to, the purpose it states, and where it asks."""

    name: str
    role: AccessRole | None = None
    areas: tuple[str, ...] = ()
    purpose: str = ""
    elsewhere: bool = False


BOUND: dict[str, Any] = {"areas": (TOWN_CODE,)}
STATED: dict[str, Any] = {**BOUND, "purpose": PURPOSE}
ASKERS = [
    Asker("no key"),
    Asker("public", AccessRole.PUBLIC),
    Asker("viewer", AccessRole.VIEWER),
    Asker("analyst", AccessRole.ANALYST),
    Asker("analyst elsewhere", AccessRole.ANALYST, **BOUND, elsewhere=True),
    Asker("officer, no area", AccessRole.OFFICER, purpose=PURPOSE),
    Asker("officer, no purpose", AccessRole.OFFICER, **BOUND),
    Asker("officer", AccessRole.OFFICER, **STATED),
    Asker("officer elsewhere", AccessRole.OFFICER, **STATED, elsewhere=True),
    Asker("loader", AccessRole.LOADER),
    Asker("reviewer", AccessRole.REVIEWER),
    Asker("admin", AccessRole.ADMIN),
]

REVIEWER = next(asker for asker in ASKERS if asker.role is AccessRole.REVIEWER)


class Registry:
    """The service over the two towns."""

    def __init__(self, world: World, client: httpx.Client, app: FastAPI, keys: dict[str, str]) -> None:
        self.world, self.client, self.app, self.keys = world, client, app, keys
        self.here, self.there = self._lived_in(TOWN_CODE), self._lived_in(OTHER_CODE)
        self.estate = world.one("SELECT aid FROM address WHERE name = '南岸明珠' AND kind = 'C'")

    def key(self, label: str, role: AccessRole, **more: Any) -> str:
        """A new key."""
        with transaction(self.world.engine) as connection:
            return create_key(connection, role, label, **more)

    def dispute(self) -> None:
        """One text, decided in two ways."""
        for number, verdict in ((20, {"verdict": "none"}), (21, {"verdict": "chosen", "aid": self.here})):
            self.world.load_rows("people", people(DISPUTED, first=number), f"disputed {number}")
            item = self.world.one("SELECT max(review_id) FROM review_item")
            assert self.ask(REVIEWER, "POST", f"/review/{item}/decisions", verdict).status_code == 200

    def teach(self) -> None:
        """Another name of the estate."""
        body = {"aid": self.here, "text": ALIAS_TEXT, "reason": "seen on site"}
        assert self.ask(REVIEWER, "POST", "/aliases", body).status_code == 200

    def _lived_in(self, division: str) -> str:
        asked = "SELECT min(aid) FROM link WHERE element_kind = 'person' AND division_code = :code"
        found: str = self.world.one(asked, code=division)
        return found

    def ask(self, asker: Asker, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """The answer to an asker; {aid} and {code} in the path and in the body are those of where it asks."""
        aid, code = (self.there, OTHER_CODE) if asker.elsewhere else (self.here, TOWN_CODE)
        sent = {"X-API-Key": self.keys[asker.name]} if asker.role else {}
        if asker.purpose:
            sent["X-Purpose"] = asker.purpose
        self.client.cookies.clear()  # of a session that somebody else began
        filled = path.replace("{aid}", aid).replace("{code}", code).replace("{person}", self.living_at(aid))
        return self.client.request(method, filled, headers=sent | headers, json=body and self._filled(body, aid))

    def _filled(self, body: dict[str, Any], aid: str) -> dict[str, Any]:
        return {name: {"{aid}": aid, "{estate}": self.estate}.get(str(value), value) for name, value in body.items()}

    def living_at(self, aid: str) -> str:
        """The key of a person at an address."""
        asked = "SELECT min(element_key::text) FROM link WHERE element_kind = 'person' AND aid = :aid"
        found: str = self.world.one(asked, aid=aid)
        return found

    def log(self, columns: str) -> list[tuple[Any, ...]]:
        """The newest line of the access log."""
        return self.world.rows(f"SELECT {columns} FROM access_log ORDER BY entry_id DESC LIMIT 1")


@contextmanager
def served_registry(world: World, home: Path, **settings: Any) -> Iterator[Registry]:
    """People in a home here, some who wait for review, one in no address; people in the other town; a firm in each."""
    key = home / "secret.key"
    key.write_bytes(base64.b64encode(bytes(32)))
    key.chmod(0o600)
    world.clear()
    world.begin_as("two towns", lambda: draw(world, home))
    with serving(world, home, **settings) as registry:
        yield registry


KEYS: dict[str, str] = {}
"""The keys of the askers, who are drawn with the towns."""


@contextmanager
def serving(world: World, home: Path, **settings: Any) -> Iterator[Registry]:
    """The service over a world that is drawn, or begun to be."""
    url = world.engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, home=home, division="330109", **settings), files())
    with live(app) as client:
        yield Registry(world, client, app, dict(KEYS))


def draw(world: World, home: Path) -> None:
    """The two towns, who asks about them, and what was decided there through the service."""
    with world.engine.begin() as connection:
        for code, (name, level, parent) in DIVISIONS.items():
            values = {"code": code, "name": name, "level": level, "parent": parent}
            connection.execute(INSERT_DIVISION, values)
    world.texts([*ESTATE_ROWS, OTHER_PLATE])
    world.load_rows("people", people(HOME, HOME, UNKNOWN_ROOM, TOWN, OTHER_PLATE, OTHER_PLATE, OTHER_TOWN))
    firms = [{"企业名称": f"某公司{n}", "统一社会信用代码": uscc(n), "注册地址": where}
             for n, where in enumerate((f"{ESTATE}3幢1单元502室", OTHER_PLATE), 1)]  # fmt: skip
    world.load_rows("enterprises", firms)
    with transaction(world.engine) as connection:
        for asker in ASKERS:
            if asker.role is not None:
                KEYS[asker.name] = create_key(connection, asker.role, asker.name, areas=asker.areas)
    with serving(world, home) as registry:
        registry.dispute()
        registry.teach()
    world.load_rows("people", people(ALIAS_TEXT, first=30), "by alias")
