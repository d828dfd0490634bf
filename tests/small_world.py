"""A small world in a database: one estate, one street, two communities, and whoever lives and works there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, insert

from addressbook import identity
from addressbook.model import AddressKind
from addressbook.privacy.sealing import Secret
from addressbook.store import tables
from addressbook.store.counting import RollupKey, add_to_rollup

SECRET = Secret(bytes(32))
UNDATED = date(1, 1, 1)
COUNTY, TOWN, OTHER_TOWN = "330109000000", "330109001000", "330109002000"
HERE, THERE = "330109001001", "330109001002"
NAMES = {COUNTY: "萧山区", TOWN: "城厢街道", OTHER_TOWN: "北干街道", HERE: "梅花楼社区", THERE: "湖滨社区"}
PARENT = {COUNTY: "330100000000", TOWN: COUNTY, OTHER_TOWN: COUNTY, HERE: TOWN, THERE: TOWN}
LEVEL = {COUNTY: "county", TOWN: "town", OTHER_TOWN: "town", HERE: "community", THERE: "community"}
BOX = {COUNTY: (120.0, 30.0, 120.4, 30.4), TOWN: (120.0, 30.0, 120.2, 30.4), HERE: (120.0, 30.0, 120.1, 30.4)}


@dataclass
class World:
    """Makes rows as the registry and the loaders would, and keeps the roll-ups as they do."""

    connection: Connection
    counts: Counter[RollupKey] = field(default_factory=Counter)
    number: int = 0

    def put(self, table: str, **row: Any) -> None:
        """Insert one row."""
        self.connection.execute(insert(tables.METADATA.tables[table]).values(**row))

    def division(self, code: str) -> None:
        """A division, with a boundary where BOX has one."""
        self.put(
            "division", code=code, valid_from=UNDATED, name=NAMES[code], level=LEVEL[code], parent_code=PARENT[code]
        )
        if code in BOX:
            self.area(code, "division", BOX[code], level=LEVEL[code], name=NAMES[code], parent_code=PARENT[code])

    def area(self, code: str, kind: str, box: tuple[float, float, float, float], **more: Any) -> None:
        """An area with a rectangular boundary."""
        west, south, east, north = box
        ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
        row = {"name": code, "level": "none", **more}
        self.put("area", code=code, kind=kind, geom=f"SRID=4326;MULTIPOLYGON((({ring})))", source_id=1, **row)

    def address(
        self, kind: str, name: str, path: str = "", *, top: str | None = None, parent: str | None = None,
        division: str = HERE, point: tuple[float, float] | None = (120.05, 30.2), state: str = "current", **more: Any,
    ) -> str:  # fmt: skip
        """A new address; `top` is the topmost address of its site, itself where absent."""
        aid = identity.mint(AddressKind(kind))
        site = identity.number_of(top or aid)
        geom = None if point is None else f"SRID=4326;POINT({point[0]} {point[1]})"
        self.put("aid_directory", aid=aid, site_id=site)
        self.put(
            "address", site_id=site, aid=aid, kind=kind, name=name, path=path, parent_aid=parent, geom=geom,
            state=state, division_code=division, source_id=1, event_id=1,
            **{"standard_text": f"测试{name}{path}", **more},
        )  # fmt: skip
        if state in ("provisional", "current"):
            self.counts[RollupKey(division, "address", "", kind, UNDATED, 1)] += 1
        return aid

    def link(
        self, kind: str, role: str, category: str, *, at: str | None = None, top: str | None = None,
        division: str = HERE, month: date = UNDATED, closed: bool = False, key: str | None = None, **element: Any,
    ) -> str:  # fmt: skip
        """An element linked to an address, or to a division where `at` is None; returns its element key."""
        self.number += 1
        element_key = SECRET.element_key(kind, key or str(self.number))
        if key is None or element:
            self.put(
                kind, element_key=element_key, source_id=1, source_key=str(self.number), category=category,
                attributes={}, batch_id=1, **element,
            )  # fmt: skip
        reasons = [{"code": "name_unknown", "element": "place", "expected": "", "found": "某小区", "cost": 0.1}]
        self.put(
            "link", site_id=identity.number_of(top or at) if at else -int(division), aid=at, division_code=division,
            element_kind=kind, element_key=element_key, role=role, category=category, month=month, source_id=1,
            row_key=SECRET.row_key("t", str(self.number)), received_text="3幢502", match_category="A",
            match_level="room" if at else "community", coordinate_level="none", score=1.0, reasons=reasons,
            valid_from=None if month == UNDATED else month, opened_batch=1,
            closed_at=date(2025, 6, 1) if closed else None,
        )  # fmt: skip
        if not closed:
            self.counts[RollupKey(division, kind, role, category, month, int(at is not None))] += 1
        return str(element_key)

    def person(self, role: str = "residence", category: str = "常住", **more: Any) -> str:
        """An invented person and where they live."""
        masked = {"name_masked": "王**", "identity_masked": "330**************4", "phone_masked": "138****5678"}
        sealed = {
            "name_sealed": SECRET.seal("王虚构".encode(), b"person"),
            "identity_sealed": b"x",
            "phone_sealed": b"x",
        }
        return self.link("person", role, category, sex="男", birth_year=1980, **masked, **sealed, **more)

    def finish(self) -> None:
        """Write the roll-ups."""
        add_to_rollup(self.connection, self.counts)


@dataclass(frozen=True)
class Codes:
    """The addresses of the small world."""

    street: str
    compound: str
    plate: str
    building: str
    entrance: str
    room: str
    empty_room: str
    retired_room: str
    shop: str


def build(engine: Engine) -> Codes:
    """Fill an empty database with the small world."""
    with engine.begin() as connection:
        world = World(connection)
        world.put("source", source_id=1, name="测试", kind="addresses")
        world.put("registry_event", event_id=1, kind="mint", actor="test", reason="", source_document="")
        for code in NAMES:
            world.division(code)
        world.area("grid-1", "grid", (120.0, 30.0, 120.1, 30.25), parent_code=COUNTY)
        codes = _addresses(world)
        _elements(world, codes)
        world.finish()
    return codes


def _addresses(world: World) -> Codes:
    street = world.address("R", "市心北路", point=None)
    compound = world.address("C", "南岸明珠")
    under = {"top": compound}
    plate = world.address("D", "260号", f"D{street}:260", parent=compound, road_aid=street, plate_no="260", **under)
    building = world.address("B", "3幢", "B3", parent=compound, **under)
    world.address("B", "30幢", "B30", parent=compound, **under)
    entrance = world.address("E", "1单元", "B3/E1", parent=building, **under)
    room = world.address("H", "502室", "B3/E1/H502", parent=entrance, loose_path="B3/H502", **under)
    empty = world.address("H", "1001室", "B3/E1/H1001", parent=entrance, loose_path="B3/H1001", **under)
    retired = world.address("H", "503室", "B3/E1/H503", parent=entrance, state="retired", **under)
    world.address("H", "101室", "B30/H101", parent=building, **under)
    shop = world.address(
        "D", "12号", road_aid=street, plate_no="12", division=THERE, point=(120.15, 30.2)
    )  # fmt: skip
    world.put("address_alias", site_id=identity.number_of(compound), aid=compound, name="明珠苑", origin="former",
              source_id=1, event_id=1, valid_to=date(2010, 1, 1))  # fmt: skip
    return Codes(street, compound, plate, building, entrance, room, empty, retired, shop)


def _elements(world: World, codes: Codes) -> None:
    inside = {"top": codes.compound}
    for month in (1, 2, 3):
        world.person(at=codes.room, month=date(2024, month, 1), **inside)
    world.person(at=codes.room, month=date(2024, 3, 1), closed=True, **inside)
    for _ in range(4):
        world.person(category="流动", at=codes.building, **inside)
    world.person("household_registration", at=codes.room, **inside)
    world.person(division=HERE)
    world.person(division=TOWN)
    world.link("house", "located_at", "住宅", at=codes.room, use="住宅", floor_area_m2=89.5, occupancy="自住", **inside)
    world.link("enterprise", "registered", "批发业", at=codes.shop, division=THERE, name="测试公司", status="存续")
    world.link("enterprise", "registered", "批发业", at=codes.building, name="虚构公司", status="存续", **inside)
    for month in (date(2024, 5, 1), date(2025, 4, 1), date(2025, 5, 1), date(2025, 5, 1)):
        world.link(
            "event", "occurred_at", "噪声", at=codes.compound, month=month, title="夜间施工", status="办结", **inside
        )
    world.link("event", "occurred_at", "消防", division=OTHER_TOWN, month=date(2025, 5, 1), title="占道", status="在办")
    world.link("thing", "located_at", "灭火器", at=codes.entrance, name="灭火器1", **inside)
