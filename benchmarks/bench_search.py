"""Suggestions while one types, over a real socket: median and 95th percentile of each way of typing, beside a floor.

Run: python -m benchmarks.bench_search [REQUESTS], on the database of ADDRESSBOOK_HOME or ADDRESSBOOK_DATABASE_URL.
What is typed are the registry's own names and addresses, letter by letter, as often as REQUESTS says (300). The floor
is the same route with a blank: the key is looked up and nothing is searched; both alternate.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable
from urllib.parse import urlencode

from sqlalchemy import Connection, text

from addressbook.config import read_settings
from addressbook.privacy.policy import AccessRole
from addressbook.search.sounds import initials, readings
from benchmarks.bench_views import timed_ms
from benchmarks.serving import Client, serving
from benchmarks.world import console, print_table, processors

LABEL = "bench_search"
LIVE = "state IN ('provisional', 'current')"
NAMES = f"SELECT name FROM address WHERE kind IN ('R', 'C', 'P') AND {LIVE} ORDER BY md5(aid) LIMIT :count"
ADDRESSES = f"SELECT standard_text FROM address WHERE kind IN ('D','H') AND {LIVE} ORDER BY md5(aid) LIMIT :count"
PLATES = (
    "SELECT r.name || a.plate_no FROM address a JOIN address r ON r.aid = a.road_aid AND r.kind = 'R'"
    " WHERE a.kind = 'D' ORDER BY md5(a.aid) LIMIT :count"
)
ROOMS = (
    "SELECT regexp_replace(standard_text, '^.*?区.*?(街道|镇|乡)', '') FROM address WHERE kind = 'H'"
    " ORDER BY md5(aid) LIMIT :count"
)
FIRMS = "SELECT name FROM enterprise ORDER BY md5(name) LIMIT :count"
CODES = "SELECT aid FROM address ORDER BY md5(aid) LIMIT :count"
DIVISIONS = "SELECT division_code FROM address ORDER BY md5(aid) LIMIT :count"
PLACES = "SELECT ST_X(geom) || ',' || ST_Y(geom) FROM address WHERE geom IS NOT NULL ORDER BY md5(aid) LIMIT :count"

Typing = Callable[[str, random.Random], str]


def begun(name: str, chance: random.Random) -> str:
    """As far as somebody has typed by now."""
    return name[: chance.randint(1, len(name))]


def in_pinyin(name: str, chance: random.Random) -> str:
    return begun("".join(readings(name)[0]), chance)


def in_initials(name: str, _: random.Random) -> str:
    return initials(readings(name)[0])


def with_a_slip(name: str, chance: random.Random) -> str:
    at = chance.randrange(len(name))
    return name[:at] + "啊" + name[at + 1 :]


def with_a_swap(name: str, chance: random.Random) -> str:
    """Two neighbours in each other's place, as often as not those in the middle, where neither half is right."""
    at = len(name) // 2 if chance.random() < 0.5 else chance.randrange(1, max(2, len(name)))
    return name[: at - 1] + name[at : at + 1] + name[at - 1] + name[at + 1 :]


def spelt_with_a_swap(name: str, chance: random.Random) -> str:
    return with_a_swap("".join(readings(name)[0]), chance)


def whole(name: str, _: random.Random) -> str:
    return name


WAYS: dict[str, tuple[str, Typing]] = {
    "names, letter by letter": (NAMES, begun), "names in pinyin": (NAMES, in_pinyin),
    "names by initials": (NAMES, in_initials), "names with a wrong character": (NAMES, with_a_slip),
    "names with a swap": (NAMES, with_a_swap), "pinyin with a swap": (NAMES, spelt_with_a_swap),
    "street and number": (PLATES, begun), "estate to room": (ROOMS, begun), "whole addresses": (ADDRESSES, whole),
    "enterprises": (FIRMS, begun), "enterprises in pinyin": (FIRMS, in_pinyin),
    "enterprises by initials": (FIRMS, in_initials), "codes": (CODES, whole), "division codes": (DIVISIONS, begun),
    "coordinates": (PLACES, whole),
}  # fmt: skip


def main(count: int) -> None:
    """Print the table for the registry of the settings."""
    with serving(read_settings(), LABEL, AccessRole.VIEWER) as (client, connection):
        report(client, connection, count)


def report(client: Client, connection: Connection, count: int) -> None:
    addresses = connection.execute(text("SELECT count(*) FROM address")).scalar_one()
    asked(client, "市")  # reads the names
    chance, rows, every, floors = random.Random(7), [], [], []
    for label, (statement, typing) in WAYS.items():
        typed = [typing(given, chance) for given in connection.execute(text(statement), {"count": count}).scalars()]
        times, floor = [], []
        for words in typed:
            floor.append(asked(client, " "))
            times.append(asked(client, words))
        rows.append((label, *figures(times), *figures(floor)))
        every += times
        floors += floor
    rows.append(("all of them", *figures(every), *figures(floors)))
    title = f"Suggestions from {addresses:,} addresses, {processors()}, milliseconds"
    print_table(title, ["typed", "median", "95 %", "worst", "floor", "floor 95 %", "floor worst"], rows)
    ratio = statistics.median(every) / statistics.median(floors)
    console.print(f"1 : {ratio:.1f} to the floor; the service took {client.peak_memory_mb():.0f} MB at most")


def asked(client: Client, words: str) -> float:
    """Milliseconds from a question to its answer."""
    return timed_ms(lambda: client.get(f"/search?{urlencode({'q': words})}"))


def figures(times: list[float]) -> tuple[str, str, str]:
    """Median, 95th percentile and worst."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):.1f}", f"{ordered[int(len(ordered) * 0.95)]:.1f}", f"{ordered[-1]:.1f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
