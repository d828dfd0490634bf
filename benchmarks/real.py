"""The real Xiaoshan: `make real` loads it from a folder of public files and prints what became of every row.

The registry is made from nothing: the enterprises' own texts propose the addresses they are then linked to.
Afterwards the registry stays in HOME (below), for a look: ADDRESSBOOK_HOME=… addressbook serve.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from sqlalchemy import text

from addressbook.links import Unresolved
from addressbook.resources import data_path
from addressbook.store.engine import transaction
from addressbook.store.rollups import check_rollups
from benchmarks.world import World, console, print_table, world
from loaders.areas import load_areas
from loaders.outcomes import RowOutcome
from loaders.request import LoadRequest
from loaders.running import run_load

HOME = Path(os.environ.get("REAL_HOME", "/var/tmp/addressbook-real"))  # noqa: S108 - the operator's choice
XIAOSHAN = "330109"
LEVELS = text(
    """
    SELECT match_level, match_category, count(*) FROM link
    WHERE element_kind = 'enterprise' AND closed_at IS NULL GROUP BY 1, 2 ORDER BY 3 DESC
    """
)
SHARED = text(
    """
    SELECT count(*), sum(firms), count(*) FILTER (WHERE texts > 1), sum(texts) FILTER (WHERE texts > 1) FROM (
        SELECT aid, count(DISTINCT element_key) AS firms, count(DISTINCT received_text) AS texts FROM link
        WHERE element_kind = 'enterprise' AND closed_at IS NULL AND aid IS NOT NULL GROUP BY site_id, aid
    ) q WHERE firms > 1
    """
)
REASONS = text(
    "SELECT s.name, reason_code, count(*) FROM source_row JOIN source s USING (source_id)"
    " WHERE outcome <> 'linked' AND gone_at IS NULL GROUP BY 1, 2 ORDER BY 1, 3 DESC"
)


def main(folder: Path) -> None:
    """Load everything and print the report."""
    outcomes: dict[str, list[RowOutcome]] = {}
    with world("real", keep=HOME) as here:
        rows = [_areas(here, folder / path, system) for path, system in (
            ("boundaries/xiaoshan_towns_25_post2021.geojson", "wgs84"),
            ("boundaries/datav_330100_full_2021plus.geojson", "gcj02"),
        )]  # fmt: skip
        enterprises = folder / "enterprises/xiaoshan.csv"
        requests = [
            LoadRequest("proposals", enterprises, "enterprises: proposals", division=XIAOSHAN, column="注册地址"),
            LoadRequest("enterprises", enterprises, "enterprises", division=XIAOSHAN),
            LoadRequest("things", folder / "things/heritage_sites.csv", "heritage", division=XIAOSHAN),
            LoadRequest(
                "events",
                folder / "events/events.csv",
                "complaints",
                data_path("mappings", "complaints.toml"),
                division="3301",
                unresolved=Unresolved.ANCHOR,
            ),
        ]
        rows += [_load(here, request, outcomes) for request in requests]
        rows.append(_load(here, requests[1], {}))
        columns = ["file", "read", "linked", "review", "rejected", "unchanged", "minted", "seconds"]
        print_table("The real Xiaoshan (the last line loads a file again)", columns, rows)
        _enterprises(here)
        _faults(outcomes)


def _areas(here: World, path: Path, system: str) -> tuple[object, ...]:
    start = time.perf_counter()
    totals = load_areas(here.engine, path, path.stem, coordinate_system=system)
    counts = totals.counts()
    return (
        path.name,
        *(counts[n] for n in ("read", "linked", "review", "rejected")),
        "",
        "",
        f"{time.perf_counter() - start:.1f}",
    )


def _load(here: World, request: LoadRequest, outcomes: dict[str, list[RowOutcome]]) -> tuple[object, ...]:
    start = time.perf_counter()
    kept = outcomes.setdefault(request.source, [])
    counts = run_load(here.engine, here.secret, request, keep_faults=kept.append).totals.counts()
    names = ("read", "linked", "review", "rejected", "unchanged", "minted")
    return (request.source, *(counts[name] for name in names), f"{time.perf_counter() - start:.1f}")


def _enterprises(here: World) -> None:
    with transaction(here.engine) as connection:
        print_table(
            "Enterprises by match level", ["level", "category", "links"], [tuple(r) for r in connection.execute(LEVELS)]
        )
        shared = connection.execute(SHARED).one()
        print_table(
            "Addresses shared by several firms",
            ["codes", "firms at them", "codes reached by several spellings", "spellings"],
            [tuple(shared)],
        )
        print_table(
            "Not linked, by reason", ["source", "reason", "rows"], [tuple(row) for row in connection.execute(REASONS)]
        )
        console.print(f"counts that differ from a recount: {len(check_rollups(connection))}")


def _faults(outcomes: dict[str, list[RowOutcome]]) -> None:
    rows = [(source, f.line, f.reason_code, f.zh[:70]) for source, faults in outcomes.items() for f in faults[:15]]
    print_table("Some rows that were not plainly linked", ["source", "line", "reason", ""], rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
