"""History by contract: what was so on a day, as it was known at a moment, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from addressbook.privacy.policy import AccessRole
from addressbook.store.tables import DIVISION
from addressbook.views import address as views_of_addresses
from tests.desk import Desk, refused, served_desk
from tests.worlds import ESTATE, ROOM, World, identity_number

OTHER_ROOM = ROOM.replace("502", "501")


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    people = [
        {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": ROOM, "入住日期": "2024-01-15"},
        {"姓名": "虚构乙", "身份证号": identity_number(2), "现住地址": OTHER_ROOM},
    ]
    estate.load_rows("people", people)
    with served_desk(estate, tmp_path) as desk:
        yield desk


def now() -> str:
    return datetime.now(UTC).isoformat()


def record(desk: Desk, aid: str, **then: str) -> Any:
    return desk.ask("GET", f"/addresses/{aid}", AccessRole.ANALYST, params=then).json()["properties"]


def people(desk: Desk, aid: str, **then: str) -> int:
    answer = desk.ask("GET", f"/addresses/{aid}/view", AccessRole.ANALYST, params=then)
    assert answer.status_code == 200, answer.text
    total: int = answer.json()["counts"]["person"]["total"]
    return total


def test_a_name_is_what_it_was_on_the_day_and_as_it_was_known(desk: Desk) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    before = now()
    desk.do("rename", aid=estate, name="江南明珠苑", effective="2026-03-01")
    day_before, day_after = {"valid_at": "2026-02-28"}, {"valid_at": "2026-03-01"}
    assert record(desk, room)["standard_text"].endswith("江南明珠苑3幢1单元502室")
    assert record(desk, room, **day_after)["standard_text"].endswith("江南明珠苑3幢1单元502室")
    assert record(desk, room, **day_before)["standard_text"].endswith("南岸明珠3幢1单元502室")
    assert record(desk, room, **day_after, known_at=before)["standard_text"].endswith("南岸明珠3幢1单元502室")
    assert record(desk, estate, **day_before, known_at=now())["name"] == "南岸明珠"
    view = desk.ask("GET", f"/addresses/{room}/view", params=day_before).json()
    assert [above["name"] for above in view["ancestors"]] == ["南岸明珠", "3幢", "1单元"]


def test_who_was_at_an_address_is_one_request(desk: Desk) -> None:
    room, other = str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))
    loaded = now()
    done = desk.do("merge", aids=[room, other], name="501-502", effective="2026-03-01")
    (new,) = done["created"]
    assert (people(desk, new), people(desk, room)) == (2, 0)
    assert people(desk, room, known_at=loaded) == 1
    assert record(desk, room, known_at=loaded)["state"] == "current"
    assert record(desk, room, valid_at="2026-02-01")["state"] == "current"
    assert refused(desk.ask("GET", f"/addresses/{new}", params={"known_at": loaded}), 404)
    assert refused(desk.ask("GET", f"/addresses/{new}", params={"valid_at": "2026-02-01"}), 404)
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert (people(desk, room), people(desk, other)) == (1, 1)
    assert record(desk, new)["state"] == "void"


def test_a_merge_leaves_the_past_its_people(desk: Desk) -> None:
    rooms = [str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))]
    done = desk.do("merge", aids=rooms, name="501-502", effective="2026-03-01")
    assert people(desk, rooms[1], valid_at="2026-02-01") == 1
    assert people(desk, rooms[1], valid_at="2026-03-01") == 0
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert people(desk, rooms[1], valid_at="2026-02-01") == 1


def test_what_is_void_never_was(desk: Desk) -> None:
    (shop,) = desk.do("register", kind="P", name="便民超市", division_code="330109002000")["created"]
    desk.do("rename", aid=shop, name="便民商店", effective="2026-03-01")
    done = desk.do("void", aid=shop)
    assert refused(desk.ask("GET", f"/addresses/{shop}", params={"valid_at": "2026-02-01"}), 404)
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert record(desk, shop, valid_at="2026-02-01")["name"] == "便民超市"


def test_an_estate_is_seen_with_what_lay_in_it_then(desk: Desk) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    building = desk.ask("GET", f"/addresses/{room}/view").json()["ancestors"][1]["aid"]
    before, whole = now(), people(desk, estate)
    shop = desk.do("register", kind="C", name="望江新苑", division_code="330109002000")["created"][0]
    desk.do("reparent", aid=building, parent_aid=shop, effective="2026-05-01")
    assert (people(desk, estate), people(desk, shop)) == (0, whole)
    assert people(desk, estate, known_at=before) == whole
    then = desk.ask("GET", f"/addresses/{estate}/view", params={"known_at": before}).json()
    assert building in [child["aid"] for child in then["children"]["items"]]
    assert record(desk, room, valid_at="2026-04-30")["standard_text"].endswith("南岸明珠3幢1单元502室")


def test_an_area_is_counted_as_it_was(desk: Desk) -> None:
    estate = str(desk.resolve(ESTATE))
    towns = {"330109001000": "城厢街道", "330109002000": "北干街道", "330109000000": "萧山区"}
    with desk.world.engine.begin() as connection:
        for code, name in towns.items():
            parent, level = ("330100000000", "county") if code.endswith("000000") else ("330109000000", "town")
            row = {"code": code, "name": name, "level": level, "parent_code": parent, "valid_from": date(1, 1, 1)}
            connection.execute(insert(DIVISION).values(**row))
    before = now()

    def counts(code: str, **then: str) -> tuple[int, int]:
        view = desk.ask("GET", f"/areas/{code}/view", AccessRole.ANALYST, params=then).json()
        return view["addresses"]["total"], view["elements"]["person"]["total"]

    today = counts("330109002")
    assert counts("330109002", known_at=before) == today
    desk.do("rezone", aid=estate, division_code="330109001000", effective="2026-04-01")
    moved = counts("330109001")
    assert moved[1] == 2
    assert counts("330109002", known_at=before) == today
    assert counts("330109002", valid_at="2026-03-31") == today
    assert counts("330109001", valid_at="2026-04-01") == moved
    view = desk.ask("GET", "/areas/330109/view", AccessRole.ANALYST, params={"known_at": before}).json()
    parts = {child["code"]: child["counts"]["address"]["total"] for child in view["children"]}
    assert (parts["330109002000"], parts["330109001000"]) == (today[0], 0)


def test_what_nobody_can_know_is_refused(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    for path, params, status in (
        (f"/addresses/{room}", {"valid_at": later[:10]}, 400),
        (f"/addresses/{room}", {"known_at": later}, 400),
        (f"/addresses/{room}", {"valid_at": "1200-01-01"}, 400),
        (f"/addresses/{room}", {"valid_at": "yesterday"}, 422),
        (f"/addresses/{room}", {"known_at": "2026-01-01T00:00:00"}, 422),
        ("/addresses", {"valid_at": "2026-01-01"}, 400),
        ("/resolve", {"text": ROOM, "known_at": "2026-01-01T00:00:00Z"}, 400),
        (f"/addresses/{room}", {"known_at": "2001-01-01T00:00:00Z"}, 404),
        (f"/addresses/{room}", {"known_at": "0001-01-01T00:00:00+14:00"}, 400),
    ):
        refused(desk.ask("GET", path, params=params), status)


def view(desk: Desk, aid: str, **then: str) -> Any:
    answer = desk.ask("GET", f"/addresses/{aid}/view", AccessRole.ANALYST, params=then)
    assert answer.status_code == 200, answer.text
    return answer.json()


def happened(desk: Desk, aid: str, **then: str) -> list[str]:
    """The kinds of events that a view tells of."""
    return [event["kind"] for event in view(desk, aid, **then)["history"]["items"]]


def test_a_view_tells_what_became_of_an_address_as_its_code_does(desk: Desk) -> None:
    """Merged, and what it was merged into split again: every step of the chain, in one request."""
    rooms = [str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))]
    merged = desk.do("merge", aids=rooms, name="501-502", effective="2026-03-01")
    (middle,) = merged["created"]
    split = desk.do("split", aid=middle, parts=[{"name": "511"}, {"name": "512"}], effective="2026-05-01")
    for aid in (*rooms, middle, *split["created"]):
        told, of_code = view(desk, aid), desk.ask("GET", f"/ids/{aid}", AccessRole.VIEWER).json()
        assert told["lineage"]["successors"] == of_code["successors"]
        before = [{name: step[name] for name in ("aid", "printed", "relation", "event_id")}
                  for step in told["lineage"]["predecessors"]]  # fmt: skip
        assert sorted(before, key=lambda step: step["aid"]) == of_code["predecessors"]
        assert told["history"]["items"] == of_code["events"][::-1]
        assert not told["lineage"]["truncated"]
        assert not told["history"]["truncated"]
    chain = view(desk, rooms[0])["lineage"]["successors"]
    assert [(step["of"], step["aid"]) for step in chain[:1]] == [(rooms[0], middle)]
    assert {step["aid"] for step in chain[1:]} == set(split["created"])
    assert [step["state"] for step in chain] == ["retired", "current", "current"]
    assert chain[1]["standard_text"].endswith("室")
    from_both = view(desk, middle)["lineage"]["predecessors"]
    assert {(step["aid"], step["relation"], step["state"]) for step in from_both} == {
        (room, "merged", "retired") for room in rooms
    }
    assert [event["kind"] for event in view(desk, middle)["history"]["items"]] == ["split", "merge"]


def test_an_address_tells_since_when_it_is_there_and_since_when_in_its_state(desk: Desk) -> None:
    (shop,) = desk.do("register", kind="P", name="便民超市", division_code="330109002000", effective="2020-05-01")[
        "created"
    ]

    def since(**then: str) -> tuple[str, str, str]:
        told = view(desk, shop, **then)
        return told["state"], told["existed_since"], told["state_since"]

    assert since() == ("current", "2020-05-01", "2020-05-01")
    desk.do("rename", aid=shop, name="便民商店", effective="2026-03-01")
    assert view(desk, shop)["valid_from"] == "2026-03-01", "of its name"
    assert since() == ("current", "2020-05-01", "2020-05-01")
    before = now()
    done = desk.do("retire", aid=shop, effective="2026-05-01")
    assert since() == ("retired", "2020-05-01", "2026-05-01")
    assert since(valid_at="2026-04-30") == since(known_at=before) == ("current", "2020-05-01", "2020-05-01")
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert since() == ("current", "2020-05-01", "2020-05-01")
    done = desk.do("void", aid=shop)
    assert since() == ("void", None, None), "it never was: its history says since when that is known"
    assert happened(desk, shop) == ["void", "revert", "retire", "rename", "register"]


def test_of_what_nobody_knows_since_when_it_is_there_the_view_does_not_say(desk: Desk) -> None:
    (shop,) = desk.do("register", kind="P", name="便民超市", division_code="330109002000")["created"]
    told = view(desk, shop)
    assert (told["existed_since"], told["state_since"]) == (None, None)
    desk.do("retire", aid=shop, effective="2026-05-01")
    told = view(desk, shop)
    assert (told["existed_since"], told["state_since"], told["valid_from"]) == (None, "2026-05-01", "2026-05-01")


def test_of_a_past_time_a_view_tells_nothing_that_came_later(desk: Desk) -> None:
    rooms = [str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))]
    before = now()
    done = desk.do("merge", aids=rooms, name="501-502", effective="2026-03-01")
    merged = now()
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    room, (new,) = rooms[0], done["created"]
    for then in ({"known_at": before}, {"valid_at": "2026-02-28"}):
        told = view(desk, room, **then)
        assert (told["lineage"]["successors"], told["state"]) == ([], "current")
        assert "merge" not in happened(desk, room, **then)
    at_that_time = view(desk, room, known_at=merged)
    assert [step["aid"] for step in at_that_time["lineage"]["successors"]] == [new]
    assert (at_that_time["state"], at_that_time["state_since"]) == ("retired", "2026-03-01")
    assert happened(desk, room, known_at=merged)[0] == "merge"
    assert [step["aid"] for step in view(desk, new, known_at=merged)["lineage"]["predecessors"]] == sorted(rooms)
    assert view(desk, room)["lineage"]["successors"] == [], "the merge was taken back"
    assert happened(desk, room)[:2] == ["revert", "merge"]
    assert view(desk, new)["lineage"]["predecessors"] == []


def test_a_duplicate_leads_to_its_senior_and_a_long_history_is_cut(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shops = [
        desk.do("register", kind="P", name=name, division_code="330109002000")["created"][0]
        for name in ("便民超市", "便民大超市")
    ]
    for name in ("甲超市", "乙超市", "丙超市"):
        desk.do("rename", aid=shops[0], name=name)
    desk.do("void_duplicate", junior=shops[1], senior=shops[0])
    (step,) = view(desk, shops[1])["lineage"]["successors"]
    assert (step["aid"], step["relation"], step["state"]) == (shops[0], "same_as", "current")
    (step,) = view(desk, shops[0])["lineage"]["predecessors"]
    assert (step["aid"], step["relation"], step["state"]) == (shops[1], "same_as", "void")
    whole = view(desk, shops[0])["history"]["items"]
    assert [event["event_id"] for event in whole] == sorted((event["event_id"] for event in whole), reverse=True)
    monkeypatch.setattr(views_of_addresses, "LIST_LIMIT", 2)
    cut = view(desk, shops[0])["history"]
    assert (cut["truncated"], cut["items"]) == (True, whole[:2])
