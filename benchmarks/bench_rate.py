"""Sixteen clients at once beside the same SQL through pgbench, and pages of features beside tipg.

Run: python -m benchmarks.bench_rate [--clients 16] [--rounds 5] [--seconds 4] [--workers 2] [--tipg PYTHON], on the
database of ADDRESSBOOK_HOME or ADDRESSBOOK_DATABASE_URL. PYTHON has tipg and uvicorn, in a place of its own. pgbench
runs the two statements of an address view, with the codes and keys that the service asks for, as prepared ones; the
second logs what is shown of persons, as the service's does. That an address is drawn costs pgbench a third one. Both
run in turn, for what a processor does in ten seconds is not what it does in the next ten.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import orjson
from sqlalchemy import Connection

from addressbook.config import Settings, read_settings
from addressbook.privacy.log import MASKED_FIELDS
from addressbook.privacy.policy import AccessRole
from addressbook.store.cluster import binaries
from addressbook.store.engine import driver_of
from addressbook.store.reading import address_view_asked
from addressbook.store.statements import statement
from addressbook.store.steps import asked, done
from addressbook.views.address import LIST_LIMIT
from addressbook.views.links import keys_by_kind
from addressbook.views.occupied import house_links
from api.app import SESSION
from benchmarks.bench_views import KINDS, chosen, timed_ms
from benchmarks.clients import rate_at
from benchmarks.serving import Client, serving
from benchmarks.world import console, print_table, processors

LABEL = "bench_rate"
ADDRESSES = 200
PAGES, PAGE_ROWS = 30, 1000
ANY = "SELECT aid FROM address WHERE state = 'current' ORDER BY md5(aid) LIMIT :count"


def main(asked: argparse.Namespace) -> None:
    """Print the tables for the registry of the settings."""
    measure(read_settings(), asked)


def measure(settings: Settings, asked: argparse.Namespace) -> None:
    """The same for the registry of `settings`."""
    many = settings.model_copy(update={"workers": asked.workers})
    with serving(many, LABEL, AccessRole.ANALYST) as (client, connection):
        client.get("/resolve?text=1")
        print_rates(client, connection, asked)
        if asked.tipg:
            print_pages(client, connection, asked.tipg)


def print_rates(client: Client, connection: Connection, asked: argparse.Namespace) -> None:
    aids = chosen(connection, ANY, ADDRESSES)
    paths = [f"/addresses/{aid}/view" for aid in aids]
    rows: list[tuple[object, ...]] = []
    rate_at(client.port, client.key, paths, asked.clients, 3)  # statements are prepared and pages read by now
    for clients in (1, asked.clients):
        rates, bares, times = list[float](), list[float](), list[float]()
        for _ in range(asked.rounds):
            rate, took = rate_at(client.port, client.key, paths, clients, asked.seconds)
            rates.append(rate)
            times += took
            bares.append(_pgbench(connection, aids, clients, asked.seconds))
        shares = [rate / bare for rate, bare in zip(rates, bares, strict=True)]
        rows.append((
            clients, f"{statistics.median(rates):,.0f}", f"{statistics.median(times):.1f}",
            f"{statistics.quantiles(times, n=100)[-1]:.1f}", f"{statistics.median(bares):,.0f}",
            f"{statistics.median(shares):.2f}", f"{min(shares):.2f}–{max(shares):.2f}",
        ))  # fmt: skip
    title = f"GET /addresses/{{aid}}/view, {asked.workers} processes of the service, {processors()}"
    columns = ["clients", "a second", "median ms", "99 % ms", "pgbench a second", "share of it", "in each round"]
    print_table(title, columns, rows)


def _pgbench(connection: Connection, aids: list[str], clients: int, seconds: int) -> float:
    """Views a second, in sessions as the service has them."""
    info = driver_of(connection).info
    program = binaries.find().program("pgbench")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_script(connection, aids))
        script.flush()
        command = [
            program, "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), "-f", script.name,
            "-h", info.host, "-p", str(info.port), "-U", info.user, info.dbname,
        ]  # fmt: skip
        environment = os.environ | {"PGOPTIONS": SESSION}
        said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    return float(re.findall(r"tps = ([\d.]+)", said)[-1])


def _script(connection: Connection, aids: list[str]) -> str:
    """What the service asks for an address that is drawn: the view, then the elements and the log's line of persons."""
    drawn: dict[str, list[str]] = {"aid": aids, "persons": [], **{kind: [] for kind in KINDS}}
    for aid in aids:
        (row,) = done(connection, asked(address_view_asked(aid, KINDS, LIST_LIMIT)))
        keys = keys_by_kind([*(row["links"] or []), *(row["timeline"] or []), *house_links(row)])
        drawn["persons"].append(str(len(keys.get("person", []))))
        for kind in KINDS:
            drawn[kind].append(f"{{{','.join(keys.get(kind, []))}}}")
    connection.rollback()
    columns = ", ".join(f"(ARRAY[{','.join(map(_quoted, values))}])[:n] AS {name}" for name, values in drawn.items())
    given = {
        "kinds": f"'{{{','.join(KINDS)}}}'", "limit": str(LIST_LIMIT), "day": "CURRENT_DATE", "key_id": "1",
        "reader": _quoted(LABEL), "route": "'/addresses/{aid}/view'", "purpose": "''", "subject": ":aid",
        "fields": _quoted(MASKED_FIELDS), "persons": ":persons::int", "subjects": ":person",
        "request_id": _quoted("0" * 32), "in_full": "false",
    }  # fmt: skip
    view, line, elements = (
        _for_pgbench(told, given)
        for told in (
            "".join(map(statement, address_view_asked("", KINDS, LIST_LIMIT).names)), statement("access_added"),
            statement("elements_by_key"),
        )
    )  # fmt: skip
    begin = f"\\set n random(1, {len(aids)})\nSELECT {columns} \\gset\n{view};\n"
    return f"{begin}\\if :persons > 0\n{line}{elements};\n\\else\n{elements};\n\\endif\n"


def _for_pgbench(asked: str, given: dict[str, str]) -> str:
    told = re.sub(r"--.*", "", asked)
    return re.sub(r"%\((\w+)\)s", lambda found: given.get(found[1], f":{found[1]}"), told).replace("%%", "%")


def _quoted(value: str) -> str:
    return f"'{value}'"


def print_pages(client: Client, connection: Connection, python: str) -> None:
    """Pages of the address table, one after another from the first, ours and tipg's in turn."""
    info = driver_of(connection).info
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"postgresql://{info.user}@{quote(info.host, safe='')}:{info.port}/{info.dbname}"
    environment = os.environ | {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["public"]'}
    command = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--log-level", "error"]
    peer = subprocess.Popen(command, env=environment)
    try:
        other = Client(port, "", peer)
        _wait(other)
        client.close()  # the service does not keep a connection that idle
        _compare(client, other)
    finally:
        peer.terminate()
        peer.wait()


def _wait(peer: Client) -> None:
    for _ in range(300):
        try:
            peer.get("/collections")
        except OSError:
            peer.close()
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("tipg did not start")


def _compare(client: Client, other: Client) -> None:
    ours: list[float] = []
    theirs: list[float] = []
    path = f"/ogc/collections/addresses/items?limit={PAGE_ROWS}"
    for page in range(PAGES):
        offset = f"/collections/public.address/items?limit={PAGE_ROWS}&offset={page * PAGE_ROWS}&f=geojson"
        theirs.append(timed_ms(lambda offset=offset: other.get(offset)))
        begun = time.perf_counter()
        answer = client.get(path)
        ours.append((time.perf_counter() - begun) * 1000)
        links = {link["rel"]: link["href"] for link in orjson.loads(answer.body)["links"]}
        path = f"{urlsplit(links['next']).path}?{urlsplit(links['next']).query}"
        assert "cursor" in parse_qs(urlsplit(path).query)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    console.print(
        f"a page of {PAGE_ROWS:,} features, median of {PAGES}: {mine:.1f} ms, tipg {peer:.1f} ms:"
        f" {peer / mine:.1f} times its rate"
    )


def options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The command line, to which `parser` may add."""
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5, help="of the service and of pgbench in turn")
    parser.add_argument("--seconds", type=int, default=4, help="of each of a round")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tipg", type=Path, help="the Python of an environment with tipg and uvicorn")
    return parser.parse_args()


if __name__ == "__main__":
    main(options(argparse.ArgumentParser(description=__doc__)))
