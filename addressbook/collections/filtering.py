"""CQL2 (OGC 21-065r2) as conditions: text is read by cql2_text.py, JSON by the cql2 library, and neither is trusted.

What is taken: comparisons, and, or, not, in, between, like, isNull, casei, spatial and temporal functions. Everything
else is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal

import cql2
import shapely

from addressbook.collections import cql2_text
from addressbook.collections.conditions import (
    Absent,
    Always,
    Among,
    Both,
    Compared,
    Condition,
    Given,
    Moment,
    Named,
    Not,
    Place,
    Spatial,
    Temporal,
    Within,
)
from addressbook.collections.crs import CRS84, Crs, geometry_of
from addressbook.collections.declared import Collection, Property, Shape
from addressbook.errors import FieldError

FIELD = "filter"
MOST_CHARACTERS, MOST_DEPTH, MOST_TERMS, MOST_VALUES = 8_000, 24, 200, 500
COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
SPATIAL = frozenset(
    f"s_{name}" for name in ("intersects", "within", "contains", "disjoint", "crosses", "overlaps", "touches", "equals")
)
TEMPORAL = {
    name.lower(): name
    for name in (
        "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
        "t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts",
    )
}  # fmt: skip
Language = Literal["cql2-text", "cql2-json"]


def condition_of(text: str, language: str, collection: Collection, crs: Crs = CRS84) -> Condition:
    """The condition that a filter comes to, its geometries in `crs`. Raises FieldError that says what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise bad(f"is longer than {MOST_CHARACTERS} characters", f"超过 {MOST_CHARACTERS} 个字符")
    _need_shallow(text)
    found = _from_json(text) if language == "cql2-json" else _from_text(text)
    return _Reader(collection, crs).condition(found, 0)


def _from_text(text: str) -> Any:
    try:
        return cql2_text.parse(text)
    except cql2_text.Unreadable as fault:
        where, where_zh = f"behind {fault.at} characters", f"，在第 {fault.at} 个字符之后"
        raise bad(f"cannot be read as cql2-text {where}", f"不符合 cql2-text 语法{where_zh}") from None


def _from_json(text: str) -> Any:
    try:
        return cql2.parse_json(text).to_json()
    except Exception:  # noqa: BLE001 - the library raises plain ones too
        raise bad("cannot be read as cql2-json", "不符合 cql2-json 语法") from None


def bad(en: str, zh: str) -> FieldError:
    """The fault of a filter."""
    return FieldError("bad_filter", FIELD, f"the filter {en}.", zh=f"过滤条件{zh}。", remedy="See docs/collections.md.")


def _need_shallow(text: str) -> None:
    """Raise FieldError for brackets too deep, before any parser descends into them."""
    depth = deepest = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    if deepest > MOST_DEPTH:
        raise bad(f"is nested deeper than {MOST_DEPTH}", f"嵌套超过 {MOST_DEPTH} 层")


class _Reader:
    """Reads one filter, counting its terms."""

    def __init__(self, collection: Collection, crs: Crs) -> None:
        self.collection, self.crs, self.terms = collection, crs, 0

    def condition(self, node: Any, depth: int) -> Condition:
        """The condition of a node of CQL2 JSON."""
        self.terms += 1
        if depth > MOST_DEPTH:
            raise bad(f"is nested deeper than {MOST_DEPTH}", f"嵌套超过 {MOST_DEPTH} 层")
        if self.terms > MOST_TERMS:
            raise bad(f"has more than {MOST_TERMS} terms", f"超过 {MOST_TERMS} 项")
        if isinstance(node, bool):
            return Always(node)
        if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("args"), list):
            raise bad("is no condition", "不是条件")
        return self._operation(node["op"].lower(), node["args"], depth)

    def _operation(self, op: str, given: list[Any], depth: int) -> Condition:
        if op in ("and", "or"):
            return Both(tuple(self.condition(part, depth + 1) for part in given), op == "and")
        if op in COMPARISONS:
            return self._compared(op, *_exactly(2, op, given))
        if op in SPATIAL:
            return self._spatial(op, *_exactly(2, op, given))
        if op in TEMPORAL:
            left, right = _exactly(2, op, given)
            return Temporal(TEMPORAL[op], self._period(left), self._period(right))
        if op == "not":
            return Not(self.condition(_exactly(1, op, given)[0], depth + 1))
        return self._predicate(op, given)

    def _predicate(self, op: str, given: list[Any]) -> Condition:
        known: dict[str, Callable[[], Condition]] = {
            "like": lambda: self._like(*_exactly(2, op, given)),
            "between": lambda: self._between(*_exactly(3, op, given)),
            "in": lambda: self._among(*_exactly(2, op, given)),
            "isnull": lambda: Absent(self._property(*_exactly(1, op, given))),
        }
        if op not in known:
            raise bad(f"uses {op[:40]!r}, which is not served", f"用了不支持的运算“{op[:40]}”")
        return known[op]()

    def _compared(self, op: str, left: Any, right: Any) -> Condition:
        one, other = self._scalar(left), self._scalar(right)
        _need_alike(one, other)
        return Compared(op, one, other)

    def _like(self, left: Any, right: Any) -> Condition:
        one, other = self._scalar(left), self._scalar(right)
        _need_alike(one, other)
        pattern = other.value if isinstance(other, Given) else None
        if not isinstance(pattern, str) or not isinstance(one, Named):
            raise bad("compares with a pattern that is no text", "的 LIKE 模式应为文字")
        if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
            raise bad("has a pattern that ends with the sign of escape", "的 LIKE 模式以转义符结尾")
        return Compared("like", one, other)

    def _between(self, what: Any, low: Any, high: Any) -> Condition:
        named, first, last = self._named(what), self._scalar(low), self._scalar(high)
        _need_alike(named, first)
        _need_alike(named, last)
        return Within(named, first, last)

    def _among(self, what: Any, values: Any) -> Condition:
        named = self._named(what)
        if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
            raise bad(f"has a list of none, or of more than {MOST_VALUES}", f"的列表为空或超过 {MOST_VALUES} 项")
        found = [self._scalar(value) for value in values]
        given = tuple(value for value in found if isinstance(value, Given))
        for value in found:
            _need_alike(named, value)
        if len(given) < len(found):
            raise bad("has a list of other than values", "的列表中应为常量")
        return Among(named, given)

    def _spatial(self, op: str, left: Any, right: Any) -> Condition:
        return Spatial(op.removeprefix("s_"), self._geometry(left), self._geometry(right))

    def _geometry(self, node: Any) -> Place | None:
        """A geometry given, or None for the item's own."""
        if isinstance(node, dict) and "property" in node:
            if self._property(node).shape is not Shape.GEOMETRY:
                raise bad("asks a spatial question of a property that is no geometry", "对非几何属性作空间判断")
            return None
        if not isinstance(node, dict) or not ({"type", "bbox"} & set(node)):
            raise bad("has something other than a geometry in a spatial function", "的空间函数参数不是几何")
        return Place(shapely.to_wkb(geometry_of(node, self.crs, FIELD)))

    def _period(self, node: Any) -> tuple[Moment, Moment]:
        if isinstance(node, dict) and isinstance(node.get("interval"), list):
            first, last = _exactly(2, "interval", node["interval"])
            return self._moment(first), self._moment(last)
        moment = self._moment(node)
        return moment, moment

    def _moment(self, node: Any) -> Moment:
        if node == "..":
            return Moment(None)
        if isinstance(node, str):
            return Moment(day_of(node))
        scalar = self._scalar(node)
        if isinstance(scalar, Named) and scalar.what.shape is Shape.DATE:
            return Moment(scalar.what)
        if isinstance(scalar, Given) and isinstance(scalar.value, date):
            return Moment(scalar.value)
        raise bad("has something other than a date in a temporal function", "的时间函数参数不是日期")

    def _named(self, node: Any) -> Named:
        found = self._scalar(node)
        if not isinstance(found, Named):
            raise bad("has a value where a property should stand", "中应为属性处是常量")
        return found

    def _scalar(self, node: Any) -> Named | Given:
        match node:
            case {"op": "casei", "args": [inner]}:
                found = self._scalar(inner)
                if _shape_of(found) is not Shape.TEXT:
                    raise bad("folds the case of what is no text", "对非文字使用 CASEI")
                return Named(found.what, True) if isinstance(found, Named) else Given(found.value, True)
            case {"property": _}:
                return Named(self._property(node))
            case {"date": str(text)} | {"timestamp": str(text)}:
                return Given(day_of(text))
            case str() | int() | float():
                _need_plain(node)
                return Given(node)
        raise bad("has something that is neither a property nor a value", "中有既非属性也非常量的内容")

    def _property(self, node: Any) -> Property:
        name = node.get("property") if isinstance(node, dict) else None
        if not isinstance(name, str):
            raise bad("names no property where one should stand", "中缺少属性")
        found = self.collection.property_named(name, FIELD)
        if not found.queryable:
            raise bad(f"asks for {name}, which is masked", f"查询了已脱敏的属性“{name}”")
        return found


def _exactly(count: int, op: str, given: list[Any]) -> list[Any]:
    if len(given) != count:
        raise bad(f"gives {op} {len(given)} arguments, not {count}", f"中 {op} 应有 {count} 个参数")
    return given


def _shape_of(operand: Named | Given) -> Shape | None:
    """The shape of an operand; numbers are all NUMBER, and a truth value is no shape."""
    if isinstance(operand, Named):
        return Shape.NUMBER if operand.what.shape is Shape.INTEGER else operand.what.shape
    if isinstance(operand.value, bool):
        return None
    if isinstance(operand.value, str):
        return Shape.TEXT
    return Shape.DATE if isinstance(operand.value, date) else Shape.NUMBER


def _need_alike(left: Named | Given, right: Named | Given) -> None:
    one, other = _shape_of(left), _shape_of(right)
    if one is not other or one in (None, Shape.GEOMETRY):
        named = next((side.what.name for side in (left, right) if isinstance(side, Named)), "a value")
        raise bad(f"compares {named} with what is of another type", f"中 {named} 与其他类型的值比较")


def _need_plain(value: str | float) -> None:
    if isinstance(value, str) and "\0" in value:
        raise bad("contains a NUL character", "含有空字符")
    if isinstance(value, float) and not abs(value) < 1e300:  # infinity and NaN too
        raise bad("has a number out of range", "中的数字超出范围")


def day_of(text: str, field: str = FIELD) -> date:
    """The day of a date or of an instant, as it is written in its own zone. Raises FieldError.

    >>> day_of("2024-06-01T23:30:00+08:00").isoformat()
    '2024-06-01'
    """
    try:
        return date.fromisoformat(text) if len(text) == len("2024-06-01") else datetime.fromisoformat(text).date()
    except ValueError:
        raise FieldError(
            "bad_date", field, f"{field} has a date that is none.", zh=f"{field} 中的日期无效。",
            remedy="Write 2024-06-01 or 2024-06-01T08:00:00Z.",
        ) from None  # fmt: skip
