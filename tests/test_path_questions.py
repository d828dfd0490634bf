"""Questions of a batch on their way to the database and back: each is sent once, each answer is told once."""

from __future__ import annotations

from typing import Any

from addressbook.model import PathQuery
from addressbook.store.path_questions import SEPARATOR, PathQuestions

BELOW_SITE = PathQuery(7, "B3/H502")
SITE = PathQuery(7, "")
PLATE = PathQuery(None, "", "R123", "260")
LOOSE = PathQuery(7, "B3/H502", loose=True)


def _row(number: int, aid: str) -> tuple[Any, ...]:
    return number, aid, 7, "H", "B3/H502", "3幢502室", "330109001000", "current", None, None, "none", None


def test_a_question_asked_twice_is_sent_once() -> None:
    columns = PathQuestions([BELOW_SITE, PLATE, BELOW_SITE, PLATE, SITE]).columns()
    assert columns["sites"].split(SEPARATOR) == ["7", "7"]
    assert columns["paths"].split(SEPARATOR) == ["B3/H502", ""]
    assert columns["roads"] == "R123"
    assert columns["plates"] == "260"


def test_a_loose_question_is_another_than_the_one_with_the_same_path() -> None:
    assert PathQuestions([BELOW_SITE, LOOSE]).columns()["loose"].split(SEPARATOR) == ["f", "t"]


def test_answers_come_in_the_order_of_the_questions_whatever_the_order_of_the_rows() -> None:
    questions = PathQuestions([PLATE, BELOW_SITE, SITE, PLATE])
    answers = questions.answers([_row(2, "HSITE"), _row(-1, "HPLATE"), _row(1, "HBELOW")])
    assert [[hit.aid for hit in hits] for hits in answers] == [["HPLATE"], ["HBELOW"], ["HSITE"], ["HPLATE"]]


def test_an_address_that_comes_twice_is_told_once_and_several_by_their_codes() -> None:
    answers = PathQuestions([BELOW_SITE]).answers([_row(1, "HB"), _row(1, "HA"), _row(1, "HB")])
    assert [hit.aid for hit in answers[0]] == ["HA", "HB"]


def test_a_question_without_an_answer_has_none() -> None:
    assert PathQuestions([BELOW_SITE, PLATE]).answers([_row(-1, "HPLATE")])[0] == []
