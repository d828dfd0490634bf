"""The review desk against the registry, where each of them went wrong once."""

from __future__ import annotations

import pytest

from addressbook.errors import InputError, RuleError
from addressbook.model import AddressKind as Kind, Category
from addressbook.registry import requests as asked
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.doubts import doubts_of, open_doubt
from addressbook.store.engine import transaction
from addressbook.store.teaching import lesson_for
from addressbook.store.transactions import Because
from addressbook.views.ids import event_page
from tests.review_world import UNKNOWN_ROOM, ReviewDesk, people
from tests.test_registry_transactions import Registry
from tests.worlds import ESTATE, TOWN, World

SPLIT_ROOM = f"{ESTATE}3幢1单元501室"


@pytest.fixture(name="registry")
def _registry(estate: World) -> Registry:
    return Registry(estate)


def split(registry: Registry, desk: ReviewDesk, *texts: str) -> tuple[int, list[str], list[int]]:
    """A room with people in it, split in two: the event, the parts, the questions."""
    registry.world.load_rows("people", people(*texts))
    parts = (asked.Part(name="501A"), asked.Part(name="501B"))
    done = registry.do(asked.Split(aid=registry.aid("3幢1单元501室"), parts=parts))
    return done.event_id, list(done.created), desk.open()


@pytest.mark.parametrize("verdict", [Verdict.CHOSEN, Verdict.NOT_AN_ADDRESS, Verdict.NONE])
def test_a_split_is_not_taken_back_while_a_decision_answers_what_it_asked(registry: Registry, verdict: Verdict) -> None:
    desk = ReviewDesk(registry.world)
    before = desk.state()[:5]
    event, _, (first, second) = split(registry, desk, SPLIT_ROOM, SPLIT_ROOM.replace("501室", "501"))
    loaded = desk.state()[:5]
    done = desk.choose(first, "3幢1单元502室") if verdict is Verdict.CHOSEN else desk.say(first, verdict)
    with pytest.raises(RuleError, match=f"decision {done.decision_id}") as refusal:
        registry.undo(event)
    assert f"review undo {done.decision_id}" in refusal.value.remedy
    desk.undo(done.decision_id)
    assert desk.open() == [first, second]
    assert desk.state()[:5] == loaded
    registry.undo(event)
    assert desk.open() == []
    assert desk.state()[:2] == before[:2]


def test_words_that_name_nothing_teach_nothing_and_answer_for_no_other_row(registry: Registry) -> None:
    desk = ReviewDesk(registry.world)
    texts = ("同上", "同上", "见附件", "3幢502室", "3幢502室")
    waiting = desk.wait("people", people(*texts))
    assert len(waiting) == len(texts)
    done = desk.choose(waiting[0], "3幢1单元502室")
    assert (done.items, done.alias) == (1, None)
    assert desk.choose(waiting[3], "13幢1单元502室").items == 1
    assert registry.resolve("同上").category is Category.D
    assert desk.open() == [waiting[1], waiting[2], waiting[4]]
    registry.world.load_rows("people", people(*texts))
    assert desk.open() == [waiting[1], waiting[2], waiting[4]], (
        "what was decided of a row holds when it is loaded again"
    )
    estate = registry.aid("南岸明珠")
    with transaction(registry.world.engine) as connection:
        resolver = registry.resolver(connection)
        with pytest.raises(InputError, match="is no name"):
            lesson_for(connection, resolver.parser, resolver.index, estate, "空挂户")


def test_a_decision_is_not_undone_while_its_alias_goes_on_with_what_followed(registry: Registry) -> None:
    desk = ReviewDesk(registry.world)
    (item,) = desk.wait("people", people(f"{TOWN}望江新居3幢1单元502室"))
    taught = desk.choose(item, "南岸明珠3幢1单元502室")
    assert taught.alias is not None
    assert taught.alias.name == "望江新居"
    (other,) = registry.do(asked.Register(kind=Kind.COMPOUND, name="春江花园", division_code="330109002000")).created
    void = registry.do(asked.VoidDuplicate(junior=taught.alias.aid, senior=other))
    with pytest.raises(RuleError, match=f"event {void.event_id}"):
        desk.undo(taught.decision_id)
    registry.undo(void.event_id)
    desk.undo(taught.decision_id)
    assert registry.resolve(f"{TOWN}望江新居3幢1单元502室").aid is None


def test_choosing_what_was_merged_names_what_stands_there_today(registry: Registry) -> None:
    desk = ReviewDesk(registry.world)
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    one, other = (registry.aid(f"南岸明珠3幢1单元{room}室") for room in (501, 502))
    (merged,) = registry.do(asked.Merge(aids=(one, other), name="501-502")).created
    with pytest.raises(RuleError, match="retired") as refusal:
        desk.decide(item, Judgement(verdict=Verdict.CHOSEN, aid=one))
    assert merged in refusal.value.remedy.replace("-", "")


def test_numbers_of_persons_in_what_clerks_write_are_masked_at_once(registry: Registry) -> None:
    words = "业主13812345678、身份证330109199001011234来电"
    masked = "业主138****5678、身份证330**************4来电"
    because = Because("测试员", words)
    aid = registry.aid("南岸明珠3幢1单元502室")
    with transaction(registry.world.engine) as connection:
        open_doubt(connection, aid, "number", words, because)
        assert [doubt["sentence"] for doubt in doubts_of(connection, aid)] == [masked]
        assert event_page(connection)[0]["reason"] == masked
    stored = registry.world.rows("SELECT count(*) FROM registry_event e WHERE e::text LIKE '%13812345678%'")
    assert stored == [(0,)]
