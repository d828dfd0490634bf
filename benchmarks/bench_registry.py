"""The registry under load: transactions at once, and what a page of a long feed costs wherever it is.

Run: python -m benchmarks.bench_registry [ADDRESSES] [TRANSACTIONS] [LINES]. The floor of a transaction is a bare one
that takes the same lock, writes one event and commits.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import Connection, text

from addressbook.divisions import Gazetteer
from addressbook.errors import NotFoundError, RuleError
from addressbook.model import AddressKind
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.events import EventKind
from addressbook.store.batches import lock_minting
from addressbook.store.engine import make_engine, transaction
from addressbook.store.minting import record_event
from addressbook.store.transactions import Because, transact
from addressbook.views.changes import Position, changes
from benchmarks.world import World, console, print_table, processors, world
from loaders.areas import load_areas
from loaders.demo import FILES
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample

AT_ONCE, PAGE, PAGES = 8, 1000, 30
PLACES = (0.0, 0.25, 0.5, 0.75, 0.9)
LINES_OF_AN_EVENT = 100
WHY = Because("benchmark", "measured")
_EVENTS = """
    INSERT INTO registry_event (kind, actor, reason, source_document)
    SELECT 'lengthen', 'benchmark', '', '' FROM generate_series(1, :events)
"""
_VERSIONS = """
    INSERT INTO address_version (site_id, aid, own_site_id, kind, name, path, standard_text, division_code, state,
        source_id, event_id, until_event, is_slice)
    SELECT a.site_id, a.aid, a.site_id, a.kind, a.name, a.path, a.standard_text, a.division_code, a.state, a.source_id,
        e.event_id, e.event_id + 1, false
    FROM registry_event e CROSS JOIN (SELECT * FROM address ORDER BY aid LIMIT :addresses) a
    WHERE e.kind = 'lengthen'
"""


def main(addresses: int, transactions: int, lines: int) -> None:
    """Load a sample, change it from eight connections, then lengthen its feed and read it at both ends."""
    with world("registry") as here, tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        write_sample(folder, addresses=addresses, seed=7)
        load_areas(here.engine, folder / "areas.geojson", "areas")
        request = LoadRequest("addresses", folder / FILES["addresses"], "addresses")
        run_load(here.engine, here.secret, request, gazetteer=Gazetteer.shipped())
        _at_once(here, transactions)
        _feed(here, lines)


def _at_once(here: World, transactions: int) -> None:
    with transaction(here.engine) as connection:
        aids = connection.execute(text("SELECT aid FROM address WHERE state = 'current' ORDER BY aid")).scalars().all()
    url = here.engine.url.render_as_string(hide_password=False)
    share, parser = transactions // AT_ONCE, Parser(Gazetteer.shipped())
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = sum(pool.map(partial(_change, url, list(aids), share, parser), range(AT_ONCE)), Counter[str]())
    rate = ends.total() / (time.perf_counter() - started)
    started = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(partial(_floor, url, share), range(AT_ONCE)))
    floor = AT_ONCE * share / (time.perf_counter() - started)
    console.print(
        f"{ends.total():,} random transactions from {AT_ONCE} connections on {len(aids):,} addresses, {processors()}:"
        f" {ends['done']:,} done, {ends['refused']:,} refused by a rule, no other fault; {rate:,.0f} a second,"
        f" floor {floor:,.0f}, 1 : {floor / rate:.1f}"
    )


def _change(url: str, aids: list[str], number: int, parser: Parser, seed: int) -> Counter[str]:
    random, ends, engine = Random(seed), Counter[str](), make_engine(url, pool_size=1)
    for _ in range(number):
        try:
            with transaction(engine) as connection:
                transact(connection, _drawn(random, aids), WHY, parser)
            ends["done"] += 1
        except (RuleError, NotFoundError):
            ends["refused"] += 1
    engine.dispose()
    return ends


def _drawn(random: Random, aids: list[str]) -> asked.Request:
    aid, number = random.choice(aids), str(random.randint(1, 999))
    if aid[0] in "RCP":
        return asked.Rename(aid=aid, name=f"测试{number}苑")
    return random.choice((
        asked.Renumber(aid=aid, number=number), asked.Retire(aid=aid),
        asked.Move(aid=aid, point=(120.0 + random.random(), 30.0)),
        asked.Split(aid=aid, parts=(asked.Part(name=f"{number}A"), asked.Part(name=f"{number}B"))),
        asked.Register(kind=AddressKind.ROOM, name=number, parent_aid=aid),
    ))  # fmt: skip


def _floor(url: str, number: int, _: int) -> None:
    engine = make_engine(url, pool_size=1)
    for _ in range(number):
        with transaction(engine) as connection:
            lock_minting(connection)
            record_event(connection, EventKind.MOVE, actor="benchmark", reason="", source_document="", batch_id=None)
    engine.dispose()


def _feed(here: World, lines: int) -> None:
    """The feed made long by versions of one address, a hundred an event."""
    with transaction(here.engine) as connection:
        connection.execute(text(_EVENTS), {"events": lines // LINES_OF_AN_EVENT})
        connection.execute(text(_VERSIONS), {"addresses": LINES_OF_AN_EVENT})
        connection.execute(text("ANALYZE address_version"))
    with transaction(here.engine) as connection:
        newest = connection.execute(text("SELECT max(event_id) FROM registry_event")).scalar_one()
        total = connection.execute(text("SELECT count(*) FROM address_version")).scalar_one()
        rows = [(f"{share:.0%}", f"{_page_ms(connection, int(newest * share)):.1f} ms") for share in PLACES]
    print_table(f"A page of {PAGE:,} lines in a feed of {total:,} versions", ["behind", "median"], rows)


def _page_ms(connection: Connection, event: int) -> float:
    """The median of pages read one after another behind an event, in milliseconds."""
    position, times = Position(event, ""), []
    for _ in range(PAGES):
        started = time.perf_counter()
        _, position, _ = changes(connection, position, PAGE)
        times.append(1000 * (time.perf_counter() - started))
    return median(times)


if __name__ == "__main__":
    given, usual = [int(value) for value in sys.argv[1:]], [20_000, 1_000, 1_000_000]
    main(*given, *usual[len(given) :])
