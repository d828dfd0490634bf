"""From the columns of a file to the fields of a kind: well-known names, or one small TOML per source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from addressbook.errors import FileError, SettingError
from addressbook.resources import data_path
from loaders.reading.header import column_name


@dataclass(frozen=True)
class ColumnMapping:
    """For each field of a kind the columns to read it from, the first filled one first; `split` cuts a cell."""

    fields: dict[str, tuple[str, ...]]
    split: dict[str, str]

    def columns_of(self, field: str) -> tuple[str, ...]:
        """The columns a field may be read from, most wanted first."""
        return self.fields.get(field, ())

    @cached_property
    def fields_of(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each column the fields it may be read for, with its rank among the columns of each (0 first)."""
        found: dict[str, list[tuple[str, int]]] = {}
        for field, columns in self.fields.items():
            for rank, column in enumerate(columns):
                found.setdefault(column, []).append((field, rank))
        return {column: tuple(fields) for column, fields in found.items()}

    @property
    def known(self) -> frozenset[str]:
        """Every column name that marks a header row."""
        return frozenset(name for names in self.fields.values() for name in names)


@cache
def well_known(kind: str) -> ColumnMapping:
    """The mapping of `kind` from data/mappings/columns.toml: its own fields, then the common ones."""
    tables = tomllib.loads(data_path("mappings", "columns.toml").read_text(encoding="utf-8"))
    fields = {**tables["common"], **tables[kind]}
    return ColumnMapping({field: tuple(names) for field, names in fields.items()}, {})


def read_mapping(kind: str, path: Path | None) -> ColumnMapping:
    """The well-known names, with a source's own TOML on top.

    Raises SettingError when the TOML cannot be read or names a field that `kind` does not have.
    """
    base = well_known(kind)
    if path is None:
        return base
    own = _own(path)
    unknown = sorted((own["columns"].keys() | own["split"].keys()) - base.fields.keys())
    if unknown:
        raise SettingError(
            f"{path.name} maps unknown fields: {', '.join(unknown)}.",
            remedy=f"Use one of: {', '.join(sorted(base.fields))}.",
        )
    columns = {field: tuple(map(column_name, _names(path, field, given))) for field, given in own["columns"].items()}
    for field, separator in own["split"].items():
        if not isinstance(separator, str) or not separator:
            raise _wrong_value(path, f"split.{field}", "a separator in quotation marks")
    return ColumnMapping({**base.fields, **columns}, own["split"])


def _own(path: Path) -> dict[str, dict[str, Any]]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SettingError(f"the mapping {path} cannot be read: {fault}.", remedy="See docs/loading.md.") from fault
    for name, table in tables.items():
        if name not in ("columns", "split") or not isinstance(table, dict):
            raise _wrong_value(path, name, "one of the tables [columns] and [split]")
    return {"columns": tables.get("columns", {}), "split": tables.get("split", {})}


def _names(path: Path, field: str, given: Any) -> list[str]:
    """The columns of a field: a list of names, or one name."""
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise _wrong_value(path, f"columns.{field}", 'a list of column names, e.g. ["地址"]')
    return names


def _wrong_value(path: Path, what: str, wanted: str) -> SettingError:
    return SettingError(
        f"{path.name}: {what} is not {wanted}.",
        zh=f"映射文件 {path.name} 中的 {what} 有误。",
        remedy="See docs/loading.md.",
    )


def require_columns(
    columns: Iterable[str], mapping: ColumnMapping, needed: Mapping[str, tuple[str, ...]], file_name: str
) -> None:
    """Check that of each group of fields at least one has a column in the file.

    Raises FileError naming the group, the names that would do, and the columns found.
    """
    present = set(columns)
    for label, fields in needed.items():
        names = [name for field in fields for name in mapping.columns_of(field)]
        if present.isdisjoint(names):
            raise FileError(
                f"{file_name} has no column for {label}; found: {', '.join(sorted(present - {''}))[:200]}.",
                zh=f"{file_name} 缺少“{label}”列。",
                remedy=f"Name one of its columns: {', '.join(names[:8])}; or give a mapping with --mapping.",
            )
