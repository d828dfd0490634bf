"""The view routes at one client, beside the same SQL run bare on one connection: medians and their ratio.

    ADDRESSBOOK_DATABASE_URL=postgresql://… python benchmarks/bench_views.py [--requests 200]

Without the variable the private cluster of ADDRESSBOOK_HOME is used. Reads only, but for the access log's lines and one
key, which is revoked at the end. Requests and bare statements alternate, so that both meet the same machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from addressbook.config import Settings, read_settings
from addressbook.privacy.policy import AccessRole
from addressbook.store.reading import (
    address_view_asked,
    elements_asked,
    read_area,
    read_area_children,
    read_division_counts,
)
from addressbook.store.steps import asked, done
from addressbook.views.address import LIST_LIMIT
from addressbook.views.links import keys_by_kind
from benchmarks.serving import Client, serving

KINDS = ["person", "house", "enterprise", "event", "thing"]
LABEL = "bench_views"


def bare_address(connection: Connection, aid: str) -> None:
    (row,) = done(connection, asked(address_view_asked(aid, KINDS, LIST_LIMIT)))
    done(connection, asked(elements_asked(keys_by_kind([*(row["links"] or []), *(row["timeline"] or [])]))))


def bare_area(connection: Connection, code: str) -> None:
    read_area(connection, code, geometry=False)
    read_division_counts(connection, code)
    read_area_children(connection, code, geometry=False)


def timed_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def compare(client: Client, connection: Connection, paths: dict[str, str], bare: Callable[..., None]) -> str:
    """Medians in ms of the route and of its bare SQL, their ratio, and the route's 99th percentile.

    `paths` maps a path to what the SQL is given.
    """
    route, sql = [], []
    for path, given in paths.items():
        route.append(timed_ms(lambda path=path: client.get(path)))
        sql.append(timed_ms(lambda given=given: bare(connection, given)))
        connection.rollback()
    served_ms, bare_ms = statistics.median(route), statistics.median(sql)
    worst = statistics.quantiles(route, n=100)[-1] if len(route) > 1 else served_ms
    return f"{served_ms:8.2f} ms {bare_ms:8.2f} ms {served_ms / bare_ms:6.2f} {worst:8.2f} ms"


def chosen(connection: Connection, statement: str, count: int) -> list[str]:
    return list(connection.execute(text(statement), {"count": count}).scalars())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    measure(read_settings(), parser.parse_args().requests)


def measure(settings: Settings, count: int) -> None:
    """Print the table for the registry of `settings`."""
    with serving(settings, LABEL, AccessRole.ANALYST) as (client, connection):
        report(client, connection, count)


def report(client: Client, connection: Connection, count: int) -> None:
    connection.execute(text("SET jit = off"))
    connection.commit()
    client.get("/resolve?text=1")  # comes back once the names are read, at which a thread is busy until then
    print(f"{'route':44} {'served':>11} {'bare SQL':>11} {'ratio':>6} {'99 %':>11}   (medians)")
    for kinds in ("RCDBEFHP", "H", "B", "C"):
        among = f"kind = ANY (string_to_array('{kinds}', NULL))"
        wanted = f"SELECT aid FROM address WHERE {among} ORDER BY md5(aid) LIMIT :count"
        paths = {f"/addresses/{aid}/view": aid for aid in chosen(connection, wanted, count)}
        if paths:
            label = "all kinds" if len(kinds) > 1 else f"kind {kinds}"
            print(f"{'GET /addresses/{aid}/view, ' + label:44} {compare(client, connection, paths, bare_address)}")
    for level in ("county", "town", "community"):
        wanted = (  # those with most in them
            "SELECT code FROM division JOIN (SELECT division_code AS code, count, located FROM rollup_division"
            " UNION ALL SELECT community_code, count, located FROM rollup) AS counted USING (code)"
            f" WHERE valid_to IS NULL AND level = '{level}' GROUP BY code ORDER BY sum(count) DESC LIMIT :count"
        )
        codes = chosen(connection, wanted, count)
        codes = codes[:1] if level == "county" else codes  # what the loads gave to others are a few strays
        repeated = {f"/areas/{code}/view?month={y}-{m:02}": code for y in range(2008, 2025) for m in range(1, 13)
                    for code in codes}  # fmt: skip
        if codes:
            label = f"GET /areas/{{code}}/view, {level}"
            print(f"{label:44} {compare(client, connection, dict(list(repeated.items())[:count]), bare_area)}")


if __name__ == "__main__":
    main()
