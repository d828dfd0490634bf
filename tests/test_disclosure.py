"""Who may not see persons learns of none from counts: not from small ones, not from differences, not from any of it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from shapely.geometry import box, mapping
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook.privacy.disclosure import CELLS_OF_A_LINK, ODDS, SCALE, Noise, at_address
from addressbook.privacy.policy import SMALLEST_COUNT_SHOWN, AccessRole, Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.squares import mark_stale, refresh_tiles
from addressbook.views.address import address_view
from addressbook.views.area import area_view, children_features, drawn_view
from addressbook.views.outline import read_outline
from addressbook.views.protected import Protected
from tests.small_world import COUNTY, HERE, NAMES, SECRET, THERE, TOWN, World

VIEWER, PUBLIC = Reader(AccessRole.VIEWER), Reader(AccessRole.PUBLIC)
CHANCE = ODDS / (1 + ODDS)
"""What docs/privacy.md states: whoever knows everything but one link is right about it at most so often."""
SIX_SIGMA = 6
BASE = (120.0, 30.0)


class Estate:
    """Sixty homes in two communities, 20 m apart, each with two people; and one home whose people are in question."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.top = world.address("C", "小区", point=self.spot(30))
        self.building = world.address("B", "1幢", "B1", top=self.top, parent=self.top, point=self.spot(30))
        for number in range(60):
            division = HERE if number % 2 else THERE
            at = world.address("H", f"{number}室", point=self.spot(number), division=division)
            world.person(at=at, division=division)
            world.person(at=at, division=division, category="流动")
        self.home = world.address(
            "H", "101室", "B1/H101", top=self.top, parent=self.building, point=self.spot(30)
        )  # fmt: skip

    @staticmethod
    def spot(number: int) -> tuple[float, float]:
        return round(BASE[0] + number * 0.0002, 7), round(BASE[1] + number % 7 * 0.0003, 7)

    def move_in(self) -> None:
        """The person in question."""
        self.world.person(at=self.home, top=self.top)
        self.world.finish()
        self.world.counts.clear()


@pytest.fixture(scope="module", name="made")
def _made(make_database: Callable[[], str]) -> Iterator[tuple[Engine, Estate]]:
    engine = create_engine(make_database())
    with engine.begin() as connection:
        world = World(connection)
        world.put("source", source_id=1, name="测试", kind="addresses")
        world.put("registry_event", event_id=1, kind="mint", actor="test", reason="", source_document="")
        for code in NAMES:
            world.division(code)
        world.area("cell", "grid", (119.99, 29.99, 120.1, 30.1), parent_code=COUNTY)
        estate = Estate(world)
        world.finish()
        world.counts.clear()
    refresh_tiles(engine)
    yield engine, estate
    engine.dispose()


@pytest.fixture(name="estate")
def _estate(made: tuple[Engine, Estate]) -> Iterator[Estate]:
    with made[0].connect() as connection:
        made[1].world.connection = connection
        yield made[1]


def drawn(connection: Connection, shape: Any, reader: Reader = VIEWER, secret: Secret = SECRET) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [[list(p) for p in ring] for ring in mapping(shape)["coordinates"]]}
    found: dict[str, Any] = drawn_view(connection, read_outline(geometry), reader, secret=lambda: secret)
    return found


def people(connection: Connection, shape: Any) -> dict[str, Any]:
    found: dict[str, Any] = drawn(connection, shape)["elements"]["person"]
    return found


def test_hundreds_of_outlines_around_a_home_differ_in_nothing_smaller_than_a_square(estate: Estate) -> None:
    """Whether somebody lives there or not: which squares have their middle inside decides the whole answer."""
    rng, (x, y) = random.Random(1), estate.spot(30)  # noqa: S311
    for _ in range(2):
        answers: dict[tuple[tuple[int, int], ...], dict[str, Any]] = {}
        for _ in range(200):
            west, south, east, north = (rng.uniform(1e-5, 0.004) for _ in range(4))
            shape = box(x - west, y - south, x + east, y + north)
            middles = tuple(
                (i, j) for i in range(47990, 48010) for j in range(11990, 12010)
                if shape.contains(box((i + 0.5) / 400, (j + 0.5) / 400, (i + 0.5) / 400, (j + 0.5) / 400).centroid)
            )  # fmt: skip
            found = people(estate.world.connection, shape)
            assert answers.setdefault(middles, found) == found
        assert len(answers) < 40
        estate.move_in()


def test_the_same_question_has_the_same_answer_and_another_secret_has_another(estate: Estate) -> None:
    connection, shape = estate.world.connection, box(119.99, 29.99, 120.1, 30.1)
    first, again = people(connection, shape), people(connection, shape)
    others = {drawn(connection, shape, secret=Secret(bytes([n]) * 32))["elements"]["person"]["total"] for n in range(8)}
    assert first == again
    assert len(others) > 3


def test_the_answer_is_the_same_whether_squares_are_counted_already_or_not(estate: Estate) -> None:
    connection, shape = estate.world.connection, box(119.99, 29.99, 120.1, 30.1)
    fresh = people(connection, shape)
    for stale in ([HERE], [HERE, THERE, TOWN]):
        mark_stale(connection, stale)
        assert people(connection, shape) == fresh


def test_a_whole_is_the_sum_of_its_parts(estate: Estate) -> None:
    protected = Protected(estate.world.connection, Noise(SECRET))
    found = protected.of_divisions([COUNTY, TOWN, HERE, THERE])
    own = [protected.of_divisions([code])[code] for code in (COUNTY, TOWN, HERE, THERE)]
    assert found[COUNTY] == own[0]
    assert found[HERE] == own[2]
    assert protected.of_divisions([HERE, THERE]) == {code: found[code] for code in (HERE, THERE)}
    left, right = box(119.99, 29.99, 120.005, 30.1), box(120.005, 29.99, 120.1, 30.1)
    parts = [protected.of_outlines([], wkb(shape))[""] for shape in (left, right)]
    whole = protected.of_outlines([], wkb(box(119.99, 29.99, 120.1, 30.1)))[""]
    assert whole.roles == {name: sum(part.roles[name] for part in parts) for name in whole.roles}


def wkb(shape: Any) -> bytes:
    return read_outline({"type": "Polygon", "coordinates": [[list(p) for p in shape.exterior.coords]]}).wkb


def test_views_children_and_cells_tell_the_same_of_the_same(estate: Estate) -> None:
    connection = estate.world.connection
    town = area_view(connection, TOWN, PUBLIC, secret=lambda: SECRET)
    county = area_view(connection, COUNTY, VIEWER, secret=lambda: SECRET)
    child = next(child for child in county["children"] if child["code"] == TOWN)
    assert child["counts"]["person"]["total"] == town["elements"]["person"]["total"]
    features = children_features(connection, COUNTY, PUBLIC, lambda: SECRET)["features"]
    told = {each["id"]: each["properties"]["counts"]["person"] for each in features}
    assert told[TOWN] == child["counts"]["person"]
    cell = area_view(connection, "cell", PUBLIC, secret=lambda: SECRET)["elements"]["person"]
    assert told["cell"]["total"] == cell["total"]
    assert cell == people(connection, box(119.99, 29.99, 120.1, 30.1))


def test_a_list_names_what_the_registry_has_not_what_the_area_has(estate: Estate) -> None:
    nowhere = people(estate.world.connection, box(0, 0, 1, 1))
    assert set(nowhere["categories"]) == {"常住", "流动"}
    assert nowhere["months"] == []


def test_rates_are_of_the_published_residents(estate: Estate) -> None:
    view = drawn(estate.world.connection, box(119.99, 29.99, 120.1, 30.1))
    assert view["residents"] == view["elements"]["person"]["roles"]["residence"]


def test_a_past_day_tells_no_count_of_people(estate: Estate) -> None:
    from datetime import UTC, datetime

    from addressbook.store.reading import as_of

    then = as_of(estate.world.connection, datetime.now(UTC).date(), None)
    found = area_view(estate.world.connection, COUNTY, PUBLIC, then=then, secret=lambda: SECRET)["elements"]["person"]
    assert (found["total"], found["located"]) == (None, None)


def test_a_home_tells_nothing_and_a_building_its_noisy_count(estate: Estate) -> None:
    connection = estate.world.connection
    for lived_in in (0, 1):
        home = address_view(connection, estate.home, VIEWER, secret=lambda: SECRET)["counts"]["person"]
        assert (home["total"], home["distinct"]) == (None, None)
        found = address_view(connection, estate.building, VIEWER, secret=lambda: SECRET)["counts"]["person"]["total"]
        assert found == at_address(Noise(SECRET), estate.building, "B", lived_in, is_top=False)
        estate.move_in()


def test_published_counts_are_near_and_none_is_small() -> None:
    noises = [Noise(Secret(number.to_bytes(32))) for number in range(2000)]
    drawn = [noise.counted("division 1", "role", 1000) - 1000 for noise in noises]
    spread = math.sqrt(2 * math.exp(-SCALE)) / (1 - math.exp(-SCALE))
    assert abs(sum(drawn)) < SIX_SIGMA * spread * math.sqrt(len(drawn))
    assert 0.9 < math.sqrt(sum(each**2 for each in drawn) / len(drawn)) / spread < 1.1
    shown = [at_address(noise, "a", "B", 0, is_top=False) for noise in noises]
    assert all(each is None or each >= SMALLEST_COUNT_SHOWN for each in shown)
    assert sum(each is None for each in shown) > 0.85 * len(shown)


def test_who_sees_every_noisy_cell_and_knows_all_others_is_right_no_oftener_than_is_stated() -> None:
    """The strongest attacker there is: the six cells themselves, of which any answer is a sum, and their true counts
    without the person. The best guess there can be is by the likelihoods."""
    trials, right = 4000, 0
    others = (0, 3, 40, 41, 7, 600)
    assert len(others) == CELLS_OF_A_LINK
    for number in range(trials):
        noise, there = Noise(Secret(number.to_bytes(32))), number % 2
        seen = [noise.counted(f"part {cell}", "", count + there) for cell, count in enumerate(others)]
        without = sum(abs(value - count) for value, count in zip(seen, others, strict=True))
        within = sum(abs(value - count - 1) for value, count in zip(seen, others, strict=True))
        guess = within < without or (within == without and number % 3 == 0)
        right += guess == bool(there)
    assert right / trials < CHANCE
    assert right / trials > 0.5  # it is noise, not nothing: the chance that is stated is no empty promise


def test_who_asks_through_the_views_is_right_no_oftener_either(estate: Estate) -> None:
    """Everything the views tell of where the person would be, subtracted from each other, against what is known."""
    connection, trials, right = estate.world.connection, 24, 0
    x, y = estate.spot(30)
    shapes = [box(x - 0.003, y - 0.003, x + 0.003, y + 0.003), box(x - 0.008, y - 0.008, x + 0.008, y + 0.008)]
    secrets = [Secret(bytes([number, 7]) * 16) for number in range(trials)]
    told = {there: [] for there in (False, True)}  # type: dict[bool, list[list[int]]]
    for there in (False, True):
        if there:
            estate.move_in()
        for secret in secrets:
            told[there].append(answers(connection, estate, shapes, secret))
    levels = [sum(column) / len(column) for column in zip(*told[False], *told[True], strict=True)]
    for there, all_seen in told.items():
        for seen in all_seen:
            above = sum(value > level for value, level in zip(seen, levels, strict=True))
            right += (2 * above > len(levels)) == there
    assert right / (2 * trials) < CHANCE + 0.15  # 48 trials: two standard deviations


def answers(connection: Connection, estate: Estate, shapes: list[Any], secret: Secret) -> list[int]:
    """Every count of people that a viewer is told there, and differences of them."""
    counts: list[int] = []
    for view in [area_view(connection, code, VIEWER, secret=lambda: secret) for code in (COUNTY, TOWN, HERE, "cell")]:
        counts += numbers(view["elements"]["person"])
    for shape in shapes:
        counts += numbers(drawn(connection, shape, secret=secret)["elements"]["person"])
    for aid in (estate.top, estate.building):
        counts.append(address_view(connection, aid, VIEWER, secret=lambda: secret)["counts"]["person"]["total"] or 0)
    return [*counts, *(a - b for a, b in zip(counts, counts[7:], strict=False))]


def numbers(found: dict[str, Any]) -> list[int]:
    """The counts of persons of an area, 0 for those withheld."""
    told = [found["total"], found["located"], *found["roles"].values(), *found["categories"].values()]
    return [count or 0 for count in told]


def test_a_square_that_nobody_lives_in_has_noise_as_any_other(estate: Estate) -> None:
    connection = estate.world.connection
    connection.execute(text("DELETE FROM link WHERE element_kind = 'person'"))
    mark_stale(connection, [HERE, THERE, TOWN])
    protected = Protected(connection, Noise(SECRET)).of_outlines([], wkb(box(119.99, 29.99, 120.1, 30.1)))[""]
    assert any(protected.roles.values())
