"""Links as a view shows them: the element, what it does here, and why it was linked here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addressbook.masking import MASK
from addressbook.model import Reason
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.views.resolution import reason_entry

UNKNOWN = "00000000-0000-0000-0000-000000000000"
"""Stands for a person whose key is not known: items that have waited for review since keys were not kept with them."""
_RESTRICTED = dict.fromkeys(("name", "identity", "phone"), MASK)
"""How a person is shown whom nobody may see: store/subjects.py."""
EVIDENCE = ("match_category", "match_level", "coordinate_level", "score", "flags")


def keys_by_kind(rows: Iterable[Row]) -> dict[str, list[str]]:
    """The distinct element keys of links, by kind: what the second round trip asks for."""
    keys: dict[str, dict[str, None]] = {}
    for row in rows:
        keys.setdefault(row["element_kind"], {})[row["element_key"]] = None
    return {kind: list(found) for kind, found in keys.items()}


def link_entry(row: Row, elements: dict[str, Row]) -> Row:
    """One link with its element and its evidence; what was written of a person who is restricted is not told."""
    element = elements.get(row["element_key"], {})
    if _RESTRICTED.items() <= element.items():
        row = {**row, "received_text": "", "reasons": []}
    return {
        "element_key": row["element_key"],
        "aid": row.get("aid"),
        "place": row.get("place", ""),
        "role": row["role"],
        "category": row["category"],
        "valid_from": row["valid_from"],
        "valid_to": row.get("valid_to"),
        "element": element,
        "evidence": evidence(row),
    }


def evidence(row: Row) -> Row:
    """Why the link is where it is: category, levels, score, the text received, and the reasons as sentences."""
    return {
        **{name: row[name] for name in EVIDENCE if name in row},
        "source": row["source"],
        "received_text": row["received_text"],
        "reasons": [reason_entry(reason_from(reason)) for reason in row["reasons"]],
    }


def reason_from(stored: Row) -> Reason:
    """A reason as the link keeps it."""
    return Reason(
        stored["code"], stored.get("element", ""), stored.get("expected", ""), stored.get("found", ""),
        stored.get("cost", 0.0),
    )  # fmt: skip


def persons_among(rows: Iterable[Row]) -> list[str]:
    """The keys of the different persons an answer shows: what the access log is told."""
    return list(dict.fromkeys(row["element_key"] or UNKNOWN for row in rows if row["element_kind"] == "person"))


def visible_kinds(reader: Reader) -> list[str]:
    """The element kinds whose single elements this reader may see, in a fixed order."""
    return sorted(kind.value for kind in reader.listed)


def timeline_entry(row: Row, elements: dict[str, Row]) -> Row:
    """One dated beginning or end, named by whatever its element is called."""
    element: dict[str, Any] = elements.get(row["element_key"], {})
    return {
        "date": row["day"],
        "change": row["change"],
        "kind": row["element_kind"],
        "role": row["role"],
        "category": row["category"],
        "element_key": row["element_key"],
        "label": element.get("title") or element.get("name") or element.get("source_key") or "",
        "aid": row["aid"],
        "place": row["place"],
    }
