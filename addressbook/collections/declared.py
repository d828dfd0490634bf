"""What collections there are, and what each shows: the one list that features, filters, exports and documents read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from addressbook.errors import FieldError, NotFoundError
from addressbook.model import AddressKind, AddressState, ElementKind, Level

GEOMETRY = "geometry"


class Shape(StrEnum):
    """The type of a property, which says what it may be compared with."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an item; those that are not queryable, masked for most readers, are shown but not compared.

    `words`: all that it may say, where that is a closed list.
    """

    name: str
    shape: Shape
    zh: str
    en: str
    queryable: bool = True
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection. `kind` is None for what is no element; `geometry_type` is GeoJSON's.

    `begin` and `end` name the period that `datetime` is compared with, the same property for what happens on a day;
    `state` names the property that the parameter of that name is compared with, "" where there is none.
    """

    name: str
    zh: str
    en: str
    kind: ElementKind | None
    key: str
    properties: tuple[Property, ...]
    begin: str
    end: str
    state: str = ""
    category: str = ""
    geometry_type: str = "Point"

    def property_named(self, name: str, field: str) -> Property:
        """The property, or the geometry, of that name. Raises FieldError naming the parameter `field`."""
        if name == GEOMETRY:
            return Property(GEOMETRY, Shape.GEOMETRY, "位置", "where it is, in the CRS asked for")
        for found in self.properties:
            if found.name == name:
                return found
        known = ", ".join(found.name for found in self.properties)
        raise FieldError(
            "unknown_property", field, f"{name[:60]!r} is no property of {self.name}.",
            zh=f"{self.zh}没有属性“{name[:60]}”。", remedy=f"There are {known}.",
        )  # fmt: skip


def _text(name: str, zh: str, en: str) -> Property:
    return Property(name, Shape.TEXT, zh, en)


def _word(name: str, zh: str, en: str, words: Iterable[str]) -> Property:
    return Property(name, Shape.TEXT, zh, en, words=tuple(words))


def _day(name: str, zh: str, en: str) -> Property:
    return Property(name, Shape.DATE, zh, en)


def _masked(name: str, zh: str, en: str) -> Property:
    return Property(name, Shape.TEXT, zh, en, queryable=False)


_PERIOD = (
    _day("valid_from", "起始日期", "first day; absent where no source says"),
    _day("valid_to", "终止日期", "the day from which on it is over"),
)
_PLACE = (
    _text("aid", "身份编码", "code of the address it is linked to; absent where the text reaches only a division"),
    _text("standard_text", "标准地址", "that address in words"),
    _text("division_code", "区划代码", "12 digits, of the address or of what the text reaches"),
    _text("role", "关联方式", "what it does there: residence, registered, occurred_at …"),
    *_PERIOD,
)
"""Of an element: where its open link puts it."""
_CATEGORY = _text("category", "类别", "as its source groups it")
_SOURCE_KEY = _text("source_key", "来源编号", "its number at its source")

ADDRESSES = Collection(
    "addresses", "地址", "addresses with an identity code each", None, "aid",
    (
        _text("aid", "身份编码", "the identity code, for ever"),
        _word("kind", "种类", "R street, C compound, D plate, B building, E entrance, F floor, H room, P place",
              AddressKind),
        _word("state", "状态", "provisional, current, retired, rejected or void", AddressState),
        _text("name", "名称", "its own name or number"),
        _text("standard_text", "标准地址", "the whole address in words"),
        _text("plate_no", "门牌号", "of a door plate"),
        _text("parent_aid", "上级编码", "what it is part of"),
        _text("road_aid", "街路编码", "of a door plate: the street it stands on"),
        _text("division_code", "区划代码", "the deepest division known, 12 digits"),
        _text("coordinate_level", "定位精度", "how precise the point is"),
        _day("valid_from", "起始日期", "first day it was in use, under whatever name; absent where no source says"),
        _day("valid_to", "终止日期", "the day from which on it is none any more: retired, merged or split"),
    ),
    "valid_from", "valid_to", "state", "kind",
)  # fmt: skip
LEVELS = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.COMMUNITY)
DIVISIONS = Collection(
    "divisions", "行政区划", "administrative divisions in force, with boundaries where known", None, "code",
    (
        _text("code", "区划代码", "12 digits"),
        _text("name", "名称", "its name"),
        _word("level", "级别", "province, city, county, town or community", LEVELS),
        _text("parent_code", "上级代码", "the division above"),
        *_PERIOD,
    ),
    "valid_from", "valid_to", "", "level", "MultiPolygon",
)  # fmt: skip


def _elements(
    name: str, zh: str, en: str, kind: ElementKind, own: tuple[Property, ...], *, day: str = "", state: str = ""
) -> Collection:
    first = Property("element_key", Shape.TEXT, "要素键", "its key here, for ever", queryable=False)
    begin, end = (day, day) if day else ("valid_from", "valid_to")
    shown = (first, _CATEGORY, *own, *_PLACE)
    return Collection(name, zh, en, kind, "element_key", shown, begin, end, state, "category")


ENTERPRISES = _elements(
    "enterprises", "企业", "enterprises where they are registered or operate", ElementKind.ENTERPRISE,
    (
        _text("name", "名称", "its name"),
        _text("uscc", "统一社会信用代码", "GB 32100-2015"),
        _text("status", "登记状态", "as its source says"),
        _day("established_on", "成立日期", "when it was established"),
    ),
    state="status",
)  # fmt: skip
THINGS = _elements(
    "things", "物", "things where they stand", ElementKind.THING,
    (
        _SOURCE_KEY,
        _text("name", "名称", "what it is called"),
        _day("installed_on", "安装日期", "when it was put there"),
        Property("lon", Shape.NUMBER, "经度", "where its own source puts it, EPSG:4326"),
        Property("lat", Shape.NUMBER, "纬度", "where its own source puts it, EPSG:4326"),
    ),
)  # fmt: skip
HOUSES = _elements(
    "houses", "房屋", "houses and flats", ElementKind.HOUSE,
    (
        _SOURCE_KEY,
        _text("use", "用途", "what it is used for"),
        Property("floor_area_m2", Shape.NUMBER, "建筑面积", "square metres"),
        Property("built_year", Shape.INTEGER, "建成年份", "when it was built"),
        _text("occupancy", "使用状况", "let, lived in, empty …"),
        Property("monthly_rent_yuan", Shape.NUMBER, "月租金", "yuan a month, where its source says"),
    ),
    state="occupancy",
)  # fmt: skip
EVENTS = _elements(
    "events", "事件", "events where they occurred", ElementKind.EVENT,
    (
        _SOURCE_KEY,
        _text("title", "事项", "what happened, in brief"),
        _text("status", "办理状态", "as its source says"),
        _day("occurred_on", "发生日期", "when"),
    ),
    day="occurred_on", state="status",
)  # fmt: skip
PERSONS = _elements(
    "persons", "人口", "persons where they live or are registered, masked but for officers", ElementKind.PERSON,
    (
        _masked("name", "姓名", "masked"),
        _masked("identity", "证件号码", "masked"),
        _masked("phone", "电话", "masked"),
        _text("sex", "性别", "as its source says"),
        Property("birth_year", Shape.INTEGER, "出生年份", "of the identity number"),
    ),
)  # fmt: skip
COLLECTIONS: dict[str, Collection] = {
    found.name: found for found in (ADDRESSES, DIVISIONS, ENTERPRISES, THINGS, HOUSES, EVENTS, PERSONS)
}


def collection_named(name: str) -> Collection:
    """The collection of that name. Raises NotFoundError."""
    found = COLLECTIONS.get(name)
    if found is None:
        raise NotFoundError(
            "there is no such collection.", zh="没有这个数据集。", remedy=f"There are {', '.join(COLLECTIONS)}."
        )
    return found
