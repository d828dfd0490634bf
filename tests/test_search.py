"""Suggestions: what is typed finds what is meant, only what the reader may see, and never a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from addressbook.divisions import Gazetteer
from addressbook.model import AddressKind, NamedAddress
from addressbook.search import SearchNames, ask
from addressbook.search.sounds import readings
from tests.access_world import ASKERS, Registry, served_registry
from tests.worlds import TOWN_CODE, World, uscc

ASKER = {asker.name: asker for asker in ASKERS}
VIEWER, PUBLIC = ASKER["viewer"], ASKER["public"]
POINT = "UPDATE address SET geom = ST_SetSRID(ST_MakePoint(120.26 + :n * 0.001, 30.18), 4326) WHERE aid = :aid"


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("registry")
    with served_registry(World(database, home), home) as registry:
        yield registry


def found(registry: Registry, q: str, asker: Any = VIEWER, **more: Any) -> list[dict[str, Any]]:
    headers = {"X-API-Key": registry.keys[asker.name]}
    answer = registry.client.get("/search", params={"q": q, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["suggestions"])


def texts(registry: Registry, q: str, asker: Any = VIEWER, **more: Any) -> list[str]:
    return [suggestion["text"] for suggestion in found(registry, q, asker, **more)]


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ("南岸明珠", "exact"), ("南岸", "prefix"), ("明珠", "part"), ("nanan mingzhu", "pinyin"), ("NAMZ", "initials"),
        ("mingzhu", "part"), ("南案明珠", "sound"), ("南岸名株", "sound"), ("南岸明殊", "typo"),
        ("nananmingzu", "typo"),
        ("南岸明珠小区", "prefix"), ("望江新居", "exact"), ("萧山区北干街道南岸", "prefix"), ("萧山南岸", "prefix"),
    ],
)  # fmt: skip
def test_an_estate_is_found_however_it_is_typed(registry: Registry, typed: str, how: str) -> None:
    best = found(registry, typed, kind="C")[0]
    assert (best["code"], best["matched"]["how"]) == (registry.estate, how)
    assert best["where"].startswith("浙江省 杭州市 萧山区 北干街道")


def test_what_was_met_is_told_where_it_is_an_alias(registry: Registry) -> None:
    assert found(registry, "望江新")[0]["matched"] == {"how": "prefix", "text": "望江新居"}


@pytest.mark.parametrize("typed", ["市心北路26", "市心北26", "shixinbeilu26", "萧山区市心北路２６", "市心背路26"])
def test_the_beginning_of_a_number_suggests_plates(registry: Registry, typed: str) -> None:
    plates = [s for s in found(registry, typed) if s["part"] == "D"]
    assert [s["text"].removesuffix("南岸明珠")[-4:] for s in plates] == ["260号"]


@pytest.mark.parametrize(
    "typed", ["南岸明珠3幢1单元5", "南岸明珠3幢5", "市心北路260号3幢1单元5", "望江新居3-1-5", "南岸明株3幢1单元5"]
)
def test_the_beginning_of_a_number_suggests_rooms(registry: Registry, typed: str) -> None:
    rooms = [s["text"] for s in found(registry, typed) if s["part"] == "H"]
    assert rooms[:2] == [f"浙江省杭州市萧山区北干街道南岸明珠3幢1单元{room}室" for room in (501, 502)]


def test_a_building_number_that_may_go_on_suggests_both(registry: Registry) -> None:
    buildings = [s["text"][-3:] for s in found(registry, "南岸明珠1") if s["part"] == "B"]
    assert buildings == ["13幢"]
    assert [s["text"][-2:] for s in found(registry, "南岸明珠3", kind="B")] == ["3幢"]


def test_a_whole_address_comes_first_and_then_what_lies_below(registry: Registry) -> None:
    first, *below = found(registry, "南岸明珠3幢1单元")
    assert first["text"].endswith("3幢1单元")
    assert {s["part"] for s in below if s["kind"] == "address"} == {"H"}


def test_codes_find_what_they_name(registry: Registry) -> None:
    aid = registry.estate
    assert [s["code"] for s in found(registry, f" {aid[:4]}-{aid[4:8].lower()}-{aid[8:]}")] == [aid]
    assert found(registry, "330109002")[0]["code"] == TOWN_CODE
    assert [s["code"] for s in found(registry, "33010900200")] == ["330109002000", "330109002001"]
    firm = found(registry, uscc(1))[0]
    assert (firm["kind"], firm["text"], firm["uscc"]) == ("enterprise", "某公司1", uscc(1))
    assert firm["at"].endswith("3幢1单元502室")


def test_enterprises_are_found_by_the_beginning_and_by_a_part_of_their_name(registry: Registry) -> None:
    assert texts(registry, "某公", kind="enterprise") == ["某公司1", "某公司2"]
    assert texts(registry, "公司2", kind="enterprise") == ["某公司2"]
    assert texts(registry, "某_%", kind="enterprise") == []


def test_public_is_shown_divisions_alone(registry: Registry) -> None:
    for typed in ("南岸明珠", "市心北路26", "某公司", registry.estate, uscc(1), "南", "shi"):
        assert {s["kind"] for s in found(registry, typed, PUBLIC)} <= {"division"}, typed
    assert texts(registry, "北干街道", PUBLIC)[0] == "北干街道"


@pytest.mark.parametrize("asker", [asker for asker in ASKERS if asker.role], ids=lambda asker: asker.name)
def test_persons_are_found_by_nobody(registry: Registry, asker: Any) -> None:
    for typed in ("虚构", "虚构1", "虚**", "99000019900101", "13800000001", "xugou"):
        assert [
            s for s in found(registry, typed, asker) if s["kind"] not in ("division", "enterprise", "address")
        ] == []
        assert "虚" not in str(texts(registry, typed, asker, kind="address,enterprise"))


@pytest.fixture(name="placed")
def _placed(registry: Registry) -> Iterator[tuple[str, str]]:
    """The plate and a building, a hundred metres apart, in an area; taken back afterwards."""
    world = registry.world
    near = world.one("SELECT aid FROM address WHERE kind = 'B' AND name = '3幢'")
    far = world.one("SELECT aid FROM address WHERE kind = 'B' AND name = '13幢'")
    area = (
        "INSERT INTO area (code, kind, name, geom, source_id) SELECT '330109002000', 'division', '北干街道',"
        " ST_Multi(ST_MakeEnvelope(120.2, 30.1, 120.3, 30.2, 4326)), min(source_id) FROM source"
    )
    with world.engine.begin() as connection:
        connection.execute(text(area))
        for n, aid in enumerate((near, far)):
            connection.execute(text(POINT), {"n": n, "aid": aid})
    yield near, far
    with world.engine.begin() as connection:
        connection.execute(text("DELETE FROM area"))
        connection.execute(text("UPDATE address SET geom = NULL"))


@pytest.mark.parametrize("typed", ["120.2599,30.18", "120.2599 ， 30.18"])
def test_coordinates_are_answered_with_what_is_nearest_and_what_contains_them(
    registry: Registry, placed: tuple[str, str], typed: str
) -> None:
    answer = found(registry, typed)
    assert [(s["code"], s["matched"]["how"]) for s in answer] == [
        *((aid, "nearest") for aid in placed), ("330109002000", "contains"),
    ]  # fmt: skip
    assert [s["distance_m"] for s in answer[:2]] == [10, 106]
    assert [s["kind"] for s in found(registry, typed, PUBLIC)] == ["division"]


def test_nearer_ones_come_first_of_those_found_alike(registry: Registry, placed: tuple[str, str]) -> None:
    answer = found(registry, "南岸明珠", near="120.2599,30.18")
    assert answer[0]["code"] == registry.estate
    box = found(registry, "北干街道", PUBLIC)[0]["bbox"]
    assert box == pytest.approx([120.2, 30.1, 120.3, 30.2])


def test_in_the_sea_there_is_nothing(registry: Registry) -> None:
    assert found(registry, "150,10") == []


@pytest.mark.parametrize("typed", ["30.18,120.26", "181,0", "0,91", "999,999"])
def test_coordinates_that_are_nowhere_are_refused(registry: Registry, typed: str) -> None:
    answer = registry.ask(VIEWER, "GET", f"/search?q={typed}")
    assert answer.status_code == 400
    assert answer.json()["field"] == "q"


@pytest.mark.parametrize(
    "query", ["", "q=", f"q={'南' * 201}", "q=a%00b", "q=a&near=x", "q=a&kind=person", "q=a&limit=0", "q=a&limit=101"]
)
def test_questions_that_are_none_are_refused(registry: Registry, query: str) -> None:
    assert 400 <= registry.ask(VIEWER, "GET", f"/search?{query}").status_code < 500


@pytest.mark.parametrize(
    "query",
    ["%20%20", "%09%0A", "%ED%A0%80", "%FF", "%0A南", "🏠", "'", "%25", "\\", "-", "0", "12345", "1" * 200, "市" * 200],
)
def test_texts_that_mean_nothing_are_answered_with_little_or_nothing(registry: Registry, query: str) -> None:
    answer = registry.ask(VIEWER, "GET", f"/search?q={query}")
    assert answer.status_code == 200
    assert len(answer.json()["suggestions"]) <= 10


def names(*called: str) -> SearchNames:
    made = SearchNames(
        [NamedAddress(f"C{n:011}", n, AddressKind.COMPOUND, name, TOWN_CODE) for n, name in enumerate(called)],
        Gazetteer.shipped(),
    )
    made.prepare({})
    return made


def held(made: SearchNames, typed: str) -> list[str]:
    return [hit.name for hit in made.find(ask(typed).name, 10, addresses=True, divisions=False)]


def test_what_a_name_is_read_as_in_words_finds_it_and_so_does_each_character() -> None:
    made = names("重庆花园")
    assert held(made, "chongqing") == held(made, "zhongqing") == held(made, "cqhy") == ["重庆花园"]


def test_another_direction_is_another_name_and_no_slip() -> None:
    assert held(names("市心南路"), "市心北路") == []


def swaps(text: str) -> list[str]:
    """The text with each two neighbours that differ swapped."""
    pairs = [at for at in range(len(text) - 1) if text[at] != text[at + 1]]
    return [text[:at] + text[at + 1] + text[at] + text[at + 2 :] for at in pairs]


@pytest.mark.parametrize("name", ["恒朴创业中心", "天宇大厦", "云厦苑", "小邵文化礼堂", "丽景和院"])
def test_two_neighbours_swapped_anywhere_are_one_slip(name: str) -> None:
    made = names(name, "恒大中心", "天成大厦", "和园")
    spelt = "".join(readings(name)[0])
    assert [typed for typed in (*swaps(name), *swaps(spelt)) if held(made, typed) != [name]] == []


def test_a_swap_in_front_of_a_common_ending_is_found_among_many() -> None:
    made = names(
        *(f"{a}{b}农贸市场" for a in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳" for b in "金木水火土日月星山川草花鸟"),
        "中片坞凤农贸市场",
    )
    for typed in ("片中坞凤农贸市场", "中坞片凤农贸市场", "zhogn pianwufengnongmaoshichang"):
        assert held(made, typed) == ["中片坞凤农贸市场"], typed


def test_names_follow_the_registry() -> None:
    made = names("南岸明珠", "北岸花园")
    new = NamedAddress("C00000000000", 0, AddressKind.COMPOUND, "江畔云庐", TOWN_CODE)
    made.follow([("C00000000001", None)], [new])
    assert held(made, "江畔") == held(made, "jpyl") == ["江畔云庐"]
    assert held(made, "南岸") == held(made, "北岸") == []
    made.follow([], [NamedAddress(f"P{n:011}", n, AddressKind.PLACE, f"江畔{n}号", TOWN_CODE) for n in range(600)])
    assert len(held(made, "江畔")) == 10


def test_a_renamed_estate_is_found_by_its_new_name_and_told_by_its_old_one(registry: Registry) -> None:
    def renamed(name: str) -> None:
        body = {"transaction": "rename", "aid": registry.estate, "name": name, "reason": "x"}
        assert registry.ask(ASKER["reviewer"], "POST", "/registry/transactions", body).status_code == 200
        registry.app.state.service.resolver.look_again()

    renamed("云栖新苑")
    assert found(registry, "yunqi", kind="C")[0]["code"] == registry.estate
    assert found(registry, "南岸明珠", kind="C")[0]["matched"] == {"how": "exact", "text": "南岸明珠"}
    renamed("南岸明珠")
    assert found(registry, "南岸明珠", kind="C")[0]["code"] == registry.estate
