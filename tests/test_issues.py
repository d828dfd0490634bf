"""Instructive cases of the matcher, a folder each in tests/issues/: a registry, and texts with what is right for them.

What is right is decided by DESIGN section 4, not by what the matcher does. A step that the matcher fails today says so
with `expected_failure = "why"`; it fails here on the day the matcher gets it right, so that the note is taken out.
tests/issues/README.md says what a `case.toml` holds.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, Resolver
from addressbook.match.reasons import faults as known_reasons
from addressbook.model import Resolution
from addressbook.store.aliases import remember_alias, withdraw_alias
from addressbook.store.engine import transaction
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from addressbook.store.teaching import lesson_for
from tests.worlds import World

FOLDER = Path(__file__).resolve().parent / "issues"
FOLDER_NAME = re.compile(r"\d{3}-[a-z0-9]+(-[a-z0-9]+)*")
GAZETTEER = Gazetteer.shipped()
CATEGORIES = tuple("ABCD")


@dataclass(frozen=True)
class Step:
    """A question with what is right for it; or a decision, `learn` or `withdraw`, on the address `means`."""

    ask: str = ""
    category: str = ""
    found: str = ""
    anchor: str = ""
    tail: str = ""
    first: str = ""
    reasons: list[str] = field(default_factory=list)
    learn: str = ""
    withdraw: str = ""
    means: str = ""
    expected_failure: str = ""

    def __post_init__(self) -> None:
        assert sum(map(bool, (self.ask, self.learn, self.withdraw))) == 1, "a step asks, learns or withdraws"
        if self.ask:
            assert self.category in CATEGORIES, self
            assert bool(self.found) == (self.category in "AB"), "A and B name the one address, C and D none"
            assert set(self.reasons) <= set(known_reasons()), self.reasons
        else:
            assert self.means, "a decision is about an address"


@dataclass(frozen=True)
class Case:
    """A case as its file has it."""

    title: str
    why: str
    addresses: list[str]
    steps: list[Step]
    division: str | None = None

    @classmethod
    def read(cls, folder: Path) -> Case:
        """The case of a folder; a key that is not known is an error, for it would claim nothing."""
        given = tomllib.loads((folder / "case.toml").read_text("utf-8"))
        return cls(steps=[Step(**step) for step in given.pop("step")], **given)


@dataclass(frozen=True)
class Registry:
    """The registry of a case: what a text means in it, and which address a standard text is."""

    world: World
    division: str | None

    def resolve(self, words: str) -> Resolution:
        with transaction(self.world.engine) as connection:
            resolver = Resolver(GAZETTEER, NameIndex(read_names(connection)[0], GAZETTEER))
            return resolver.resolve_batch([words], SqlPathLookup(connection), division=self.division)[0]

    def called(self, aid: str | None) -> str:
        return {aid: words for words, aid in self.world.addresses().items()}.get(aid or "", "")

    def learn(self, words: str, means: str) -> None:
        with transaction(self.world.engine) as connection:
            resolver = Resolver(GAZETTEER, NameIndex(read_names(connection)[0], GAZETTEER))
            lesson = lesson_for(connection, resolver.parser, resolver.index, self.world.addresses()[means], words)
            remember_alias(connection, lesson, actor="test", reason="a case")

    def withdraw(self, name: str, means: str) -> None:
        with transaction(self.world.engine) as connection:
            withdraw_alias(connection, self.world.addresses()[means], name, actor="test", reason="a case")


def folders() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_case(folder: Path, world: World) -> None:
    case = Case.read(folder)
    world.texts(case.addresses)
    assert world.rows("SELECT received FROM source_row WHERE outcome <> 'linked'") == [], "every row is an address"
    registry = Registry(world, case.division)
    complaints = [complaint for step in case.steps for complaint in complaints_of(step, take(step, registry))]
    assert complaints == [], case.title


def take(step: Step, registry: Registry) -> list[str]:
    """What is not right after this step."""
    if step.learn:
        registry.learn(step.learn, step.means)
    elif step.withdraw:
        registry.withdraw(step.withdraw, step.means)
    else:
        return differences(step, registry.resolve(step.ask), registry)
    return []


def differences(step: Step, answer: Resolution, registry: Registry) -> list[str]:
    first = registry.called(answer.candidates[0].aid) if answer.candidates else ""
    pairs = {
        "category": (step.category, str(answer.category)),
        "found": (step.found, registry.called(answer.aid)),
        "anchor": (step.anchor, registry.called(answer.anchor)),
        "tail": (step.tail, answer.unresolved_tail),
        "first": (step.first, first),
    }
    always = {"category", "found"}
    wrong = [
        f"{name}: {is_now!r} for {right!r}"
        for name, (right, is_now) in pairs.items()
        if (right or name in always) and right != is_now
    ]
    missing = sorted(set(step.reasons) - {reason.code for reason in answer.reasons})
    return wrong + [f"no reason {code}" for code in missing]


def complaints_of(step: Step, wrong: list[str]) -> list[str]:
    """What the test says of a step: what is wrong, or that what was expected to be wrong no longer is."""
    words = step.ask or step.learn or step.withdraw
    if step.expected_failure:
        return [] if wrong else [f"{words}: right now; take out its expected_failure ({step.expected_failure})"]
    return [f"{words}: {'; '.join(wrong)}"] if wrong else []


def test_every_folder_is_a_case_with_a_number_of_its_own_and_says_why() -> None:
    names = [folder.name for folder in folders()]
    assert len(names) >= 12
    assert [name for name in names if not FOLDER_NAME.fullmatch(name)] == []
    assert len({name[:3] for name in names}) == len(names)
    for folder in folders():
        case = Case.read(folder)
        assert case.title
        assert len(case.why) > 40, f"{folder.name} does not say what it teaches"
        assert any(step.ask for step in case.steps)


def test_a_wrong_expectation_is_found_out(world: World) -> None:
    world.texts(["浙江省杭州市萧山区北干街道试金石苑1幢101室"])
    registry = Registry(world, "330109")
    right = Step(ask="北干街道试金石苑1幢101室", category="A", found="浙江省杭州市萧山区北干街道试金石苑1幢101室")
    assert complaints_of(right, take(right, registry)) == []
    for wrong in (
        replace(right, category="B"),
        replace(right, found="浙江省杭州市萧山区北干街道试金石苑1幢"),
        replace(right, category="C", found=""),
        replace(right, reasons=["name_homophone"]),
        replace(right, expected_failure="a note that has become stale"),
    ):
        assert len(complaints_of(wrong, take(wrong, registry))) == 1, wrong
    expected = replace(right, category="B", expected_failure="not yet")
    assert complaints_of(expected, take(expected, registry)) == []


def test_a_misspelt_key_and_an_unknown_reason_are_errors(tmp_path: Path) -> None:
    def read(**step: Any) -> None:
        lines = "\n".join(f"{name} = {value!r}" for name, value in step.items())
        head = "title = 'x'\nwhy = 'x'\naddresses = ['x']\n[[step]]\n"
        (tmp_path / "case.toml").write_text(head + lines, encoding="utf-8")
        Case.read(tmp_path)

    read(ask="a", category="C")
    with pytest.raises(TypeError):
        read(ask="a", category="C", resons=["exact"])
    for bad in ({"reasons": ["exakt"]}, {"found": "b"}, {"category": "E"}, {"learn": "b"}, {"category": "A"}):
        with pytest.raises(AssertionError):
            read(**{"ask": "a", "category": "C", **bad})
