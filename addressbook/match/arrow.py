"""Arrow record batch in, Arrow record batch out: the same answers as columns."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from addressbook.match.reasons import sentence
from addressbook.match.resolver import Resolver
from addressbook.model import PathLookup, Reason, Resolution

REASON = pa.struct(
    [("code", pa.string()), ("element", pa.string()), ("expected", pa.string()), ("found", pa.string()),
     ("cost", pa.float64()), ("zh", pa.string()), ("en", pa.string())]
)  # fmt: skip
CANDIDATE = pa.struct(
    [("aid", pa.string()), ("standard_text", pa.string()), ("score", pa.float64()), ("lon", pa.float64()),
     ("lat", pa.float64()), ("reasons", pa.list_(REASON))]
)  # fmt: skip
SCHEMA = pa.schema(
    [
        ("aid", pa.string()),
        ("category", pa.string()),
        ("match_level", pa.string()),
        ("coordinate_level", pa.string()),
        ("division_code", pa.string()),
        ("standard_text", pa.string()),
        ("lon", pa.float64()),
        ("lat", pa.float64()),
        ("score", pa.float64()),
        ("anchor", pa.string()),
        ("unresolved_tail", pa.string()),
        ("reasons", pa.list_(REASON)),
        ("candidates", pa.list_(CANDIDATE)),
    ]
)
"""The columns of an answer; longitude and latitude in degrees, EPSG:4326."""


def resolve_arrow(
    resolver: Resolver, lookup: PathLookup, batch: pa.RecordBatch, column: str, *, division: str | None = None
) -> pa.RecordBatch:
    """One row of SCHEMA for each row of `batch`, in its order; the texts are in `column`, null as an empty text.

    Raises KeyError when the batch has no such column.
    """
    texts = [text or "" for text in batch.column(column).cast(pa.string()).to_pylist()]
    return answers_as_batch(resolver.resolve_batch(texts, lookup, division=division))


def answers_as_batch(answers: Sequence[Resolution]) -> pa.RecordBatch:
    """Resolutions as a record batch of SCHEMA."""
    plain = SCHEMA.names[:-2]
    columns = [pa.array([getattr(a, name) for a in answers], SCHEMA.field(name).type) for name in plain]
    columns.append(pa.array([_reasons(a.reasons) for a in answers], SCHEMA.field("reasons").type))
    candidates = [
        [
            {"aid": c.aid, "standard_text": c.standard_text, "score": c.score, "lon": c.lon, "lat": c.lat,
             "reasons": _reasons(c.reasons)}
            for c in answer.candidates
        ]
        for answer in answers
    ]  # fmt: skip
    columns.append(pa.array(candidates, SCHEMA.field("candidates").type))
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    return [
        {"code": r.code, "element": r.element, "expected": r.expected, "found": r.found, "cost": r.cost,
         "zh": sentence(r, "zh"), "en": sentence(r, "en")}
        for r in reasons
    ]  # fmt: skip
