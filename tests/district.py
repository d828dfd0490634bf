"""A small sample district, loaded as the demo loads it and served on a real socket: for tests that need the whole."""

from __future__ import annotations

import csv
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from shapely.geometry import box, mapping
from sqlalchemy import Engine, create_engine, text

from addressbook.cli.files import files
from addressbook.config import Settings
from addressbook.divisions import Gazetteer
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.sealing import Secret
from api import create_app
from loaders.areas import AreaKind, load_areas
from loaders.demo import load_sample
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample
from tests.live_server import served

ADDRESSES, SEED = 600, 7
SECRET = b64encode(bytes(32)).decode()
CELL_CODE = "grid-330109-1"
CELL_BOX = (120.15, 30.05, 120.4, 30.22)
HOSTILE_NAME = "<img src=x onerror=\"document.title='owned'\">有限公司"
# A building with rooms whose residents the sample's own list put there.
INHABITED = text(
    "SELECT b.aid, b.standard_text FROM address b WHERE b.kind = 'B' AND b.geom IS NOT NULL AND EXISTS ("
    "  SELECT FROM address h JOIN link l ON l.site_id = h.site_id AND l.aid = h.aid AND l.closed_at IS NULL"
    "  WHERE h.site_id = b.site_id AND h.kind = 'H' AND h.path LIKE b.path || '/%' AND l.element_kind = 'person'"
    ") ORDER BY b.standard_text LIMIT 1"
)
REGISTERED_AT = text(
    "SELECT l.aid FROM enterprise e JOIN link l ON l.element_key = e.element_key"
    " WHERE e.name = :name AND l.closed_at IS NULL AND l.aid IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class ServedDistrict:
    """Where the district is served, and what is worth looking at in it."""

    base_url: str
    key: str
    public_key: str
    viewer_key: str
    reviewer_key: str
    building_aid: str
    hostile_aid: str


def fill(url: str, folder: Path) -> None:
    """Load the sample, and the name that would be code, into the migrated database at `url`."""
    engine, secret = create_engine(url), Secret(b64decode(SECRET))
    try:
        write_sample(folder, addresses=ADDRESSES, seed=SEED)
        load_sample(engine, secret, folder)
        _load_cell(engine, folder / "cell.geojson")
        with engine.begin() as connection:
            _, address = connection.execute(INHABITED).one()
        _load_hostile(engine, secret, folder / "hostile.csv", address)
    finally:
        engine.dispose()


@contextmanager
def serve_district(url: str, folder: Path) -> Iterator[ServedDistrict]:
    """Serve a database that is filled until the end of the block, to keys of its own."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            building, _ = connection.execute(INHABITED).one()
            hostile = str(connection.execute(REGISTERED_AT, {"name": HOSTILE_NAME}).scalar_one())
            key = create_key(connection, AccessRole.ANALYST, "page")
            public_key = create_key(connection, AccessRole.PUBLIC, "everybody")
            viewer_key = create_key(connection, AccessRole.VIEWER, "viewer")
            reviewer_key = create_key(connection, AccessRole.REVIEWER, "reviewer")
    finally:
        engine.dispose()
    settings = Settings(database_url=SecretStr(url), home=folder, division="330109", secret=SecretStr(SECRET))
    app = create_app(settings, files())
    with served(app) as client:
        base_url = str(client.base_url).rstrip("/")
        yield ServedDistrict(base_url, key, public_key, viewer_key, reviewer_key, building, hostile)


def _load_cell(engine: Engine, path: Path) -> None:
    cell = {
        "type": "Feature",
        "properties": {"code": CELL_CODE, "name": "样例网格"},
        "geometry": mapping(box(*CELL_BOX)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [cell]}), encoding="utf-8")
    load_areas(engine, path, "cells", kind=AreaKind.GRID)


def _load_hostile(engine: Engine, secret: Secret, path: Path, address: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [("企业名称", "统一社会信用代码", "注册地址"), (HOSTILE_NAME, "913301091434387041", address)]
        csv.writer(file).writerows(rows)
    run_load(engine, secret, LoadRequest("enterprises", path, "hostile"), gazetteer=Gazetteer.shipped())
