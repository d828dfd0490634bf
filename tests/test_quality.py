"""Quality figures: each says what it means, and has just as many rows behind it as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from addressbook.cli import app as command_line
from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.registry.duplicates import Named, alike_names
from addressbook.store.doubts import ATTRIBUTES
from addressbook.store.engine import transaction
from addressbook.views.quality import FIGURES, Scope, figure_page, figures
from api import create_app
from tests import small_world
from tests.desk import Desk, refused, served_desk
from tests.live_server import served
from tests.small_world import COUNTY, HERE, OTHER_TOWN, THERE, TOWN
from tests.source_tree import ROOT
from tests.worlds import ESTATE, ROOM, Terminal, World

FIGURE_NAMES = [figure.name for figure in FIGURES]
NOW = datetime.now(UTC)


@dataclass
class Faulty:
    """A small world with one of every fault, served; `aids` names the addresses that have them."""

    client: httpx.Client
    engine: Any
    aids: dict[str, str]

    def ask(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def figure(self, name: str, division: str = "") -> Any:
        found = self.ask(f"/quality?division={division}" if division else "/quality")
        return next(figure for figure in found["figures"] if figure["figure"] == name)

    def rows(self, href: str, limit: int = 1000) -> list[Any]:
        """All rows behind a link, page by page."""
        found, path = [], f"{href}{'&' if '?' in href else '?'}limit={limit}"
        while path:
            page = self.ask(path)
            assert len(page["items"]) <= limit
            found += page["items"]
            path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        return found

    def aids_of(self, name: str, part: str | None = None) -> set[str]:
        href = f"/quality/{name}" + (f"?part={part}" if part else "")
        return {row["aid"] for row in self.rows(href)}


@pytest.fixture(scope="module")
def faulty(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    url = make_database()
    engine = create_engine(url)
    small_world.build(engine)
    with engine.begin() as connection:
        aids = spoil(small_world.World(connection))
        key = create_key(connection, AccessRole.ANALYST, "quality")
    home = tmp_path_factory.mktemp("quality")
    with served(create_app(Settings(database_url=SecretStr(url), home=home, webhook_worker=False))) as client:
        client.headers["X-API-Key"] = key
        yield Faulty(client, engine, aids)
    engine.dispose()


def spoil(world: small_world.World) -> dict[str, str]:
    """Add one of every fault."""
    own = {"coordinate_level": "place"}
    estate = world.address("C", "江南水岸", **own)
    under = {"top": estate, "parent": estate, "coordinate_level": "building"}
    for number in range(1, 6):
        world.address("B", f"{number}幢", f"B{number}", point=(120.05 + number / 10_000, 30.2), **under)
    street = world.address("R", "金城路", division=COUNTY, point=None)
    plates = {"road_aid": street, "coordinate_level": "door_plate"}
    for number in (2, 4, 8, 10):
        world.address("D", f"{number}号", plate_no=str(number), point=(120.05, 30.2 + number / 10_000), **plates)
    entrance = {"top": estate, "parent": estate, "coordinate_level": "building", "loose_path": "B1/H101"}
    aids = {
        "spelt": world.address("C", "江南水按", point=(120.06, 30.21), **own),
        "elsewhere": world.address("C", "江南水案", division=OTHER_TOWN, point=(120.06, 30.22), **own),
        "other_part": world.address("C", "江南水岸东区", point=(120.06, 30.23), **own),
        "far": world.address("B", "6幢", "B6", point=(120.09, 30.2), **under),
        "far_plate": world.address("D", "6号", plate_no="6", point=(120.09, 30.3), **plates),
        "outside": world.address("P", "便民超市", point=(120.3, 30.2), coordinate_level="place"),
        "same_point": world.address("P", "便民超市", division=THERE, point=(120.3, 30.2), coordinate_level="place"),
        "town_only": world.address("P", "老供销社", division=TOWN, **own),
        "room": world.address("H", "101室", "B1/E1/H101", **entrance),
        "same_room": world.address("H", "101室", "B1/H101", **entrance),
        "retired": world.address("P", "旧礼堂", state="retired", point=None),
    }
    world.put("doubt", aid=aids["far"], attribute="point", sentence="坐标疑在河中", actor="甲", opened_event=1)
    world.put("doubt", aid=aids["far"], attribute="name", sentence="已核", actor="甲", opened_event=1, closed_at=NOW)
    world.put("source", source_id=2, name="旧名册", kind="people")
    world.put("source", source_id=3, name="新名册", kind="people")
    for source, age in ((2, 100), (3, 10)):
        world.put(
            "batch", source_id=source, file_name="x", file_sha256="", state="done",
            finished_at=NOW - timedelta(days=age),
        )  # fmt: skip
    key = small_world.SECRET.row_key("t", "r")
    world.put(
        "source_row", row_key=key, source_id=2, source_key="r", batch_id=1, line=1, digest=key, outcome="review",
        reason_code="room_unknown", field="", message="", received={}, element_kind="person", division_code=HERE,
    )  # fmt: skip
    world.put(
        "review_item", row_key=key, source_id=2, element_kind="person", category="C",
        reason_code="room_unknown", received_text="王虚构的家", division_code=HERE, unresolved_tail="", candidates=[],
        reasons=[], state="open", batch_id=1,
    )  # fmt: skip
    world.finish()
    return aids


@pytest.mark.parametrize("division", ["", "330109", TOWN, THERE])
@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_a_figure_has_as_many_rows_behind_it_as_it_says(faulty: Faulty, name: str, division: str) -> None:
    found = faulty.figure(name, division)
    assert len(faulty.rows(found["href"])) == found["value"]
    assert sum(part["value"] for part in found["parts"]) == found["value"]
    for part in found["parts"]:
        rows = faulty.rows(part["href"])
        assert len(rows) == part["value"]
        assert {row["part"] for row in rows} == {part["part"]}


@pytest.mark.parametrize("name", FIGURE_NAMES)
def test_pages_of_any_size_have_the_same_rows_in_the_same_order(faulty: Faulty, name: str) -> None:
    whole = faulty.rows(f"/quality/{name}")
    assert faulty.rows(f"/quality/{name}", limit=2) == whole
    assert len({str(row) for row in whole}) == len(whole)


def test_every_figure_is_seen_to_find_something(faulty: Faulty) -> None:
    found = faulty.ask("/quality")["figures"]
    assert [figure["figure"] for figure in found if not figure["value"]] == []
    assert [figure["figure"] for figure in found if figure["value"] > figure["of"]] in ([], ["churn"])


def test_coverage_counts_what_is_live(faulty: Faulty) -> None:
    assert faulty.aids["retired"] not in faulty.aids_of("without_point")
    assert {row["part"] for row in faulty.rows("/quality/without_point")} == {"R"}
    assert faulty.aids_of("without_community") == {faulty.aids["town_only"], faulty.aids["elsewhere"]}
    borrowed = faulty.aids_of("borrowed_point")
    assert (faulty.aids["room"] in borrowed, faulty.aids["far"] in borrowed) == (True, False)


def test_points_outside_their_division_and_far_from_their_siblings(faulty: Faulty) -> None:
    assert faulty.aids["outside"] in faulty.aids_of("outside_division", "community")
    assert faulty.aids["spelt"] not in faulty.aids_of("outside_division")
    assert faulty.aids_of("far_from_siblings", "parent") == {faulty.aids["far"]}
    assert faulty.aids_of("far_from_siblings", "street") == {faulty.aids["far_plate"]}


def test_suspected_duplicates_are_told_by_their_rule(faulty: Faulty) -> None:
    aids = {code: name for name, code in faulty.aids.items()}
    found = {(row["part"], *(aids.get(row[key], "") for key in ("aid", "other_aid")))
             for row in faulty.rows("/quality/duplicates")}  # fmt: skip
    rules = {part: sorted({name for _, *names in found if _ == part for name in names}) for part, *_ in found}
    assert rules["same_point"] == ["outside", "same_point"]
    assert rules["room_without_entrance"] == ["room", "same_room"]
    assert rules["near_name"] == ["", "spelt"], "neither the same name in another town, nor another part"


def test_links_stale_sources_review_and_doubts(faulty: Faulty) -> None:
    links = faulty.figure("links")
    assert {part["part"] for part in links["parts"]} == {"A/room", "A/community"}
    assert links["value"] == links["of"]
    assert faulty.figure("not_at_address")["value"] == 3
    assert {row["source"] for row in faulty.rows("/quality/stale_sources")} == {"旧名册"}
    (waiting,) = faulty.rows("/quality/in_review")
    assert (waiting["reason_code"], waiting["source"]) == ("room_unknown", "旧名册")
    (doubt,) = faulty.rows("/quality/doubts?part=point")
    assert (doubt["aid"], doubt["sentence"]) == (faulty.aids["far"], "坐标疑在河中")
    assert faulty.figure("doubts")["value"] == 1


def test_nothing_personal_is_in_any_row(faulty: Faulty) -> None:
    shown = str([faulty.rows(f"/quality/{name}") for name in FIGURE_NAMES])
    with faulty.engine.connect() as connection:
        keys = connection.execute(text("SELECT element_key::text FROM person")).scalars().all()
    assert not [word for word in ("王", "3幢502", *keys) if word in shown]


def test_churn_is_counted_by_month_and_kind_between_two_transactions(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    before = desk.world.one("SELECT max(event_id) FROM registry_event")
    for number in ("602", "702"):
        body = {"transaction": "renumber", "aid": room, "number": number, "reason": "核对"}
        last = desk.ask("POST", "/registry/transactions", json=body).json()["event_id"]
    asked = {"since": before, "until": last - 1}
    found = desk.ask("GET", "/quality", AccessRole.ANALYST, params=asked).json()["figures"]
    churn = next(figure for figure in found if figure["figure"] == "churn")
    assert [(part["part"], part["value"]) for part in churn["parts"]] == [(f"{NOW:%Y-%m} renumber", 1)]
    (row,) = desk.ask("GET", churn["href"], AccessRole.ANALYST).json()["items"]
    assert (row["aid"], row["event"], row["event_id"]) == (room, "renumber", last - 1)


def test_what_is_no_figure_or_division_is_refused_and_so_is_who_may_not(faulty: Faulty, desk: Desk) -> None:
    refused(faulty.client.get("/quality/beauty"), 404)
    refused(faulty.client.get("/quality?division=33010x"), 400)
    refused(faulty.client.get("/quality/links?cursor=x"), 400)
    refused(faulty.client.get("/quality/links?part=a&divison=33"), 400)
    refused(desk.ask("GET", "/quality", AccessRole.VIEWER), 403)


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path, webhook_worker=False) as desk:
        yield desk


def test_a_doubt_is_shown_while_the_record_stays_usable(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    body = {"aid": room, "attribute": "point", "sentence": "坐标疑在河中", "reason": "现场不符"}
    event = desk.ask("POST", "/doubts", json=body).json()["event_id"]
    assert desk.resolve(ROOM) == room
    shown = desk.ask("GET", f"/addresses/{room}", AccessRole.VIEWER).json()["properties"]
    assert shown["state"] == "current"
    ((told),) = shown["doubts"]
    assert (told["attribute"], told["sentence"], told["opened_event"]) == ("point", "坐标疑在河中", event)
    assert refused(desk.ask("POST", "/doubts", json=body), 409)["rule"] == "doubted"
    closed = {"aid": room, "attribute": "point", "reason": "已复测"}
    assert desk.ask("POST", "/doubts/closings", json=closed).status_code == 200
    assert desk.ask("GET", f"/addresses/{room}", AccessRole.VIEWER).json()["properties"]["doubts"] == []
    kinds = desk.ask("GET", "/registry/events", params={"limit": 2}).json()["items"]
    assert [event["kind"] for event in kinds] == ["doubt_closed", "doubt"]
    then = desk.world.one("SELECT opened_at FROM doubt").isoformat()
    known = desk.ask("GET", f"/addresses/{room}", AccessRole.VIEWER, params={"known_at": then}).json()
    assert [doubt["attribute"] for doubt in known["properties"]["doubts"]] == ["point"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"attribute": "colour"}, 400), ({"sentence": " "}, 400), ({"sentence": "一\n二"}, 400), ({"aid": "H1"}, 400),
     ({"aid": "B7K3M9QXW2HF"}, 404), ({"sentence": "长" * 501}, 422)],
)  # fmt: skip
def test_what_is_no_doubt_is_refused(desk: Desk, changes: dict[str, str], status: int) -> None:
    body = {"aid": str(desk.resolve(ESTATE)), "attribute": "name", "sentence": "名称有误", "reason": "核对", **changes}
    refused(desk.ask("POST", "/doubts", json=body), status)
    refused(desk.ask("POST", "/doubts", AccessRole.ANALYST, json=body), 403)


def test_the_command_line_shows_the_figures_their_rows_and_doubts(
    estate: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal.open(estate.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    for name, value in {"DATABASE_URL": terminal.url, "HOME": str(terminal.home)}.items():
        monkeypatch.setenv(f"ADDRESSBOOK_{name}", value)
    monkeypatch.setenv("COLUMNS", "200")
    room = next(aid for words, aid in estate.addresses().items() if words.endswith("3幢1单元502室"))
    typed("doubt", "open", room, "point", "坐标疑在河中", "--reason", "现场不符")
    assert "坐标疑在河中" in typed("quality", "--figure", "doubts")
    typed("doubt", "close", room, "point", "--reason", "已复测")
    assert typed("quality", "--figure", "doubts") == ""
    whole = typed("quality", "--division", "330109")
    assert "没有坐标的地址" in whole
    assert "仅列出" in typed("quality", "--figure", "without_point", "--part", "H", "--limit", "2")


def typed(*words: str) -> str:
    """What the command says, run in this process."""
    done = CliRunner().invoke(command_line, list(words))
    if done.exception:
        raise done.exception
    return done.stdout


NAMES = st.lists(st.text("南岸明珠花园东西苑小区", min_size=2, max_size=5), min_size=2, max_size=12)


@given(NAMES)
@settings(max_examples=100)
def test_pairs_are_found_whatever_the_order_and_only_once(names: list[str]) -> None:
    here = [Named(f"C{number:03}", "C", name, None, HERE) for number, name in enumerate(names)]
    pairs = [pair[:2] for pair in alike_names(here)]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {pair[:2] for pair in alike_names(reversed(here))}
    assert all(aid < other for aid, other in pairs)
    told = {aid for pair in pairs for aid in pair}
    assert {one.aid for one in here if names.count(one.name) > 1} <= told
    assert len(list(alike_names([one._replace(name="南岸明珠") for one in here]))) == len(here) - 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("南岸明珠", "南岸明株", True), ("南岸明珠", "岸南明珠", True), ("南岸明珠", "南岸明珠小区", True),
        ("南岸明珠", "南岸花园", False), ("市心东路", "市心西路", False), ("建设一路", "建设二路", False),
    ],
)  # fmt: skip
def test_slips_make_names_alike_and_what_tells_places_apart_does_not(one: str, other: str, alike: bool) -> None:
    pairs = list(alike_names([Named("C1", "C", one, None, HERE), Named("C2", "C", other, None, HERE)]))
    assert bool(pairs) is alike


def test_the_library_answers_as_the_service_does(faulty: Faulty) -> None:
    with transaction(faulty.engine) as connection:
        found = {figure["figure"]: figure["value"] for figure in figures(connection, Scope(NOW))}
        rows, last = figure_page(connection, "without_point", Scope(NOW), part=None, after=None, limit=1000)
    assert (len(rows), last) == (found["without_point"], None)


def test_every_figure_and_attribute_is_explained() -> None:
    told = (ROOT / "docs" / "quality.md").read_text("utf-8")
    assert [name for name in FIGURE_NAMES if f"| `{name}` |" not in told] == []
    assert [name for name in ATTRIBUTES if name not in told.rpartition("Attributes:")[2]] == []
