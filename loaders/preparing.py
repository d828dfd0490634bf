"""What a request means for its file: the mapping, the columns it must have, the coordinate system."""

from __future__ import annotations

import hashlib

from loaders.coordinates import to_wgs84
from loaders.kinds import KINDS
from loaders.mapping import ColumnMapping, read_mapping, require_columns
from loaders.reading import Table, open_table
from loaders.reading.header import column_name
from loaders.request import Job, LoadRequest

ADDRESS_COLUMNS: dict[str, tuple[str, ...]] = {"地址 address": ("address", "road", "place", "town", "community")}
PROPOSAL_COLUMNS: dict[str, tuple[str, ...]] = {"地址 address": ("address",)}


def opened(request: LoadRequest) -> tuple[ColumnMapping, Table]:
    """The mapping and the file, which has the columns that are needed.

    Raises FileError, SettingError or InputError for what cannot be read, before anything is written.
    """
    mapping = read_mapping("addresses" if request.kind == "proposals" else request.kind, request.mapping)
    mapping = _with_column(mapping, request.column)
    table = open_table(request.path, mapping.known)
    require_columns(_present(table), mapping, _needed(request), request.path.name)
    to_wgs84(0.0, 0.0, _system(request, table))  # an unknown system is told before anything is written
    return mapping, table


def job_of(
    request: LoadRequest, source_id: int, batch_id: int, mapping: ColumnMapping, table: Table, *, is_new: bool
) -> Job:
    """The request begun, with a name for the way its rows are read."""
    system = _system(request, table)
    read_by = f"{sorted(mapping.fields.items())} {sorted(mapping.split.items())}"
    reading = f"{system} {request.division} {request.unresolved} {hashlib.sha256(read_by.encode()).hexdigest()}"
    return Job(
        request.source, source_id, batch_id, mapping, system, request.division, request.unresolved, reading, is_new
    )


def _system(request: LoadRequest, table: Table) -> str:
    return request.coordinate_system or table.coordinate_system or "wgs84"


def _present(table: Table) -> list[str]:
    return [*table.columns, "lon", "lat"] if table.has_points else table.columns


def _needed(request: LoadRequest) -> dict[str, tuple[str, ...]]:
    if request.kind in KINDS:
        return KINDS[request.kind].needed
    return PROPOSAL_COLUMNS if request.kind == "proposals" else ADDRESS_COLUMNS


def _with_column(mapping: ColumnMapping, column: str | None) -> ColumnMapping:
    if column is None:
        return mapping
    return ColumnMapping({**mapping.fields, "address": (column_name(column),)}, mapping.split)
