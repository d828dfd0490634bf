"""Every writer tells: what changes an address, a name, a code, a doubt or a link is in the feed and the outbox."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from addressbook.divisions import Gazetteer
from addressbook.match.learning import Lesson
from addressbook.model import AddressKind
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.events import EventKind
from addressbook.registry.review import Verdict
from addressbook.store import aliases, doubts, identifiers
from addressbook.store.engine import transaction
from addressbook.store.transactions import Because, revert, transact
from loaders.areas import AreaKind, load_areas
from loaders.kinds import KINDS
from loaders.request import LoadKind
from tests.division_worlds import CITY, CLERK as ARCHIVIST, OLD, DivisionWorld, given
from tests.review_world import MISSPELT, UNKNOWN_ROOM, ReviewDesk, people
from tests.source_tree import ROOT
from tests.telling import Listeners
from tests.test_division_changes import MOVED, TEXTS
from tests.test_loading import KINDS as ROWS_OF
from tests.worlds import ESTATE, ESTATE_ROWS, ROOM, TOWN, World, feature, identity_number, uscc, write_geojson

WHY = Because("测试员", "核对")
TODAY = date(2026, 1, 1)
NEXT_DOOR = ROOM.replace("502", "501")
PROPOSED = f"{ESTATE}30幢1单元101室"
CODE = ("网格", "7")


@dataclass
class Scene:
    """A small world in which one thing is done."""

    world: World

    def aid(self, words: str) -> str:
        return next(aid for text, aid in self.world.addresses().items() if text.endswith(words))

    def do(self, request: asked.Request) -> int:
        with transaction(self.world.engine) as connection:
            return transact(connection, request, WHY, Parser(Gazetteer.shipped())).event_id

    def revert(self, event: int) -> None:
        with transaction(self.world.engine) as connection:
            revert(connection, event, WHY)

    def load(self, kind: str, rows: list[dict[str, Any]], **options: Any) -> None:
        self.world.load_rows(kind, rows, **options)

    @property
    def desk(self) -> ReviewDesk:
        return ReviewDesk(self.world)

    @property
    def room(self) -> str:
        return self.aid("3幢1单元502室")

    @property
    def estate(self) -> str:
        return self.aid("南岸明珠")

    def teach(self) -> None:
        site = self.world.one("SELECT site_id FROM address WHERE aid = :aid", aid=self.estate)
        with transaction(self.world.engine) as connection:
            aliases.remember_alias(connection, Lesson(self.estate, site, "望江新居"), actor="甲", reason="核对")

    def item(self, words: str) -> int:
        return int(self.world.one(
            "SELECT review_id FROM review_item WHERE received_text = :words AND state = 'open'", words=words
        ))  # fmt: skip


Act = Callable[[Scene], object]


def _nothing(_scene: Scene) -> None:
    """Nothing has to be there before."""


def withdraw(scene: Scene) -> None:
    with transaction(scene.world.engine) as connection:
        aliases.withdraw_alias(connection, scene.estate, "望江新居", actor="甲", reason="有误")


def give_code(scene: Scene) -> None:
    with transaction(scene.world.engine) as connection:
        identifiers.give(connection, scene.room, *CODE, None, WHY)


def end_code(scene: Scene) -> None:
    with transaction(scene.world.engine) as connection:
        identifiers.end(connection, scene.room, *CODE, TODAY, WHY)


def doubt(scene: Scene) -> None:
    with transaction(scene.world.engine) as connection:
        doubts.open_doubt(connection, scene.room, "point", "坐标疑在河中", WHY)


def settle_doubt(scene: Scene) -> None:
    with transaction(scene.world.engine) as connection:
        doubts.close_doubt(connection, scene.room, "point", WHY)


def merge(scene: Scene) -> int:
    return scene.do(asked.Merge(aids=(scene.room, scene.aid("3幢1单元501室")), name="501-502"))


def split(scene: Scene) -> int:
    return scene.do(asked.Split(aid=scene.room, parts=(asked.Part(name="502A"), asked.Part(name="502B"))))


def settle_split(scene: Scene) -> None:
    item = scene.world.one("SELECT min(review_id) FROM review_item WHERE reason_code = 'address_split'")
    scene.desk.choose(item, "502A室")


def duplicate(scene: Scene) -> int:
    return scene.do(asked.VoidDuplicate(junior=scene.aid("3幢1单元501室"), senior=scene.room))


def newest(kind: EventKind) -> Act:
    """Take back the newest event of a kind."""
    return lambda scene: scene.revert(
        scene.world.one("SELECT max(event_id) FROM registry_event WHERE kind = :kind", kind=kind.value)
    )


def undo(scene: Scene) -> None:
    scene.desk.undo(scene.world.one("SELECT max(decision_id) FROM review_decision"))


def apply(scene: Scene) -> None:
    assert isinstance(scene.world, DivisionWorld)
    scene.world.apply(MOVED)


def begin(scene: Scene) -> None:
    from addressbook.store.division_changes import begin_with

    with transaction(scene.world.engine) as connection:
        begin_with(connection, given(OLD), ARCHIVIST)


def choose(words: str, goal: str) -> Act:
    return lambda scene: scene.desk.choose(scene.item(words), goal)


def say(words: str, verdict: Verdict) -> Act:
    return lambda scene: scene.desk.say(scene.item(words), verdict)


def decided(words: str, verdict: Verdict) -> Act:
    return choose(words, "3幢1单元502室") if verdict is Verdict.CHOSEN else say(words, verdict)


def do(ask: Callable[[Scene], asked.Request]) -> Act:
    return lambda scene: scene.do(ask(scene))


def lists(texts: list[str], **columns: str) -> Act:
    return lambda scene: scene.load("addresses", [{"地址": text, **columns} for text in texts], source="new")


E = EventKind
SCENES: dict[str, tuple[EventKind, Act, Act]] = {
    "register": (E.REGISTER, _nothing,
                 do(lambda s: asked.Register(kind=AddressKind.BUILDING, name="20", parent_aid=s.estate))),
    "propose": (E.PROPOSE, _nothing, lambda s: s.world.propose([f"{ESTATE}40幢"], "more")),
    "confirm": (E.CONFIRM, _nothing, do(lambda s: asked.Confirm(aid=s.aid("30幢1单元101室")))),
    "reject": (E.REJECT, _nothing, do(lambda s: asked.Reject(aid=s.aid("30幢")))),
    "rename": (E.RENAME, _nothing, do(lambda s: asked.Rename(aid=s.estate, name="江南明珠苑"))),
    "rename a street": (E.RENAME, _nothing, do(lambda s: asked.Rename(aid=s.aid("市心北路"), name="市心大道"))),
    "renumber": (E.RENUMBER, _nothing, do(lambda s: asked.Renumber(aid=s.room, number="602"))),
    "move": (E.MOVE, _nothing, do(lambda s: asked.Move(aid=s.room, point=(120.25, 30.18)))),
    "reparent": (E.REPARENT, _nothing,
                 do(lambda s: asked.Reparent(aid=s.room, parent_aid=s.aid("3幢2单元")))),
    "reparent to another site": (E.REPARENT, _nothing,
                                 do(lambda s: asked.Reparent(aid=s.aid("3幢"), parent_aid=s.aid("金城路12号")))),
    "rezone": (E.REZONE, _nothing, do(lambda s: asked.Rezone(aid=s.estate, division_code="330109001000"))),
    "retire": (E.RETIRE, _nothing, do(lambda s: asked.Retire(aid=s.aid("3幢")))),
    "merge": (E.MERGE, _nothing, merge),
    "split": (E.SPLIT, _nothing, split),
    "void a duplicate": (E.VOID_DUPLICATE, _nothing, duplicate),
    "void": (E.VOID, _nothing, do(lambda s: asked.Void(aid=s.aid("13幢2单元504室")))),
    "an alias": (E.ALIAS, _nothing, Scene.teach),
    "an alias withdrawn": (E.ALIAS_WITHDRAWN, Scene.teach, withdraw),
    "an outside code": (E.IDENTIFIER, _nothing, give_code),
    "an outside code ended": (E.IDENTIFIER_ENDED, give_code, end_code),
    "a doubt": (E.DOUBT, _nothing, doubt),
    "a doubt closed": (E.DOUBT_CLOSED, doubt, settle_doubt),
    "chosen": (E.REVIEW, _nothing, decided(MISSPELT, Verdict.CHOSEN)),
    "none": (E.REVIEW, _nothing, decided(UNKNOWN_ROOM, Verdict.NONE)),
    "registered": (E.REGISTER, _nothing, decided(UNKNOWN_ROOM, Verdict.REGISTERED)),
    "not an address": (E.REVIEW, _nothing, decided(UNKNOWN_ROOM, Verdict.NOT_AN_ADDRESS)),
    "a split settled": (E.REVIEW, split, settle_split),
    "chosen, undone": (E.REVERT, decided(MISSPELT, Verdict.CHOSEN), undo),
    "none, undone": (E.REVERT, decided(UNKNOWN_ROOM, Verdict.NONE), undo),
    "registered, undone": (E.REVERT, decided(UNKNOWN_ROOM, Verdict.REGISTERED), undo),
    "a split settled, undone": (E.REVERT, lambda s: (split(s), settle_split(s)), undo),
    "a merge taken back": (E.REVERT, merge, newest(E.MERGE)),
    "a split taken back": (E.REVERT, split, newest(E.SPLIT)),
    "a duplicate taken back": (E.REVERT, duplicate, newest(E.VOID_DUPLICATE)),
    "a load taken back": (E.REVERT, lists([f"{ESTATE}40幢"]), newest(E.REGISTER)),
    "an outside code taken back": (E.REVERT, give_code, newest(E.IDENTIFIER)),
    "the end of a code taken back": (E.REVERT, lambda s: (give_code(s), end_code(s)), newest(E.IDENTIFIER_ENDED)),
    "a doubt taken back": (E.REVERT, doubt, newest(E.DOUBT)),
    "the end of a doubt taken back": (E.REVERT, lambda s: (doubt(s), settle_doubt(s)), newest(E.DOUBT_CLOSED)),
    "a list with codes taken back": (E.REVERT, lists([f"{ESTATE}40幢"], 不动产单元号="330109001001GB00001F00010001"),
                                     newest(E.REGISTER)),
    "a list": (E.REGISTER, _nothing, lists([f"{ESTATE}40幢"])),
    "a list that confirms": (E.REGISTER, _nothing, lists([PROPOSED])),
    "a list with points": (E.REGISTER, _nothing,
                           lambda s: s.load("addresses", [{"地址": ROOM, "经度": "120.21", "纬度": "30.21"}])),
    "a list with aliases": (E.REGISTER, _nothing, lists([ESTATE], 别名="望江新居")),
    "a list with codes": (E.REGISTER, _nothing, lists([ROOM], 不动产单元号="330109001001GB00001F00010001")),
}  # fmt: skip
DISTRICT: dict[str, tuple[EventKind, Act, Act]] = {
    "divisions": (E.DIVISIONS, _nothing, apply),
    "divisions taken back": (E.REVERT, apply, newest(E.DIVISIONS)),
    "divisions to begin with": (E.DIVISIONS_BEGIN, _nothing, begin),
}


@pytest.fixture(name="scene")
def _scene(world: World) -> Scene:
    world.begin_as("scene", lambda: draw_scene(world))
    return Scene(world)


def draw_scene(world: World) -> None:
    listed = [{"source_key": t, "address": t, "lon": "120.2", "lat": "30.2"} for t in ESTATE_ROWS]
    world.load_rows("addresses", listed)
    world.propose([PROPOSED])
    world.load_rows("people", people(ROOM, NEXT_DOOR, TOWN, UNKNOWN_ROOM, MISSPELT))
    world.load_rows("enterprises", [{"企业名称": "虚构公司", "统一社会信用代码": uscc(1), "注册地址": ROOM}])


@pytest.fixture(name="district")
def _district(database: Engine, tmp_path: Path) -> Scene:
    world = DivisionWorld(database, tmp_path)
    world.clear()
    world.begin_as("scene of divisions", lambda: draw_district(world))
    return Scene(world)


def draw_district(world: DivisionWorld) -> None:
    world.begin(OLD)
    world.texts(TEXTS)
    firms = [{"企业名称": "虚构公司", "统一社会信用代码": uscc(1), "注册地址": TEXTS[0]}]
    world.load_rows("enterprises", firms)
    town_only = "浙江省杭州市云溪区石渡镇塘湾村"
    world.load_rows("people", [{"姓名": "虚构乙", "身份证号": identity_number(2), "现住地址": town_only}])


def told(scene: Scene, ready: Act, act: Act) -> list[str]:
    ready(scene)
    listeners = Listeners(scene.world)
    act(scene)
    return listeners.need_told()


@pytest.mark.parametrize("name", SCENES)
def test_every_event_is_told_to_all_whom_it_concerns(scene: Scene, name: str) -> None:
    kind, ready, act = SCENES[name]
    assert kind in told(scene, ready, act)


@pytest.mark.parametrize("name", DISTRICT)
def test_a_change_of_divisions_is_told_to_all_whom_it_concerns(district: Scene, name: str) -> None:
    kind, ready, act = DISTRICT[name]
    assert kind in told(district, ready, act)


def test_every_kind_of_event_has_a_scene() -> None:
    """A new kind of event has to be shown to tell, above."""
    assert {kind for kind, _, _ in (*SCENES.values(), *DISTRICT.values())} == set(EventKind)
    assert {request.EVENT for request in asked.REQUESTS} <= set(EventKind)


UPDATED = {"people": "姓名", "houses": "房屋用途", "enterprises": "企业名称", "events": "标题", "things": "设备名称"}
PLACED = {
    "people": "现住地址",
    "houses": "房屋地址",
    "enterprises": "注册地址",
    "events": "事发地址",
    "things": "安装地址",
}
OTHER = {"people": ("身份证号", identity_number(77)), "houses": ("房屋编号", "F77"),
         "enterprises": ("统一社会信用代码", uscc(77)), "events": ("工单编号", "E77"),
         "things": ("设备编号", "T77")}  # fmt: skip
"""What makes a second element of the kind, so that a list is never empty."""
ELSEWHERE = (f"{ESTATE}13幢1单元501室", TOWN, UNKNOWN_ROOM)
"""Another address, no more than a division, and the review desk."""


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_load_does_to_links_is_told(scene: Scene, kind: str) -> None:
    listeners = Listeners(scene.world)
    row = {**ROWS_OF[kind][0], PLACED[kind]: NEXT_DOOR}
    other = {**row, **dict([OTHER[kind]]), PLACED[kind]: ROOM}
    ends = [
        [row],
        [{**row, UPDATED[kind]: "其他"}],
        *([{**row, PLACED[kind]: where}] for where in ELSEWHERE),
        [row],
        [],
    ]
    for rows in ends:
        scene.load(kind, [*rows, other], source="test", full_snapshot=True)
        assert listeners.need_told() == []
    told = scene.world.one("SELECT count(*) FROM outbox WHERE batch_id IS NOT NULL")
    assert told == len(ends), "each of these loads did something to links"


def test_every_kind_of_load_is_shown_to_tell_or_said_not_to(scene: Scene) -> None:
    assert {kind.value for kind in LoadKind} == {"addresses", "areas", *KINDS}
    assert set(KINDS) == set(UPDATED) == set(PLACED)
    listeners = Listeners(scene.world)
    ring = [[[120.1, 30.1], [120.3, 30.1], [120.3, 30.3], [120.1, 30.3], [120.1, 30.1]]]
    area = {**feature({"code": "G7", "name": "网格七"}), "geometry": {"type": "Polygon", "coordinates": ring}}
    path = write_geojson(scene.world.folder / "grid.geojson", [area])
    load_areas(scene.world.engine, path, "grid", kind=AreaKind.GRID)
    assert listeners.need_told() == []
    assert not any(listeners.told().lines.values())
    assert "Loading the outline of an area tells nothing" in (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")


def test_what_is_put_off_is_no_event_and_is_not_told(scene: Scene) -> None:
    listeners = Listeners(scene.world)
    scene.desk.say(scene.item(UNKNOWN_ROOM), Verdict.LATER)
    assert listeners.need_told() == []
    assert "put off" in (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")


RECORDS, TELLS = {"record_event", "recorded", "carried_out"}, {"announce_event"}
KEEPS = {
    "addressbook/store/minting.py": "it writes events for others",
}


def calls(path: Path) -> set[str]:
    """The names of all functions that a module calls."""
    nodes = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return {getattr(node, "id", getattr(node, "attr", "")) for node in nodes}


def sources() -> list[Path]:
    return [path for top in ("addressbook", "loaders", "api") for path in sorted((ROOT / top).rglob("*.py"))]


def test_no_module_records_an_event_without_telling_of_it() -> None:
    for path in sources():
        name, called = path.relative_to(ROOT).as_posix(), calls(path)
        if called & RECORDS and name not in KEEPS:
            assert called & TELLS, f"{name} records events and announces none"


_WRITES = re.compile(
    r"(?:INSERT INTO|UPDATE|DELETE FROM) (?:address|address_alias|external_identifier|link|doubt)\b"
    r"|(?:insert|update|delete)\((?:ADDRESS|ADDRESS_ALIAS|EXTERNAL_IDENTIFIER|LINK|DOUBT)\)"
    r"|\"(?:address|link)\", \w*COLUMNS|block_of\(\"address\""
)
WRITERS = {
    "aliases.py", "division_reverting.py", "doubts.py", "identifiers.py", "loading.py", "minting.py",
    "registry_links.py", "registry_names.py", "registry_reverting.py", "registry_writing.py", "review_links.py",
    "said_reverting.py", "confirm_addresses.sql",
    "division_links.sql", "division_links_back.sql", "division_restore.sql", "division_rezone.sql",
    "division_rezoning.py", "review_move_links.sql", "review_open_links.sql", "review_reopen_links.sql", "writing.py",
}  # fmt: skip
"""Whatever writes addresses, names, codes, doubts or links. Each is a part of a writer that a scene above performs."""
NOTHING_TO_TELL = {"subjects.py"}
"""What is written of a link when a person is erased is what nobody is ever told: the text that was received."""


def test_nobody_else_writes_what_has_to_be_told() -> None:
    """Who adds a writer adds a scene that performs it, then its name."""
    files = [*sources(), *(ROOT / "addressbook/store/sql").glob("*.sql")]
    files = [path for path in files if "migrations" not in path.parts]
    found = {path.name for path in files if _WRITES.search(path.read_text(encoding="utf-8"))}
    assert found == WRITERS | NOTHING_TO_TELL


def test_the_city_of_the_small_district_is_where_it_is_thought_to_be() -> None:
    assert CITY.startswith("33"), "or nobody who subscribes to the province would be told of it"
