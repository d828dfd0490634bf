"""Two texts compared in the service: by themselves, so that the answer tells nothing of the registry's addresses."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from addressbook.divisions import Gazetteer
from addressbook.match.compare import Comparison, compare, compare_sentence
from addressbook.model import Reason
from addressbook.parse import Parser


class SharedComparer:
    """One parser for all threads, made anew when divisions change; it remembers what it reads, so they take turns."""

    def __init__(self, division: str | None = None) -> None:
        self._division = division
        self._lock = threading.Lock()
        self._gazetteer: Gazetteer | None = None
        self._parser: Parser | None = None

    def compare(
        self, pairs: Sequence[tuple[str, str]], gazetteer: Gazetteer, division: str | None = None
    ) -> list[Comparison]:
        """The verdict on each pair, in order, by these divisions; `division` is where texts are that name none."""
        return [self._compared(one, other, gazetteer, division or self._division) for one, other in pairs]

    def _compared(self, one: str, other: str, gazetteer: Gazetteer, division: str | None) -> Comparison:
        with self._lock:
            parser = self._parser_of(gazetteer)
            parsed = [parser.parse(text, division=division) for text in (one, other)]
        return compare(*parsed)

    def _parser_of(self, gazetteer: Gazetteer) -> Parser:
        if self._parser is None or self._gazetteer is not gazetteer:
            self._parser, self._gazetteer = Parser(gazetteer, None), gazetteer
        return self._parser


def comparison_entry(found: Comparison) -> dict[str, object]:
    """A comparison as data: the verdict in both languages, the score, and every finding."""
    return {
        "verdict": found.verdict.value,
        "verdict_zh": found.verdict.zh,
        "score": found.score,
        "reasons": [_reason(reason) for reason in found.reasons],
    }


def _reason(reason: Reason) -> dict[str, object]:
    return {
        "code": reason.code, "element": reason.element, "expected": reason.expected, "found": reason.found,
        "cost": reason.cost, "zh": compare_sentence(reason, "zh"), "en": compare_sentence(reason, "en"),
    }  # fmt: skip
