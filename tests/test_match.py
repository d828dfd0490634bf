"""Claims about matching, in a drawn registry of one county: what is linked, what is not, and why."""

from __future__ import annotations

import csv
from collections.abc import Sequence

import pytest
from hypothesis import given, settings, strategies as st

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, Resolver, sentence, standard_text, tree_plan
from addressbook.match.outside import outside
from addressbook.match.reasons import faults, reason
from addressbook.model import (
    AddressKind,
    AddressState,
    Category,
    FoundAddress,
    Level,
    NamedAddress,
    PathQuery,
    Resolution,
    RetiredAddress,
    RetiredQuery,
)
from addressbook.parse import Parser, parsed_from_columns
from addressbook.resources import data_path

GAZETTEER = Gazetteer.shipped()
PARSER = Parser(GAZETTEER)
COUNTY, BEIGAN, GUALI, QUNYI = "330109000000", "330109002000", "330109113000", "330109113255"
C, D, P, R = AddressKind.COMPOUND, AddressKind.DOOR_PLATE, AddressKind.PLACE, AddressKind.STREET
INNER = ("E", "F")


class Registry:
    """A registry in memory: addresses by site and path, as `model.PathLookup` describes it."""

    def __init__(self) -> None:
        self.at: dict[tuple[int, str], FoundAddress] = {}
        self.plates: dict[tuple[str, str], FoundAddress] = {}
        self.names: list[NamedAddress] = []
        self.calls = 0

    def site(self, kind: AddressKind, name: str, division: str, *aliases: str) -> int:
        """A street, compound or place with its names; returns its site."""
        number = 1 + max((site for site, _ in self.at), default=0)
        top = self.put(number, "", name, division, kind)
        self.names.append(NamedAddress(top.aid, number, kind, name, division))
        self.names += [NamedAddress(top.aid, number, kind, alias, division, is_alias=True) for alias in aliases]
        return number

    def put(
        self, site: int, path: str, text: str, division: str, kind: AddressKind | None = None,
        state: AddressState = AddressState.CURRENT,
    ) -> FoundAddress:  # fmt: skip
        kind = kind or AddressKind(path.rpartition("/")[2][0])
        found = FoundAddress(
            f"{kind}-{site}-{path}", site, kind, path, text, division, state, 120.2, 30.2, Level.BUILDING
        )
        self.at[site, path] = found
        return found

    def below(self, site: int, *paths: str, state: AddressState = AddressState.CURRENT) -> None:
        """Addresses below a site, and all those on the way to them."""
        top = self.at[site, ""]
        for path in paths:
            tokens = path.split("/")
            for count in range(1, len(tokens) + 1):
                part = "/".join(tokens[:count])
                if (site, part) not in self.at:
                    self.put(site, part, f"{top.standard_text}{part}", top.division_code, state=state)

    def plate(self, street: int, number: str, compound: int | None = None) -> None:
        """A door plate of a street: of a compound when one is given, else a site of its own."""
        road = self.at[street, ""]
        text = f"{road.standard_text}{number}号"
        if compound is None:
            site = 1 + max(site for site, _ in self.at)
            found = self.put(site, "", text, road.division_code, D)
        else:
            found = self.put(compound, f"D{road.aid}:{number}", text, road.division_code, D)
        self.plates[road.aid, number] = found

    def find(self, queries: Sequence[PathQuery]) -> list[list[FoundAddress]]:
        self.calls += 1
        return [self._find(query) for query in queries]

    def any_retired(self) -> bool:
        return False

    def retired(self, queries: Sequence[RetiredQuery]) -> list[list[RetiredAddress]]:
        return [[] for _ in queries]

    def _find(self, query: PathQuery) -> list[FoundAddress]:
        site, path = query.site_id, query.path
        if query.road_aid is not None:
            plate = self.plates.get((query.road_aid, query.plate_no or ""))
            if plate is None:
                return []
            site, path = plate.site_id, path or plate.path
        if query.loose:
            return [
                a for (s, p), a in self.at.items() if s == site and a.kind is AddressKind.ROOM and _loose(p) == path
            ]
        return [self.at[site, path]] if site is not None and (site, path) in self.at else []


def _loose(path: str) -> str:
    return "/".join(token for token in path.split("/") if token[0] not in INNER)


def drawn() -> Registry:
    """南岸明珠 at 市心北路260号 (3幢 has entrances, 13幢 none), a shop front, a village, two namesakes."""
    registry = Registry()
    street = registry.site(R, "市心北路", BEIGAN)
    estate = registry.site(C, "南岸明珠", BEIGAN, "明珠公寓")
    registry.plate(street, "260", estate)
    registry.plate(street, "12")
    registry.plate(street, "12-1")
    registry.below(estate, "B3/E1/H501", "B3/E1/H502", "B3/E2/H502", "B3/E2/H601", "B13/H501", "B5/F2/H201A")
    village = registry.site(C, "群益村", QUNYI)
    registry.below(village, "C12组/D34", "C12组/D35", "C2组/D34")
    registry.below(registry.site(C, "开元小区", BEIGAN), "B1/H101")
    registry.below(registry.site(C, "开元小区", GUALI), "B1/H101", "B2/H101")
    registry.below(registry.site(C, "瓜沥花园", GUALI), "B1/H101")
    old = registry.site(C, "老机械厂宿舍", BEIGAN)
    registry.below(old, "B1", state=AddressState.RETIRED)
    return registry


REGISTRY = drawn()
RESOLVER = Resolver(GAZETTEER, NameIndex(REGISTRY.names, GAZETTEER))
PREFIX = "浙江省杭州市萧山区北干街道"


def resolve(text: str, division: str | None = None) -> Resolution:
    return RESOLVER.resolve_batch([text], REGISTRY, division=division)[0]


def codes(resolution: Resolution) -> set[str]:
    return {r.code for r in resolution.reasons}


def assert_room(resolution: Resolution, path: str) -> None:
    assert resolution.aid is not None, resolution.reasons
    assert resolution.aid.endswith(f"-{path}")


@pytest.mark.parametrize(
    "text",
    [
        PREFIX + "市心北路260号南岸明珠3幢1单元502室",
        "萧山区市心北路260号南岸明珠3号楼1单元502",
        "萧山市北干街道南岸明珠小区3-1-502",
        "杭州萧山北干南岸明珠三栋一单元五〇二室",
        "浙江省杭州市蕭山區北干街道南岸明珠３幢１單元５０２室",
        "南岸明珠3幢1单元5层502室",
        "收货地址：萧山区南岸明珠3幢1单元502室 请放快递柜",
        PREFIX + "明珠公寓3幢1单元502室",
        PREFIX + "市心北路260号3幢1单元502室",
    ],
)
def test_the_same_room_however_it_is_written(text: str) -> None:
    resolution = resolve(text)
    assert resolution.category is Category.A
    assert resolution.match_level is Level.ROOM
    assert resolution.coordinate_level is Level.BUILDING
    assert_room(resolution, "B3/E1/H502")


@pytest.mark.parametrize(
    ("text", "code", "anchor"),
    [
        ("南岸明珠4幢1单元502室", "building_unknown", ""),
        ("南岸明珠3幢1单元503室", "room_unknown", "B3/E1"),
        ("南岸明珠3幢1单元601室", "unit_contradicts", "B3/E1"),
        ("南岸明珠13幢502室", "room_unknown", "B13"),
        ("群益村12组36号", "plate_unknown", "C12组"),
        ("群益村13组34号", "sub_place_unknown", ""),
    ],
)
def test_a_number_that_contradicts_is_never_matched(text: str, code: str, anchor: str) -> None:
    resolution = resolve("萧山区" + text)
    assert resolution.category is Category.C
    assert resolution.aid is None
    assert code in codes(resolution)
    assert resolution.anchor is not None
    assert resolution.anchor.endswith(f"-{anchor}")


def test_an_unknown_room_names_its_tail_and_few_candidates() -> None:
    resolution = resolve(PREFIX + "南岸明珠3幢1单元1902室")
    assert resolution.unresolved_tail == "1902室"
    assert 1 <= len(resolution.candidates) <= 5


def test_a_missing_unit_is_safe_only_when_the_room_is_unique() -> None:
    unique = resolve(PREFIX + "南岸明珠3幢601室")
    assert (unique.category, codes(unique)) == (Category.B, {"unit_missing"})
    assert_room(unique, "B3/E2/H601")
    several = resolve(PREFIX + "南岸明珠3幢502室")
    assert several.category is Category.C
    assert "several_units" in codes(several)
    assert len(several.candidates) == 2


def test_a_unit_where_the_registry_has_none_is_safe() -> None:
    resolution = resolve(PREFIX + "南岸明珠13幢1单元501室")
    assert (resolution.category, codes(resolution)) == (Category.B, {"unit_unregistered"})
    assert_room(resolution, "B13/H501")


def test_text_that_stops_at_the_building_resolves_there() -> None:
    resolution = resolve(PREFIX + "南岸明珠3幢")
    assert (resolution.category, resolution.match_level) == (Category.A, Level.BUILDING)


def test_a_plate_is_not_its_neighbour() -> None:
    assert resolve(PREFIX + "市心北路12号").category is Category.A
    assert resolve(PREFIX + "市心北路12-1号").aid != resolve(PREFIX + "市心北路12号").aid
    unknown = resolve(PREFIX + "市心北路112号")
    assert (unknown.category, unknown.match_level, unknown.unresolved_tail) == (Category.C, Level.ROAD, "112号")


def test_a_shop_at_a_known_plate_is_safe_but_an_unknown_estate_is_not() -> None:
    shop = resolve(PREFIX + "市心北路12号老王饭店")
    assert (shop.category, codes(shop)) == (Category.B, {"place_unknown"})
    estate = resolve(PREFIX + "市心北路260号阳光花园3幢1单元502室")
    assert estate.category is Category.C


def test_a_plate_and_a_place_that_disagree_are_left_to_a_person() -> None:
    resolution = resolve(PREFIX + "市心北路12号南岸明珠3幢1单元502室")
    assert resolution.category is Category.C
    assert codes(resolution) == {"plate_and_place_disagree"}
    assert len(resolution.candidates) == 2


def test_a_plate_the_registry_lacks_forbids_linking_by_the_place() -> None:
    resolution = resolve(PREFIX + "市心北路262号南岸明珠3幢1单元502室")
    assert (resolution.category, codes(resolution)) == (Category.C, {"plate_unknown"})


def test_of_two_estates_with_one_name_the_town_decides() -> None:
    here = resolve(PREFIX + "开元小区1幢101室")
    there = resolve("浙江省杭州市萧山区瓜沥镇开元小区1幢101室")
    assert here.category is there.category is Category.A
    assert here.site_id != there.site_id


def test_of_two_estates_with_one_name_nobody_guesses() -> None:
    resolution = resolve("萧山区开元小区1幢101室")
    assert resolution.category is Category.C
    assert "several_candidates" in codes(resolution)
    assert len(resolution.candidates) == 2


def test_a_wrong_town_is_a_fault_not_a_wall() -> None:
    resolution = resolve(PREFIX + "瓜沥花园1幢101室")
    assert (resolution.category, codes(resolution)) == (Category.B, {"town_differs"})


def test_another_county_is_a_wall() -> None:
    assert resolve("浙江省杭州市西湖区南岸明珠3幢1单元502室").aid is None


def test_a_village_is_an_address_of_its_own() -> None:
    village = resolve("萧山区瓜沥镇群益村")
    assert (village.category, village.match_level) == (Category.A, Level.PLACE)
    house = resolve("浙江省杭州市萧山区瓜沥镇群益村12组34号")
    assert (house.category, house.match_level) == (Category.A, Level.DOOR_PLATE)


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("浙江省杭州市萧山区", COUNTY, Level.COUNTY),
        ("萧山区瓜沥镇", GUALI, Level.TOWN),
        ("萧山区瓜沥镇党山村", "330109113267", Level.COMMUNITY),
    ],
)
def test_text_that_reaches_a_division_resolves_to_it_without_an_aid(text: str, code: str, level: Level) -> None:
    resolution = resolve(text)
    assert (resolution.category, resolution.aid) == (Category.A, None)
    assert (resolution.division_code, resolution.match_level) == (code, level)


def test_an_unknown_place_in_a_known_town_is_unsure() -> None:
    resolution = resolve("萧山区瓜沥镇无名公寓3幢502室")
    assert (resolution.category, resolution.anchor, resolution.division_code) == (Category.C, None, GUALI)
    assert codes(resolution) == {"name_unknown"}


def test_beside_an_address_is_not_the_address() -> None:
    resolution = resolve(PREFIX + "市心北路12号对面")
    assert resolution.category is Category.C
    assert "relative" in codes(resolution)
    assert resolution.anchor is not None


def test_two_addresses_in_one_text_are_not_one() -> None:
    assert resolve(PREFIX + "南岸明珠3幢1单元502室;南岸明珠13幢501室").category is Category.C


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("3幢1单元501 502室", "several_addresses", "501、502"),
        ("13幢501 502室", "several_addresses", "501、502"),
        ("3幢1单元501室或502室", "several_addresses", "501室或502室"),
        ("3幢或13幢", "several_addresses", "3幢或13幢"),
        ("3幢1单元501、502室", "list_unknown", "501、502室"),
        ("3、13幢", "list_unknown", "3、13幢"),
    ],
)
def test_two_numbers_in_one_text_are_said_to_be_two(text: str, code: str, named: str) -> None:
    resolution = resolve(f"北干街道南岸明珠{text}")
    assert resolution.category is Category.C
    assert resolution.reasons[0].code == code
    assert named in sentence(resolution.reasons[0])
    assert resolution.anchor is None or AddressKind(resolution.anchor[0]) is not AddressKind.ROOM


def test_a_floor_and_a_number_repeated_are_no_second_room() -> None:
    for text in ("3幢1单元5层501室", "3幢1单元501 501室"):
        assert resolve(f"北干街道南岸明珠{text}").category is Category.A, text


@pytest.mark.parametrize(
    "text",
    [
        "台湾省台北市中山区市心北路12号", "臺灣省臺北市中山區市心北路12號", "台湾台北市中山区市心北路12号",
        "台北市中山区市心北路12号", "高雄市三民区市心北路12号", "花莲县市心北路12号", "香港九龙市心北路12号",
        "香港特别行政区油尖旺区市心北路12号", "中国香港市心北路12号", "澳门特别行政区市心北路12号",
        "澳门大堂区市心北路12号", "香港弥敦道500号", "香港皇后大道中99号",
        "台湾省",
    ],
)  # fmt: skip
def test_what_lies_outside_of_the_gazetteer_is_no_namesake_of_here(text: str) -> None:
    for division in (None, COUNTY):
        resolution = resolve(text, division=division)
        assert (resolution.category, resolution.aid, resolution.candidates) == (Category.D, None, ())
        assert [reason.code for reason in resolution.reasons] == ["outside"]
    assert tree_plan(PARSER.parse(text, division=COUNTY)) is None, "nor is it minted"


@pytest.mark.parametrize(
    "name",
    ["香港中路", "台湾街", "台北市民广场", "桃园市场", "高雄市政大厦", "澳门路", "香港迎宾大道", "香港花园新道"],
)
def test_names_of_here_that_begin_so_are_of_here(name: str) -> None:
    assert outside(PARSER.parse(f"{name}12号").normal) == ""


def test_a_retired_address_is_never_matched_silently() -> None:
    resolution = resolve(PREFIX + "老机械厂宿舍1幢")
    assert resolution.category is Category.C
    assert "retired" in codes(resolution)
    assert resolution.aid is None


def test_a_town_that_went_to_the_neighbour_county_is_a_known_fault() -> None:
    resolution = resolve("萧山区义蓬街道")
    assert (resolution.category, resolution.match_level) == (Category.B, Level.TOWN)
    assert resolution.division_code == "330114004000"
    assert "county_differs" in codes(resolution)


def test_a_town_that_nobody_knows_is_never_passed_over() -> None:
    resolution = resolve("萧山区无名镇")
    assert resolution.category is not Category.A
    assert "town_unknown" in codes(resolution)


def test_a_town_of_several_counties_is_only_the_one_that_the_place_lies_in() -> None:
    resolution = resolve("北山街道南岸明珠3幢1单元502室")
    assert (resolution.category, "town_unknown" in codes(resolution)) == (Category.C, True)
    assert resolve("北干街道南岸明珠3幢1单元502室").category is Category.A


def test_divisions_that_contradict_are_never_an_exact_match() -> None:
    assert resolve("宁波市萧山区北干街道南岸明珠3幢1单元502室").category is not Category.A


@pytest.mark.parametrize(
    "text", ["", " ", "无", "👍👍", "13800138000", "<script>alert(1)</script>", "'; DROP TABLE address; --",
             "=HYPERLINK(1)", "\ud800", "\u202e\u200f",
             "Room 502, Unit 2, Building 3", "地址不详", "1" * 10_000, "号" * 10_000],
)  # fmt: skip
def test_noise_is_none_and_never_an_exception(text: str) -> None:
    resolution = resolve(text)
    assert resolution.category in (Category.C, Category.D)
    assert resolution.aid is None
    assert resolution.reasons


def test_ten_thousand_characters_are_never_an_exact_match() -> None:
    assert resolve((PREFIX + "南岸明珠3幢1单元502室") * 400).aid is None


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_whatever_the_text_there_is_an_answer_with_a_reason(text: str) -> None:
    resolution = resolve(text)
    assert resolution.text == text
    assert resolution.reasons
    assert 0.0 <= resolution.score <= 1.0
    assert resolution.aid is None or resolution.category in (Category.A, Category.B)


@pytest.mark.parametrize(
    "behind", ["楼上", "车库", "之二", "A", "(现1001室)", "②", "02", "内B间"]
)  # fmt: skip
def test_what_follows_the_last_number_and_may_be_another_place_is_unsure(behind: str) -> None:
    resolution = resolve(PREFIX + "南岸明珠3幢1单元502室" + behind)
    assert resolution.category is Category.C
    assert "left_behind" in {reason.code for reason in resolution.reasons}
    assert [candidate.aid for candidate in resolution.candidates]


@pytest.mark.parametrize("behind", ["（放门口）", " 联系电话13800000000", "（快递柜）", "(一楼)"])
def test_what_the_courier_is_told_is_not_another_place(behind: str) -> None:
    assert resolve(PREFIX + "南岸明珠3幢1单元502室" + behind).category is Category.A


def test_a_dash_before_the_only_floor_may_be_a_minus() -> None:
    found = resolve(PREFIX + "南岸明珠3幢-1层")
    assert found.category is Category.C
    assert next(e.value for e in found.parsed.elements if e.name == "floor") == "-1"
    assert resolve(PREFIX + "南岸明珠3幢-1单元-502室").category is Category.A


def test_a_batch_of_known_names_asks_the_registry_at_most_twice_and_keeps_order() -> None:
    texts = [PREFIX + "南岸明珠3幢601室", "乱码", PREFIX + "市心北路12号", PREFIX + "南岸明珠3幢1单元502室"] * 25
    before = REGISTRY.calls
    answers = RESOLVER.resolve_batch(texts, REGISTRY)
    assert REGISTRY.calls - before <= 2
    assert [a.text for a in answers] == texts
    assert answers == [resolve(text) for text in texts]


def test_a_name_added_later_is_found_and_a_removed_one_is_not() -> None:
    registry = drawn()
    index = NameIndex(registry.names, GAZETTEER)
    resolver = Resolver(GAZETTEER, index)
    text = PREFIX + "新造苑1幢"
    assert resolver.resolve_batch([text], registry)[0].aid is None
    site = registry.site(C, "新造苑", BEIGAN)
    registry.below(site, "B1")
    index.add(registry.names[-1])
    assert resolver.resolve_batch([text], registry)[0].category is Category.A
    index.remove(registry.names[-1].aid)
    assert resolver.resolve_batch([text], registry)[0].aid is None


def test_a_road_keeps_its_suffix_and_an_estate_may_lose_its_own() -> None:
    index = NameIndex(REGISTRY.names, GAZETTEER)
    assert index.find("市心北", {R}, COUNTY) == []
    assert index.find("市心北大道", {R}, COUNTY) == []
    assert [n.name for n in index.find("南岸明珠小区", {C}, COUNTY)] == ["南岸明珠"]
    assert {n.division_code for n in index.find("开元", {C}, BEIGAN)} == {BEIGAN}
    assert index.counties == {"330109"}


def test_every_fault_has_its_sentence_in_both_languages() -> None:
    with data_path("matching", "costs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["code"] for row in rows}) == len(rows)
    for code, fault in faults().items():
        told = reason(code, "room", "甲", "乙")
        assert sentence(told, "zh")
        assert sentence(told, "en")
        assert fault.severity in ("inform", "warn", "error")
        assert ("{expected}" in fault.zh) == ("{expected}" in fault.en)


NUMBER = st.integers(1, 99).map(str)
ROOM = st.tuples(st.integers(1, 33), st.integers(1, 8)).map(lambda pair: f"{pair[0]}{pair[1]:02}")
PLATE = st.one_of(NUMBER, st.tuples(NUMBER, NUMBER).map("-".join), NUMBER.map("甲{}".format))
BUILDING = st.one_of(NUMBER, st.sampled_from("ABCD"))
ROAD = st.sampled_from(["市心北路", "建设四路", "金城路", "萧绍路", "通惠中路", "育才弄", "工人路", "博奥大道"])
ESTATE = st.sampled_from(["南岸明珠", "开元名都大厦", "绿都湖滨花园", "知稼苑", "三号大院", "金马公寓", "江南一品"])
TOWN = st.sampled_from(["北干街道", "城厢街道", "瓜沥镇"])
PLACES = {"county": st.just("萧山区"), "town": TOWN, "road": ROAD, "road_no": PLATE}
BUILDINGS = {"place": ESTATE, "building": BUILDING}
DEEPER = {
    "sub_place": st.sampled_from(["一期", "二期", "2期", "东区", "西区"]), "unit": st.integers(1, 9).map(str),
    "room": ROOM, "floor": st.integers(1, 33).map(str),
}  # fmt: skip
QUNYI_COLUMNS = {"county": "萧山区", "town": "瓜沥镇", "community": "群益村"}
VILLAGES = {name: st.just(text) for name, text in QUNYI_COLUMNS.items()} | {"road_no": PLATE}
COLUMNS = st.one_of(
    st.fixed_dictionaries(PLACES),
    st.fixed_dictionaries(PLACES | BUILDINGS, optional=DEEPER),
    st.fixed_dictionaries({"county": st.just("萧山区")} | BUILDINGS, optional=DEEPER),
    st.fixed_dictionaries(VILLAGES, optional={"sub_place": st.integers(1, 20).map("{}组".format)}),
)


@settings(max_examples=400)
@given(COLUMNS)
def test_what_is_printed_reads_back_as_the_same_plan(columns: dict[str, str]) -> None:
    plan = tree_plan(parsed_from_columns(columns, GAZETTEER))
    assert plan is not None
    text = standard_text(GAZETTEER, plan)
    assert tree_plan(PARSER.parse(text)) == plan, text
