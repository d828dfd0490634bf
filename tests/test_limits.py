"""How much a key may ask, what guessing costs, and that the log is sealed while the service runs: on a real socket."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from addressbook.privacy.chain import verify
from addressbook.privacy.kept_head import KeptHead
from addressbook.privacy.policy import AccessRole
from addressbook.store.engine import transaction
from api import limits
from api.limits import FailedAttempts, KeyLimits
from tests.desk import Desk, refused, served_desk
from tests.review_world import people
from tests.worlds import ROOM, SECRET, World, until

ASKED_IN_VAIN = 200
"""However slow the machine: sooner or later two come in the same third of a second."""
VIEWER, ANALYST = AccessRole.VIEWER, AccessRole.ANALYST


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    key = tmp_path / "secret.key"
    key.write_bytes(base64.b64encode(bytes(32)))
    key.chmod(0o600)
    estate.load_rows("people", people(ROOM))
    with served_desk(estate, tmp_path, key_requests_per_second=3) as desk:
        yield desk


def test_a_key_that_asks_too_much_is_told_when_to_come_again_and_others_are_answered(desk: Desk) -> None:
    answers = (desk.ask("GET", "/addresses?limit=1", VIEWER) for _ in range(ASKED_IN_VAIN))
    answer = next(answer for answer in answers if answer.status_code != 200)
    told = refused(answer, 429)
    assert (told["type"], told["title_zh"]) == ("urn:addressbook:problem:too-many-requests", "请求过于频繁")
    assert answer.headers["retry-after"] == "1"
    assert desk.ask("GET", "/addresses?limit=1", ANALYST).status_code == 200


def test_a_bucket_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    buckets = KeyLimits(2.0, clock=lambda: now[0])
    waits: list[Any] = []
    for now[0] in (0.0, 0.0, 0.0, 0.4, 0.5, 100.0, 100.0, 100.0):
        waits.append(round(buckets.wait_of(1), 3))
    assert waits == [0, 0, 0.5, 0.1, 0, 0, 0, 0.5]
    monkeypatch.setattr(limits, "MOST_KNOWN", 2)
    assert [buckets.wait_of(number) for number in (2, 3, 1)] == [0, 0, 0], "who was forgotten begins anew"


def test_guessing_is_answered_later_and_later_by_address_and_forgotten() -> None:
    now = [0.0]
    failed = FailedAttempts(clock=lambda: now[0])
    delays = [failed.delay_of("203.0.113.9") for _ in range(30)]
    assert delays[:5] == [0] * 5
    assert delays == sorted(delays)
    assert delays[-1] == 3.0
    assert failed.delay_of("203.0.113.10") == 0
    now[0] = 1000.0
    assert failed.delay_of("203.0.113.9") == 0


def test_guessing_locks_nobody_out(desk: Desk) -> None:
    """Twenty wrong keys wait for their answer, from the same address; a good one is answered before them."""
    from concurrent.futures import ThreadPoolExecutor

    order: list[str] = []

    def guess(_number: int) -> None:
        wrong = desk.client.get("/addresses?limit=1", headers={"X-API-Key": "abk_" + "A" * 43})
        order.append(f"wrong {wrong.status_code}")

    for number in range(8):
        guess(number)
    order.clear()
    with ThreadPoolExecutor(20) as guessers:
        waiting = [guessers.submit(guess, number) for number in range(20)]
        assert desk.ask("GET", "/addresses?limit=1", VIEWER).status_code == 200
        order.append("good")
        for one in waiting:
            one.result()
    assert set(order) == {"good", "wrong 401"}
    assert order.index("good") < 15
    keyless = desk.client.get("/addresses")
    assert keyless.status_code == 401


def test_what_the_service_reads_is_sealed_while_it_runs_and_its_log_says_where_the_chain_ends(desk: Desk) -> None:
    aid = desk.world.one("SELECT aid FROM link WHERE element_kind = 'person'")
    with capture_logs() as said:
        assert desk.ask("GET", f"/addresses/{aid}/view", ANALYST).status_code == 200
        until(lambda: any(line["event"] == "sealed" for line in said))
    with transaction(desk.world.engine) as connection:
        found = verify(connection, SECRET)
    assert (found.lines, found.unsealed) == (1, 0)
    assert [line["head"] for line in said if line["event"] == "sealed"] == [str(found.head)]
    assert KeptHead(desk.world.folder, SECRET).read() == found.head
