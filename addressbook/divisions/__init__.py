"""The national gazetteer and its history: provinces to villages by code and by name. Pure: no database."""

from __future__ import annotations

from addressbook.divisions.codes import code_range, level_of, pad, parent_code, significant
from addressbook.divisions.gazetteer import Gazetteer
from addressbook.divisions.history import HistoryRow
from addressbook.divisions.index import DivisionName
from addressbook.divisions.lineage import FormerName, KeptDivisions, Line
from addressbook.divisions.names import community_forms, is_artificial, short_name

__all__ = [
    "DivisionName", "FormerName", "Gazetteer", "HistoryRow", "KeptDivisions", "Line", "code_range", "community_forms",
    "is_artificial", "level_of", "pad", "parent_code", "short_name", "significant",
]  # fmt: skip
