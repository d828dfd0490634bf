"""No text is expensive: patterns that cannot go astray, and work that grows with the text and not with its square."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from re import _constants as op, _parser as syntax  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

import pytest

from addressbook.divisions import Gazetteer
from addressbook.masking import Own, masked
from addressbook.match.compare import compare
from addressbook.normalise import normalise
from addressbook.parse import Parser

PARTS = ("addressbook.normalise", "addressbook.match", "addressbook.masking")
"""Those that read texts of any length; the parser reads the first few hundred characters of a text and no more."""
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
UNITS = [
    "一,",
    "百至",
    "~五",
    "廿、",
    "1-",
    "3一",
    "八",
    "(",
    "II",
    " ",
    "号",
    "路",
    "萧山",
    "第1",
    "地下",
    "(1)",
    "、1、",
    "谢谢",
    "139 ",
    "110101-1990",
    "8-1 ",
    "13912345678,",
    "甲乙丙 ",
]
TWICE = 2.3
PARSER = Parser(Gazetteer.shipped(), None)


def modules_of(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    for found in pkgutil.iter_modules(root.__path__, f"{package}."):
        yield importlib.import_module(found.name)


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern of a module: its own, those in a tuple of steps, and those a function without arguments makes."""
    for module in (module for package in PARTS for module in modules_of(package)):
        for name, value in vars(module).items():
            if callable(value) and hasattr(value, "cache_info") and not value.__wrapped__.__code__.co_argcount:
                value = value()
            yield from ((f"{module.__name__}.{name}", found) for found in flat(value) if isinstance(found, re.Pattern))


def flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        for part in value:
            yield from flat(part)
    else:
        yield value


def astray(parsed: Any, *, repeated: bool = False, looking: bool = False) -> Iterator[str]:
    """Repeats without an end inside a repeat or a look-around: each place of a text may then read all the rest."""
    for kind, argument in parsed:
        if kind in REPEATS:
            endless = argument[1] == op.MAXREPEAT
            if endless and (repeated or looking):
                yield "a repeat without an end inside " + ("another" if repeated else "a look-around")
            yield from astray(argument[2], repeated=repeated or endless, looking=looking)
        elif kind is op.SUBPATTERN:
            yield from astray(argument[-1], repeated=repeated, looking=looking)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from astray(argument[1], repeated=repeated, looking=True)
        elif kind is op.BRANCH:
            yield from (fault for way in argument[1] for fault in astray(way, repeated=repeated, looking=looking))


def faults_of(pattern: str) -> list[str]:
    return list(astray(syntax.parse(pattern)))


def test_no_pattern_that_reads_whole_texts_can_go_astray() -> None:
    found = dict(patterns())
    assert len(found) > 10
    assert {name: faults_of(pattern.pattern) for name, pattern in found.items() if faults_of(pattern.pattern)} == {}


@pytest.mark.parametrize("pattern", ["(a+)+b", "(?:a,?)*(?=(?:x[0-9]*)*y)", "一(?=(?:[,、]一)*号)"])
def test_a_pattern_that_goes_astray_is_found_out(pattern: str) -> None:
    assert faults_of(pattern)


def test_a_harmless_pattern_is_not() -> None:
    assert [faults_of(pattern) for pattern in (" +", "^(.*?)号?$", "(?=(?:,一){0,19}号)", "[0-9]{1,7}")] == [[]] * 4


def work(function: Callable[[str], object], text: str) -> int:
    """How many calls, of Python and of C, a function makes for a text: the same on every machine."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event.endswith("call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        function(text)
    finally:
        sys.setprofile(before)
    return count


@cache
def room() -> Any:
    return PARSER.parse("萧山区市心北路260号南岸明珠3幢1单元502室")


def compared(text: str) -> object:
    return compare(PARSER.parse(text), room())


def hidden(text: str) -> object:
    return masked(text, Own("甲乙丙", "110101199003070097", "13912345678")).quote(text)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("function", "length"), [(normalise, 1500), (compared, 1500), (hidden, 1500)], ids=["normalise", "compare", "mask"]
)
def test_twice_the_text_is_no_more_than_twice_the_work(
    function: Callable[[str], object], length: int, unit: str
) -> None:
    once, twice = (unit * (length * times // len(unit)) for times in (1, 2))
    function(once), function(twice)  # what is remembered from the first time is no work of the second
    first = work(function, once)
    assert work(function, twice) <= TWICE * first + 500
