"""The sample district in the database: generated and loaded once, found again the next time."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import Connection, Engine

from addressbook.config import Settings
from addressbook.divisions import Gazetteer
from addressbook.errors import AccessError
from addressbook.identity import printed
from addressbook.privacy.keys import create_key, find_key
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.sealing import Secret
from addressbook.store.demo import example_address, loaded_sample, remember_sample
from addressbook.store.divisions import divisions_loaded, load_divisions
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import gazetteer_of
from loaders.areas import load_areas
from loaders.report import print_totals, progress_bar
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample

FILES = {
    "addresses": "addresses.csv",
    "people": "residents*.xlsx",
    "houses": "houses.csv",
    "enterprises": "enterprises.csv",
    "events": "events.csv",
    "things": "things.geojson",
}
"""The sample's files in the order they are loaded; large samples have several of residents."""
DISTRICT = "330109000000"
console = Console()


@dataclass(frozen=True, slots=True)
class District:
    """What the demo prints: the key to use, and an address worth looking at."""

    key: str
    aid: str
    address: str


def prepare(engine: Engine, secret: Secret, home: Path, *, addresses: int, seed: int) -> District:
    """Make sure that the sample district is loaded, and that there is a key for it; returns what to look at.

    A load that was stopped half-way goes on: what is stored already is found unchanged.
    """
    with transaction(engine) as connection:
        if not divisions_loaded(connection):
            with progress_bar("行政区划 divisions") as progress:
                load_divisions(connection, Gazetteer.shipped(), progress)
        loaded = loaded_sample(connection)
    if loaded != f"{addresses} {seed}":
        _load(engine, secret, addresses, seed)
    with transaction(engine) as connection:
        aid, address = example_address(connection)
        key = _demo_key(connection, home / "demo.key")
    return District(key, aid, address)


def _load(engine: Engine, secret: Secret, addresses: int, seed: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="addressbook-sample-"))
    try:
        with progress_bar("生成示例 sample") as progress:
            write_sample(folder, addresses=addresses, seed=seed, progress=lambda _, done, total: progress(done, total))
        load_sample(engine, secret, folder)
    finally:
        shutil.rmtree(folder)
    with transaction(engine) as connection:
        remember_sample(connection, f"{addresses} {seed}")


def load_sample(engine: Engine, secret: Secret, folder: Path) -> None:
    """Load every file of a sample folder, as the commands would, and print the totals of each."""
    load_areas(engine, folder / "areas.geojson", "sample:areas")
    with transaction(engine) as connection:
        gazetteer = gazetteer_of(connection)
    for kind, pattern in FILES.items():
        for path in sorted(folder.glob(pattern)):
            request = LoadRequest(kind, path, f"sample:{path.stem}")
            with progress_bar(path.name) as progress:
                report = run_load(engine, secret, request, gazetteer=gazetteer, progress=progress)
            print_totals(path.name, report.totals, [], report.notes)


def _demo_key(connection: Connection, path: Path) -> str:
    """The demo's key, kept in a file of its own (0600) because the database keeps only its hash."""
    try:
        key = path.read_text(encoding="ascii").strip()
        find_key(connection, key)
    except (OSError, UnicodeDecodeError, AccessError):
        key = create_key(connection, AccessRole.ANALYST, "demo")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(key + "\n")
    return key


def print_where_to_look(settings: Settings, district: District) -> None:
    """The addresses to open and the key to use."""
    at = f"http://{settings.host}:{settings.port}"
    header = f'-H "Authorization: Bearer {district.key}"'
    lines = [
        f"地图 page          {at}/#key={district.key}",
        f"接口文档 OpenAPI   {at}/openapi.json",
        f"密钥 key           {district.key}",
        f"一个地址 address   {printed(district.aid)}  {district.address}",
        f"  curl {header} {at}/addresses/{district.aid}/view",
        f"  curl {header} {at}/areas/{DISTRICT}/view",
        "Ctrl-C 停止 stops the service.",
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
