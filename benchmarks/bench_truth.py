"""The sample's truth against what a load made of it: exact, because the sample knows where every row belongs.

Run: python -m benchmarks.bench_truth [ADDRESSES] [SEED]
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections import Counter
from pathlib import Path

from sqlalchemy import Connection, text

from addressbook.store.engine import transaction
from benchmarks.world import World, console, print_table, world
from loaders import demo
from loaders.sample import write_sample

PRIMARY = {"residents": "residence", "enterprises": "registered", "events": "occurred_at"}
LINKED = text(
    "SELECT r.source_key, l.aid, l.match_category, l.received_text FROM source_row r JOIN source s USING (source_id)"
    " JOIN link l ON l.row_key = r.row_key AND l.closed_at IS NULL WHERE s.name = :source AND l.role = :role"
)
BRIDGE = text(
    "SELECT r.source_key, r.aid FROM source_row r JOIN source s USING (source_id) WHERE s.name = 'sample:addresses'"
)


def main(addresses: int, seed: int) -> None:
    """Load a sample and print, for each expectation and fault, what became of its rows."""
    with world("truth") as here, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder, addresses=addresses, seed=seed)
        demo.load_sample(here.engine, here.secret, folder)
        _report(here, folder)


def _report(here: World, folder: Path) -> None:
    ends: Counter[tuple[str, str]] = Counter()
    faults: Counter[tuple[str, str]] = Counter()
    wrong: list[tuple[object, ...]] = []
    with transaction(here.engine) as connection:
        aids = {row.source_key: row.aid for row in connection.execute(BRIDGE)}
        for path in sorted((folder / "truth").glob("*.csv")):
            links = _links(connection, path.stem)
            for row in csv.DictReader(path.open(encoding="utf-8-sig")):
                end, link = _end(row, aids, links.get(_key(here, path.stem, row["source_key"])))
                ends[row["expected"], end] += 1
                faults[row["fault"].split("+")[0], end] += 1
                if end.startswith("WRONG"):
                    wrong.append((path.stem, row["expected"], row["fault"], end, link[2] if link else ""))
    print_table("Expected → became", ["expected", "became", "rows"], [(*k, n) for k, n in sorted(ends.items())])
    missed = [(*key, number) for key, number in faults.most_common() if key[1] == "not linked"]
    print_table(
        "Not linked, by fault (where an address or division was expected: to win)", ["fault", "", "rows"], missed[:30]
    )
    print_table("Linked wrongly", ["file", "expected", "fault", "", "text"], wrong[:60])
    console.print(f"{len(wrong)} rows linked wrongly of {sum(ends.values())}")


def _links(connection: Connection, stem: str) -> dict[str, tuple[str | None, str, str]]:
    role = PRIMARY.get(stem, "located_at")
    rows = connection.execute(LINKED, {"source": f"sample:{stem}", "role": role})
    return {row.source_key: (row.aid, row.match_category, row.received_text) for row in rows}


def _key(here: World, stem: str, key: str) -> str:
    return here.secret.element_key("person", key).hex if stem == "residents" else key


def _end(
    row: dict[str, str], aids: dict[str, str], link: tuple[str | None, str, str] | None
) -> tuple[str, tuple[str | None, str, str] | None]:
    """What became of a row: linked right, linked wrongly, or not linked."""
    if link is None:
        return "not linked", None
    aid, category, received = link
    if row["fault"] == "duplicate_key":
        return "counted at its first row", link
    if row["expected"] == "none" and aid is None and not received:
        return "division by its point", link
    if row["expected"] == "address":
        right = aid == aids.get(row["address_key"])
    elif row["expected"] == "division":
        right = aid is None
    else:
        right = False
    return (f"right {category}" if right else f"WRONG {category}"), link


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, int(sys.argv[2]) if len(sys.argv) > 2 else 11)
