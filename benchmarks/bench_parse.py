"""Micro-F1 of exact spans on the labelled addresses of ../shared/data, and texts a second on one core."""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from addressbook.train.scores import GROUPS as TRAINED, score
from addressbook.train.tuner import Span

LABELS = {
    "prov": "province", "city": "city", "district": "county", "devZone": "devzone", "town": "town",
    "community": "community", "road": "road", "roadno": "road_no", "subRoad": "sub_road", "subroad": "sub_road",
    "subroadno": "sub_road_no", "subRoadno": "sub_road_no",
    "poi": "place", "subpoi": "sub_place", "houseno": "building",
    "cellno": "unit", "floorno": "floor", "roomno": "room", "person": "party", "assist": "relation",
    "redundant": "redundant", "otherinfo": "other", "country": "country",
}  # fmt: skip
GROUPS = TRAINED | {"devzone": ("devzone",), "all 21": tuple(dict.fromkeys(LABELS.values()))}


def gold_of(row: dict[str, Any]) -> set[Span]:
    spans, at = set(), 0
    for text, label in row["spans"]:
        start = row["text"].index(text, at)
        at = start + len(text)
        spans.add((start, at, LABELS[label]))
    return spans


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path, default=Path("../shared/data/labelled_addresses/dev.jsonl"))
    options.add_argument("--failures", help="print texts where this group fails")
    options.add_argument("--number", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    rows = [json.loads(line) for line in arguments.file.read_text(encoding="utf-8").splitlines()]
    parser = build()
    texts = [row["text"] for row in rows]
    parsed = parser.parse_many(texts)  # reads the villages of the counties named, once
    found = [{(e.start, e.end, e.name) for e in p.elements} for p in parsed]
    gold = [gold_of(row) for row in rows]
    print_table(gold, found)
    print_faults(gold, found)
    print_speed(parser, texts)
    if arguments.failures:
        print_failures(rows, gold, found, GROUPS[arguments.failures], arguments)


def build() -> Any:
    from addressbook.divisions import Gazetteer
    from addressbook.parse import Parser

    return Parser(Gazetteer.shipped(), None)


def print_speed(parser: Any, texts: list[str]) -> None:
    """Process time of one core: many texts at once, one by one, and one regular expression as floor."""
    numbers = re.compile("[0-9]+")
    gc.collect()
    gc.freeze()  # as the service does: the gazetteer lasts, and a collection need not walk it
    rates = {
        "many texts at once": rate(parser.parse_many, texts),
        "one by one": rate(lambda given: [parser.parse(text) for text in given], texts),
        "floor: re.findall of numbers": rate(lambda given: [numbers.findall(text) for text in given], texts),
    }
    for what, per_second in rates.items():
        share = per_second / rates["floor: re.findall of numbers"]
        print(f"{what:30} {per_second:12,.0f} texts a second  {share:8.4f} of the floor")


def print_faults(gold: list[set[Span]], found: list[set[Span]], number: int = 10) -> None:
    """The commonest ways to be wrong: a labelled span read as another element, or cut otherwise."""
    faults: Counter[tuple[str, str]] = Counter()
    for expected, got in zip(gold, found, strict=True):
        read = {(start, end): name for start, end, name in got}
        faults.update((name, read.get((s, e), "cut otherwise")) for s, e, name in expected - got)
    total = sum(len(spans) for spans in gold)
    for (name, read_as), count in faults.most_common(number):
        print(f"{name:12} {read_as:14} {count:5} of {total}")


def rate(function: Callable[[list[str]], Any], texts: list[str]) -> float:
    started = time.process_time()
    function(texts)
    return len(texts) / max(1e-9, time.process_time() - started)


def print_table(gold: list[set[Span]], found: list[set[Span]]) -> None:
    print(f"{'element':24} {'F1':>6} {'prec':>6} {'recall':>6} {'spans':>6}")
    for group, names in GROUPS.items():
        f1, precision, recall, spans = score(gold, found, names)
        print(f"{group:24} {f1:6.3f} {precision:6.3f} {recall:6.3f} {spans:6}")


def print_failures(
    rows: list[Any], gold: list[set[Span]], found: list[set[Span]], names: tuple[str, ...], arguments: Any
) -> None:
    order = list(range(len(rows)))
    random.Random(arguments.seed).shuffle(order)
    shown = 0
    for at in order:
        wrong = {s for s in gold[at] ^ found[at] if s[2] in names}
        if wrong and shown < arguments.number:
            text = rows[at]["text"]
            line = [" ".join(f"{text[s:e]}/{n}" for s, e, n in sorted(spans)) for spans in (gold[at], found[at])]
            print(f"- {line[0]}\n  {line[1]}")
            shown += 1


if __name__ == "__main__":
    main()
