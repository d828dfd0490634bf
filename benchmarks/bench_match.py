"""The matcher on dirty queries whose truth is known: right first, precision, share, speed, growth, and two peers.

Run: python -m benchmarks.bench_match [--addresses 200000] [--seed 7] [--queries 20000] [--growth 2000000] [--no-peers]
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from addressbook.match.resolver import SLICE
from benchmarks.dirty import Query
from benchmarks.matching_work import Answered, answer, answering, index_memory_mb, median_latency_ms
from benchmarks.matching_world import Filled, filled
from benchmarks.world import console, print_table, processors


def main(options: argparse.Namespace) -> None:
    """Fill a registry, ask it, print what came of it."""
    with filled(options.addresses, options.seed, options.keep) as here:
        queries = here.queries(options.queries, options.query_seed)
        ours = answer(here, queries, SLICE)
        report(here, queries, ours, options.show)
        print_speed(here, queries, ours)
        if options.peers:
            from benchmarks.peers import run_peers  # scikit-learn is installed for `make bench-match` only

            run_peers(here, queries, ours, options.peer_queries)
        if options.growth:
            with filled(options.growth, options.seed, options.keep) as larger:
                # What was asked before is remembered, here and by the database: both are asked as much, then anew.
                answer(larger, larger.queries(options.queries, options.query_seed), SLICE)
                anew = options.query_seed + 1
                print_growth(here, here.queries(options.queries, anew), larger, larger.queries(options.queries, anew))


def print_growth(here: Filled, queries: list[Query], larger: Filled, others: list[Query]) -> None:
    """Two registries asked in turn, batch by batch: both meet the same machine."""
    *_, (small, large) = zip(answering(here, queries, SLICE), answering(larger, others, SLICE), strict=True)
    console.print(
        f"growth: {large.rate:,.0f} a second on {len(larger.aids):,} addresses, {small.rate:,.0f} on"
        f" {len(here.aids):,}: {large.rate / small.rate:.2f}"
    )
    for filled_so, answered in ((here, small), (larger, large)):
        print_speed(filled_so, [], answered)


def report(here: Filled, queries: list[Query], ours: Answered, shown: int) -> None:
    """Quality, each figure with its denominator, and the ten commonest faults."""
    right = [ours.answers[n].first == here.aids.get(query.key) for n, query in enumerate(queries)]
    answerable = [n for n, query in enumerate(queries) if query.answerable]
    linked = [n for n, found in enumerate(ours.answers) if found.category in "AB"]
    exact = [n for n in linked if ours.answers[n].category == "A"]
    good = [n for n in linked if queries[n].answerable and ours.answers[n].aid == here.aids[queries[n].key]]
    rows: list[tuple[object, ...]] = [
        _share("answerable: right AID first", sum(right[n] for n in answerable), len(answerable), "98.5", "99.5"),
        _share("A+B: right", len(good), len(linked), "99.5", "99.8"),
        _share("answerable in A+B, right", len(good), len(answerable), "95", "98"),
        _share("A: right", len(set(good) & set(exact)), len(exact), "99.9", "99.99"),
    ]
    print_table(f"{len(queries):,} queries", ["", "of", "number", "percent", "bar", "aim"], rows)
    _faults(queries, ours, set(good), right, shown)


def _share(label: str, number: int, of: int, bar: str, aim: str) -> tuple[object, ...]:
    return label, f"{of:,}", f"{number:,}", f"{100 * number / max(1, of):.2f}", bar, aim


def _faults(queries: list[Query], ours: Answered, good: set[int], right: list[bool], shown: int) -> None:
    """For each fault how often it was met and what went wrong; then examples, the wrong links first."""
    met: Counter[str] = Counter()
    wrong, not_first, unsure = Counter[str](), Counter[str](), Counter[str]()
    examples: list[tuple[object, ...]] = []
    for n, query in enumerate(queries):
        found = ours.answers[n]
        met.update(query.faults)
        kind = ""
        if found.category in "AB" and n not in good:
            kind, tally = "WRONG", wrong
        elif query.answerable and not right[n]:
            kind, tally = "not first", not_first
        elif query.answerable and n not in good:
            kind, tally = "unsure", unsure
        if kind:
            tally.update(query.faults)
            told = "+".join(query.faults), found.category, found.codes, query.text, found.standard_text
            examples.append((kind, *told))
    rows = [(f, met[f], wrong[f], not_first[f], unsure[f]) for f in met]
    rows.sort(key=lambda row: (-row[2] - row[3], -row[4]))
    print_table(
        "The commonest faults", ["fault", "queries", "linked wrongly", "not first", "first, unsure"],
        [*rows[: 10 if not shown else None]],
    )  # fmt: skip
    if shown:
        for kind in ("WRONG", "not first", "unsure"):
            for example in [e for e in examples if e[0] == kind][:shown]:
                print(*example, sep=" | ")  # a table would cut them short


def print_speed(here: Filled, queries: list[Query], ours: Answered) -> None:
    """Queries a second a core: the processor time of this process and of the database's, added up."""
    rows: list[tuple[object, ...]] = [
        ("resolve, parse included", f"{ours.rate:,.0f} a second a core", "10,000; aim 20,000"),
        ("  of which parsing", f"{ours.parse_seconds / len(ours.answers) * 1e6:.0f} µs a query", ""),
        ("  of which matching, in Python", f"{ours.match_seconds / len(ours.answers) * 1e6:.0f} µs a query", ""),
        ("  of which the database", f"{ours.database_seconds / len(ours.answers) * 1e6:.0f} µs a query", ""),
        ("index memory", f"{index_memory_mb(here):,.0f} MB", "1,000; aim 500"),
    ]
    if queries:
        rows.append(("one query, median", f"{median_latency_ms(here, queries[:1000]):.2f} ms", "3; aim 1"))
    print_table(f"Speed on {len(here.aids):,} addresses ({processors()})", ["", "", "bar"], rows)


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--addresses", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7, help="of the sample")
    parser.add_argument("--query-seed", type=int, default=1)
    parser.add_argument("--queries", type=int, default=20_000)
    parser.add_argument("--peer-queries", type=int, default=300)
    parser.add_argument("--growth", type=int, default=0, help="addresses of a second, larger registry")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--keep", type=Path, help="folder in which filled registries are kept for the next run")
    parser.add_argument("--show", type=int, default=0, help="examples of each kind of failure to print")
    return parser.parse_args()


if __name__ == "__main__":
    main(options())
