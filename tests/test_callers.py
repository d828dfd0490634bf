"""Whoever hangs up ends what he asked, in the database too; what is to be done is done to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from addressbook.privacy.policy import AccessRole
from tests.access_world import ALIAS, REVIEWER, served_registry
from tests.live_server import ask_and_go_away, served as live
from tests.small_service import Served
from tests.small_world import TOWN
from tests.worlds import World, until

SOON_S = 8.0
"""Less than the fifteen seconds after which the database ends any statement of the service."""
LOCKED = "LOCK TABLE address, link, division, area, registry_event, batch, review_item, source IN ACCESS EXCLUSIVE MODE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
SHAPE = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 30]]]}


@pytest.fixture(scope="module", name="served")
def _served(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(make_database(), tmp_path_factory.mktemp("home"))
    with live(served.app) as served.client:
        served.get("/resolve", params={"text": "1"})  # the names there are have been read by now
        yield served


def waiting(served: Served) -> int:
    with served.engine.connect() as connection:
        return int(connection.exec_driver_sql(WAITING).scalar_one())


def request(served: Served, method: str, path: str, body: object = None) -> httpx.Request:
    headers = {"X-API-Key": served.keys[AccessRole.ADMIN]}
    return served.client.build_request(method, path, json=body, headers=headers)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/addresses/{room}", None), ("GET", "/addresses/{room}/view", None),
        ("GET", "/addresses/{room}/view?valid_at=2024-01-01", None), ("GET", "/addresses?q=南岸", None),
        ("GET", "/search?q=南岸", None), ("GET", f"/areas/{TOWN}/view", None),
        ("GET", f"/areas/{TOWN}/children", None), ("GET", f"/areas/compare?codes={TOWN}", None),
        ("GET", f"/areas/{TOWN}/unplaced", None), ("POST", "/areas/view", {"geometry": SHAPE}),
        ("GET", "/ids/{room}", None), ("GET", "/changes", None), ("GET", "/review", None),
        ("GET", "/ogc/collections/addresses/items", None),
        ("GET", "/ogc/collections/areas/tiles/WebMercatorQuad/11/843/1707", None),
        ("HEAD", "/addresses/{room}", None),
    ],
)  # fmt: skip
def test_whoever_hangs_up_ends_what_he_asked(served: Served, method: str, path: str, body: object) -> None:
    asked = request(served, method, path.replace("{room}", served.codes.room), body)
    with served.engine.connect() as lock:
        lock.exec_driver_sql(LOCKED)
        for _ in range(3):
            ask_and_go_away(asked, lambda: until(lambda: waiting(served) > 0))
        until(lambda: waiting(served) == 0, within_s=SOON_S)
    assert served.client.send(asked).status_code == 200


def test_many_who_hang_up_keep_nobody_waiting(served: Served) -> None:
    asked = request(served, "GET", "/changes")
    with served.engine.connect() as lock:
        lock.exec_driver_sql("LOCK TABLE registry_event IN ACCESS EXCLUSIVE MODE")
        for _ in range(100):
            ask_and_go_away(asked, lambda: None)
        assert served.get(f"/addresses/{served.codes.room}").status_code == 200
        until(lambda: waiting(served) == 0, within_s=SOON_S)


def test_what_is_to_be_done_is_done_although_whoever_said_it_has_hung_up(database: Engine, tmp_path: Path) -> None:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        words = {"aid": registry.estate, "name": ALIAS, "reason": "no longer"}
        headers = {"X-API-Key": registry.keys[REVIEWER.name]}
        said = registry.client.build_request("POST", "/aliases/withdrawals", json=words, headers=headers)
        with database.connect() as lock:
            lock.exec_driver_sql("LOCK TABLE address_alias IN ACCESS EXCLUSIVE MODE")
            ask_and_go_away(said, lambda: until(lambda: registry.world.one(WAITING) > 0))
        until(lambda: registry.world.one("SELECT count(*) FROM address_alias WHERE valid_to IS NOT NULL") > 0)
