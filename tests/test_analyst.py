"""docs/analyst.md is a notebook: every block of it runs against a served district and shows what it says."""

from __future__ import annotations

import doctest
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.ogc_world import Ogc, served_ogc
from tests.source_tree import ROOT
from tests.test_docs import FENCE

PAGE = ROOT / "docs" / "analyst.md"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def logs_apart() -> Iterator[None]:
    """The service runs in this process: what it logs would stand among what a block shows."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="module")
def ogc(logs_apart: None, make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("home")) as world:
        yield world


def blocks(text: str) -> list[str]:
    """The Python blocks of a page, each on the lines where it stands."""
    found = [match for match in FENCE.finditer(text) if match.group(0).startswith("```python\n")]
    return ["\n" * text[: match.start(2)].count("\n") + match.group(2) for match in found]


def faults_of(text: str, path: Path) -> str:
    """What the blocks of a page show that it does not say; they run in order, and what one names the next ones know."""
    known: dict[str, object] = {"__name__": "notebook"}
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for block in blocks(text):
        test = doctest.DocTestParser().get_doctest(block, known, path.name, str(path), 0)
        runner.run(test, out=said.append, clear_globs=False)
        known = test.globs
    return "".join(said)


def test_every_block_of_the_page_shows_what_it_says(ogc: Ogc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL", str(ogc.client.base_url))
    monkeypatch.setenv("KEY", ogc.keys["analyst"])
    text = PAGE.read_text("utf-8")
    assert len(blocks(text)) >= 12
    faults = faults_of(text, PAGE)
    assert not faults, faults


def test_a_page_that_says_what_is_not_so_is_found_out() -> None:
    fine = "```python\n>>> one = 1\n```\n\n```python\n>>> one + 1\n2\n```\n"
    assert faults_of(fine, PAGE) == ""
    assert "Got:\n    2\n" in faults_of(fine.replace("\n2\n", "\n3\n"), PAGE)
