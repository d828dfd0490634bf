"""Outside codes: what one may look like, whose it is and when, both ways."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from addressbook.errors import FieldError
from addressbook.privacy.policy import AccessRole
from addressbook.registry.schemes import ESTATE_UNIT, HOUSE_CODE, check_character, checked
from tests.desk import Desk, refused, served_desk
from tests.worlds import ESTATE, ROOM, Terminal, World

BODIES = st.text("0123456789", min_size=22, max_size=22)


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


@given(BODIES, st.integers(0, 21), st.integers(1, 9))
def test_a_house_code_with_one_digit_wrong_is_refused(body: str, place: int, step: int) -> None:
    code = body + check_character(body)
    assert checked(HOUSE_CODE, f" {code[:9]}-{code[9:]} ") == (HOUSE_CODE, code)
    wrong = code[:place] + str((int(code[place]) + step) % 10) + code[place + 1 :]
    with pytest.raises(FieldError, match="check character"):
        checked(HOUSE_CODE, wrong)


def test_the_check_is_that_of_the_standards() -> None:
    # A flat of the appendix of JGJ/T 246, and an identity number of GB 11643, whose check is the same.
    assert check_character("1101010102020000910001") == "2"
    assert check_character("11010519491231002") == "X"


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        (HOUSE_CODE, "123"), (ESTATE_UNIT, "330109"), (ESTATE_UNIT, "330109001001GB00001X00010001"),
        ("25位编码", "1" * 24), ("", "1"), ("网格", ""), ("网格", "x" * 101), ("网格", "a\nb"),
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused(scheme: str, value: str) -> None:
    with pytest.raises(FieldError):
        checked(scheme, value)


def test_a_code_leads_to_its_address_and_back_while_it_is_in_force(desk: Desk) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    unit = "330109001001GB00001F00010001"
    body = {"aid": room, "scheme": ESTATE_UNIT, "value": unit, "reason": "不动产登记"}
    assert desk.ask("POST", "/identifiers", json={**body, "valid_from": "2024-05-01"}).status_code == 200
    (found,) = desk.ask("GET", "/identifiers", AccessRole.VIEWER, params={"value": unit}).json()["items"]
    assert (found["aid"], found["valid_from"], found["valid_to"]) == (room, "2024-05-01", None)
    (back,) = desk.ask("GET", "/identifiers", AccessRole.VIEWER, params={"aid": room}).json()["items"]
    assert back["value"] == unit
    told = refused(desk.ask("POST", "/identifiers", json={**body, "aid": estate}), 409)
    assert (told["rule"], "已属于" in told["detail_zh"]) == ("held", True)
    assert desk.ask("POST", "/identifiers/endings", json={**body, "valid_to": "2025-01-01"}).status_code == 200
    refused(desk.ask("POST", "/identifiers/endings", json=body), 404)
    assert desk.ask("POST", "/identifiers", json={**body, "aid": estate}).status_code == 200
    codes = desk.ask("GET", "/identifiers", params={"value": unit}).json()["items"]
    assert [(row["aid"], row["valid_to"]) for row in codes] == [(estate, None), (room, "2025-01-01")]
    view = desk.ask("GET", f"/addresses/{room}/view", params={"valid_at": "2024-06-01"}).json()
    assert [entry["value"] for entry in view["identifiers"]] == [unit]
    refused(desk.ask("POST", "/identifiers", AccessRole.ANALYST, json=body), 403)
    refused(desk.ask("POST", "/identifiers", json={**body, "value": "330109"}), 400)
    refused(desk.ask("GET", "/identifiers"), 400)


def test_the_command_line_gives_finds_and_ends_a_code(desk: Desk, tmp_path: Path) -> None:
    room = str(desk.resolve(ROOM))
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    assert terminal.run("identifier", "give", room, "网格", "G-0817", "--reason", "网格划分").code == 0
    assert room[:4] in terminal.run("identifier", "find", "G-0817").out
    assert terminal.run("identifier", "end", room, "网格", "G-0817", "--reason", "网格调整").code == 0
    assert terminal.run("identifier", "end", room, "网格", "G-0817", "--reason", "网格调整").code == 4


def test_the_bridge_of_a_scheme_leads_to_what_stands_today(desk: Desk, tmp_path: Path) -> None:
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    one, other = (str(desk.resolve(f"{ESTATE}3幢1单元{room}室")) for room in (501, 502))
    for aid, value in ((one, "G-1"), (other, "G-2")):
        assert terminal.run("identifier", "give", aid, "网格", value, "--reason", "网格划分").code == 0
    assert terminal.run("identifier", "end", other, "网格", "G-2", "--reason", "网格调整").code == 0
    merged = terminal.run("registry", "merge", one, other, "--name", "501-502", "--reason", "打通")
    assert merged.code == 0, merged.err
    out = tmp_path / "home" / "bridge.csv"
    assert terminal.run("export", "bridge", "--scheme", "网格", "-o", out).code == 0
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    today = {row["aid"] for row in rows}
    assert [(row["value"], row["state"], bool(row["valid_to"])) for row in rows] == [
        ("G-1", "current", False), ("G-2", "current", True),
    ]  # fmt: skip
    assert len(today) == 1
    assert today.isdisjoint({one, other})
    assert terminal.run("export", "bridge", "--scheme", "无此", "-o", out).code == 4
    assert terminal.run("export", "bridge", "-o", out).code == 2
