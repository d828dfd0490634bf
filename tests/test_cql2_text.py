"""Filters written as CQL2 text: read as the reference library reads them, and in time that their length bounds."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import cql2
import pytest
from hypothesis import given, strategies as st

from addressbook.collections import cql2_text
from addressbook.collections.declared import COLLECTIONS
from addressbook.collections.filtering import MOST_CHARACTERS, MOST_DEPTH, condition_of
from addressbook.errors import FieldError

NAMES = st.sampled_from(["kind", "名称", "a.b", "ns:a", "like", "date", "notx", "point", '"a b"', '"x""y"'])
TEXTS = st.sampled_from(["''", "'x'", "'it''s'", "'%\\_(--)'", "'明珠''3幢'", "DATE('2024-06-01')"])
NUMBERS = st.sampled_from(["0", "1", "-1", "+2.5", "1.", "1e5", "-1.5E-3", "007"])
VALUES = st.one_of(NAMES, TEXTS, NUMBERS, st.builds("CASEI({})".format, st.one_of(NAMES, TEXTS)))
GEOMETRIES = st.sampled_from(
    [
        "geometry", "POINT(120 30)", "point ( 1  -2 )", "BBOX(1,2,3,4)", "LINESTRING(0 0,1 1)",
        "POLYGON((0 0,1 0,1 1,0 0),(0 0,1 0,1 1,0 0))", "MULTIPOINT((1 2),(3 4))", "MULTIPOINT(1 2,3 4)",
        "MULTILINESTRING((0 0,1 1),(2 2,3 3))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
        "GEOMETRYCOLLECTION(POINT(0 0),LINESTRING(0 0,1 1))",
    ]
)  # fmt: skip
MOMENTS = st.one_of(
    NAMES, TEXTS, st.sampled_from(["INTERVAL('2024-01-01','..')", "INTERVAL(began, DATE('2024-01-01'))"])
)
PREDICATES = st.one_of(
    st.sampled_from(["TRUE", "false"]),
    st.builds("{}{}{}".format, VALUES, st.sampled_from(["=", " <> ", "!=", "<", " > ", "<=", " >="]), VALUES),
    st.builds("{} {}LIKE {}".format, NAMES, st.sampled_from(["", "not "]), TEXTS),
    st.builds("{} {}between {} AND {}".format, NAMES, st.sampled_from(["", "NOT "]), VALUES, VALUES),
    st.builds("{} {}in ({})".format, VALUES, st.sampled_from(["", "NOT "]), st.lists(VALUES, min_size=1).map(",".join)),
    st.builds("{} IS {}NULL".format, NAMES, st.sampled_from(["", "not "])),
    st.builds("S_INTERSECTS({}, {})".format, GEOMETRIES, GEOMETRIES),
    st.builds("T_during({},{})".format, MOMENTS, MOMENTS),
)
FILTERS = st.recursive(
    PREDICATES,
    lambda part: st.one_of(
        st.builds("{} {} {}".format, part, st.sampled_from(["and", "OR"]), part),
        st.builds("NOT {}".format, part), st.builds("({})".format, part), st.builds("not ({})".format, part),
    ),
    max_leaves=8,
)  # fmt: skip


def flat(node: Any) -> Any:
    """The tree with alternatives of alternatives put together, as the library does and we need not."""
    if isinstance(node, list):
        return [flat(part) for part in node]
    if not isinstance(node, dict):
        return node
    found = {name: flat(value) for name, value in node.items()}
    if found.get("op") in ("and", "or"):
        parts = [part["args"] if _is(part, found["op"]) else [part] for part in found["args"]]
        found["args"] = [one for part in parts for one in part]
    return found


def _is(node: Any, op: str) -> bool:
    return isinstance(node, dict) and node.get("op") == op


@given(FILTERS)
def test_it_is_read_as_the_library_reads_it(written: str) -> None:
    assert flat(cql2_text.parse(written)) == flat(cql2.parse_text(written).to_json())


@given(st.text("()'\"=<>!,- \n\taNnOoTt1.e明%", max_size=60))
def test_whatever_is_written_is_read_or_refused(written: str) -> None:
    with suppress(cql2_text.Unreadable):
        cql2_text.parse(written)


@pytest.mark.parametrize(
    ("written", "coordinates"),
    [("POINT(1e1 -2.5)", [10.0, -2.5]), ("POINT Z (1 2 3)", [1.0, 2.0]), ("POINTZM(1 2 3 4)", [1.0, 2.0])],
)
def test_numbers_of_a_point(written: str, coordinates: list[float]) -> None:
    (_, found) = cql2_text.parse(f"S_EQUALS(geometry, {written})")["args"]
    assert found == {"type": "Point", "coordinates": coordinates}


FULL = MOST_CHARACTERS
BOMBS = {
    "signs": "-" * (FULL - 10) + "1 = 1",
    "comparisons": "kind=" * (FULL // 6) + "kind",
    "smaller and smaller": "kind<" * (FULL // 6) + "kind",
    "nots": "NOT " * (FULL // 4 - 1) + "TRUE",
    "brackets with a fault in them": "(" * MOST_DEPTH + "kind = ?" + ")" * MOST_DEPTH,
    "lists with a fault in them": "kind IN (" * MOST_DEPTH + "1 ?" + ")" * MOST_DEPTH,
    "brackets that are empty": "(" * MOST_DEPTH + ")" * MOST_DEPTH,
    "a quote that is open": "kind = " + "'" * (FULL - 9),
    "sums": "1+" * (FULL // 3) + "1 = 1",
    "one point of several": "S_EQUALS(geometry, POINT(1 2, 3 4))",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused(bomb: str) -> None:
    """The library in its place ended the process with some of these, and took minutes for others."""
    with pytest.raises(FieldError, match="filter"):
        condition_of(BOMBS[bomb], "cql2-text", COLLECTIONS["addresses"])


def test_a_fault_says_where_it_is() -> None:
    with pytest.raises(FieldError, match="behind 6 characters"):
        condition_of("kind =", "cql2-text", COLLECTIONS["addresses"])
