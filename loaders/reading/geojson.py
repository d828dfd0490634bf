"""GeoJSON feature collections, feature by feature: the file is never held whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from addressbook.errors import FileError
from loaders.reading.header import column_name
from loaders.reading.rows import RawRow, Table, mark_broken

BLOCK_CHARACTERS = 1 << 18
BEHIND_BYTES = 1 << 12
LOOKED_AT_FEATURES = 100
"""Features need not have the same properties: the columns are those of the first hundred."""
LONGEST_FEATURE_CHARACTERS = 1 << 26
_DECODER = json.JSONDecoder()
_FEATURES = re.compile(r'"features"\s*:\s*\[')
_SOMETHING = re.compile(r"[^ \t\r\n,]")


def read_geojson(path: Path) -> Table:
    """The features of a FeatureCollection as rows, numbered from 1; properties become columns, points become `point`.

    A foreign member "coordinate_system" (wgs84, cgcs2000, gcj02, bd09) before or behind the features is honoured.
    Raises FileError when the text is not JSON, not a FeatureCollection, or has no features.
    """
    preamble, rows = _open(path)
    first = list(islice(rows, LOOKED_AT_FEATURES))
    if not first:
        raise FileError(f"{path.name} has no features.", zh=f"{path.name} 中没有要素。", remedy="Export it again.")
    system = str(preamble.get("coordinate_system", "")).lower().replace("-", "").replace("_", "")
    columns = list(dict.fromkeys(name for row in first for name in row.values))
    return Table(columns, chain(first, rows), None, system or None, "utf-8", has_points=any(row.point for row in first))


def _open(path: Path) -> tuple[dict[str, Any], Iterator[RawRow]]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        head = file.read(BLOCK_CHARACTERS)
    begin = _FEATURES.search(head)
    if begin is None:
        raise not_geojson(path, "其中没有“features”", 'it has no "features"')
    try:
        preamble = json.loads(head[: begin.start()].rstrip().rstrip(",") + "}")
    except (ValueError, RecursionError) as fault:
        raise not_geojson(path, "开头不是 JSON", "its beginning is not JSON") from fault
    return {**_behind(path), **preamble}, _rows(path, begin.end())


def _behind(path: Path) -> dict[str, Any]:
    """The members behind the features; none where they cannot be told apart from the last feature."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - BEHIND_BYTES))
        tail = file.read().decode("utf-8", "replace")
    try:
        members = json.loads("{" + tail[tail.rfind("]") + 1 :].lstrip(" \t\r\n,"))
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _rows(path: Path, start: int) -> Iterator[RawRow]:
    for number, feature in enumerate(_features(path, start), 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            yield RawRow(number, {}, "not_a_feature")
            continue
        yield _row(number, feature)


def _features(path: Path, start: int) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        buffer, at = file.read(start + BLOCK_CHARACTERS), start
        while True:
            begin = _SOMETHING.search(buffer, at)
            at = begin.start() if begin else len(buffer)
            if buffer.startswith("]", at):
                return
            try:
                feature, at = _DECODER.raw_decode(buffer, at)
            except RecursionError as fault:
                raise not_geojson(path, "某个要素嵌套过深", "a feature is nested without end") from fault
            except ValueError as fault:
                buffer, at = buffer[at:], 0  # only here: cut behind each feature it would be copied for each
                more = file.read(max(BLOCK_CHARACTERS, len(buffer)))
                if not more or len(buffer) > LONGEST_FEATURE_CHARACTERS:
                    raise not_geojson(path, "某个要素不完整或不是 JSON", "a feature is cut off or not JSON") from fault
                buffer += more
                continue
            yield feature


def _row(number: int, feature: dict[str, Any]) -> RawRow:
    properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        return RawRow(number, {}, "not_a_feature")
    row = RawRow(number, {column_name(name): _text(value) for name, value in properties.items()}, geometry=geometry)
    if geometry.get("type") == "Point" and geometry.get("coordinates") != []:
        row.point = _point(geometry.get("coordinates"))
        row.fault = "" if row.point else "coordinate_wrong:geometry"
    return mark_broken(row)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _point(coordinates: Any) -> tuple[float, float] | None:
    try:
        return float(coordinates[0]), float(coordinates[1])
    except (TypeError, ValueError, IndexError, KeyError):
        return None


def not_geojson(path: Path, zh: str, en: str) -> FileError:
    """The error of a file that is no FeatureCollection, and why not."""
    return FileError(
        f"{path.name} is not a GeoJSON feature collection: {en}.",
        zh=f"{path.name} 不是 GeoJSON 要素集合：{zh}。",
        remedy='Export it again as GeoJSON (RFC 7946): {"type": "FeatureCollection", "features": […]}.',
    )
