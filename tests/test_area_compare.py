"""Areas side by side: the same numbers as their views, ranked; rates, and the same table in three forms."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine

from addressbook.errors import FieldError, NotFoundError
from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.views.area import area_view, children_features
from addressbook.views.area_compare import (
    MOST_AREAS,
    Asked,
    Comparison,
    as_data,
    as_features,
    as_table,
    codes_from,
    compare_areas,
)
from api.routes.area_compare import _answers
from tests.small_world import COUNTY, HERE, OTHER_TOWN, SECRET, THERE, TOWN, build

ANALYST, PUBLIC = Reader(AccessRole.ANALYST), Reader(AccessRole.PUBLIC)


@pytest.fixture(scope="module", name="made")
def _made(make_database: Callable[[], str]) -> Iterator[Engine]:
    engine = create_engine(make_database())
    build(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(made: Engine) -> Iterator[Connection]:
    with made.connect() as connection:
        yield connection


def compared(connection: Connection, *codes: str, reader: Reader = ANALYST, **asked: Any) -> Comparison:
    return compare_areas(connection, Asked(list(codes), **asked), reader, lambda: SECRET, geometry=True)


def test_each_area_says_what_its_view_says_and_the_most_comes_first(connection: Connection) -> None:
    found = compared(connection, THERE, TOWN, OTHER_TOWN, "grid-1", by="category")
    assert [(row["rank"], row["code"], row["total"]) for row in found.rows] == [
        (1, TOWN, 4), (1, "grid-1", 4), (3, OTHER_TOWN, 1), (4, THERE, 0),
    ]  # fmt: skip
    assert found.columns == ["噪声", "消防"]
    for row in found.rows:
        view = area_view(connection, row["code"], ANALYST)
        assert (row["residents"], row["per_10000"]) == (view["residents"], view["elements"]["event"]["per_10000"])
        assert {name: n for name, n in row["values"].items() if n} == view["elements"]["event"]["categories"]


def test_over_the_months_every_area_has_the_same_columns_beside_the_months_before(connection: Connection) -> None:
    found = compared(connection, TOWN, OTHER_TOWN)
    assert found.columns == [*(f"2024-{n:02}" for n in range(5, 13)), *(f"2025-{n:02}" for n in range(1, 6))]
    assert all(len(row["values"]) == len(row["months"]) == len(found.columns) for row in found.rows)
    assert [row["values"]["2025-04"] for row in found.rows] == [1, 0]
    newest = as_data(found)["rows"][0]["months"][-1]
    assert (newest["count"], newest["previous_month"], newest["same_month_last_year"]) == (2, 1, 1)
    assert (newest["month_on_month"], newest["year_on_year"]) == (1.0, 1.0)


def test_a_rate_is_for_every_ten_thousand_residents_and_parts_have_theirs(connection: Connection) -> None:
    view = area_view(connection, TOWN, ANALYST)
    assert view["residents"] == 9
    assert view["elements"]["event"]["per_10000"] == round(4 / 9 * 10_000, 2)
    assert view["elements"]["event"]["months"][-1]["per_10000"] == round(2 / 9 * 10_000, 2)
    parts = {
        feature["id"]: feature["properties"] for feature in children_features(connection, COUNTY, ANALYST)["features"]
    }
    for code in (TOWN, OTHER_TOWN, "grid-1"):
        own = area_view(connection, code, ANALYST)
        assert parts[code]["residents"] == own["residents"]
        assert parts[code]["per_10000"]["event"] == own["elements"]["event"]["per_10000"]
    here = next(child for child in view["children"] if child["code"] == HERE)
    assert here["residents"] == area_view(connection, HERE, ANALYST)["residents"]


def test_months_sum_to_what_the_parts_have(connection: Connection) -> None:
    whole = area_view(connection, COUNTY, ANALYST)["elements"]["event"]
    parts = [area_view(connection, code, ANALYST)["elements"]["event"] for code in (TOWN, OTHER_TOWN)]
    for month in whole["months"]:
        of_parts = [found["count"] for part in parts for found in part["months"] if found["month"] == month["month"]]
        assert month["count"] == sum(of_parts)


def test_a_month_of_long_ago_in_one_area_is_no_nought_in_another(connection: Connection) -> None:
    """Whose own newest months are others: each is told for the months up to the newest of any."""
    far = {RollupKey(HERE, "event", "place", "盗窃", date(2023, n, 1), 1): n for n in range(7, 13)}
    near = {RollupKey("330109002001", "event", "place", "盗窃", date(2025, n, 1), 1): 1 for n in range(1, 6)}
    add_to_rollup(connection, {**far, **near})
    found = compared(connection, TOWN, OTHER_TOWN)
    assert (found.columns[0], found.columns[-1]) == ("2023-07", "2025-05")
    (town,) = (row for row in found.rows if row["code"] == TOWN)
    assert [town["values"][f"2023-{n:02}"] for n in range(7, 13)] == list(range(7, 13))


def test_the_table_is_the_same_as_data_as_columns_and_on_the_map(connection: Connection) -> None:
    found = compared(connection, TOWN, OTHER_TOWN)
    table = as_table(found)
    assert table[0] == ["rank", "code", "name", "level", "residents", "total", "per_10000", *found.columns]
    text = bytes(_answers(found, "csv").body).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[1][:4] == ["1", f"\t{TOWN}", "城厢街道", "town"]
    features = as_features(found)["features"]
    assert [feature["properties"]["total"] for feature in features] == [row[5] for row in table[1:]]
    assert features[0]["geometry"]["type"] == "MultiPolygon"
    assert features[1]["geometry"] is None


def test_people_are_compared_by_what_may_be_told_of_them(connection: Connection) -> None:
    told = compared(connection, TOWN, OTHER_TOWN, reader=PUBLIC, kind=ElementKind.PERSON, by="role")
    for row in told.rows:
        view = area_view(connection, row["code"], PUBLIC, secret=lambda: SECRET)["elements"]["person"]
        assert (row["total"], row["values"]) == (view["total"], view["roles"])
        assert (row["rank"] is None) == (row["total"] is None)
    assert compared(connection, TOWN, reader=PUBLIC, kind=ElementKind.PERSON).columns == []


def test_codes_are_named_once_and_not_too_many(connection: Connection) -> None:
    assert codes_from(" 330109, 330110,,330109 ") == ["330109", "330110"]
    assert len(compared(connection, "330109001", TOWN).rows) == 1
    for words in ("", " , ", ",".join(map(str, range(MOST_AREAS + 1)))):
        with pytest.raises(FieldError):
            codes_from(words)
    with pytest.raises(NotFoundError):
        compared(connection, "999")
