"""Claims about what a batch asks the registry: fewer names than may be meant, and never another answer for it."""

from __future__ import annotations

from itertools import product

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, Resolver
from addressbook.model import AddressKind, FoundAddress, PathQuery
from tests.test_match import BEIGAN, GUALI, Registry

GAZETTEER = Gazetteer.shipped()
C, R = AddressKind.COMPOUND, AddressKind.STREET
STREETS = ("市心北路", "市新北路", "市星北路", "市心杯路", "新心北路")
ESTATES = ("南岸明珠", "南岸名珠", "南案明珠", "南岸明苑", "东岸明珠", "南岸林珠苑")


class Counting(Registry):
    """A registry that counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def find(self, queries: list[PathQuery]) -> list[list[FoundAddress]]:  # type: ignore[override]
        self.asked += len(queries)
        return super().find(queries)


def drawn() -> Counting:
    """Names that are nearly each other's, with plates that bear some of them out."""
    registry = Counting()
    streets = [registry.site(R, name, town) for name, town in product(STREETS, (BEIGAN, GUALI))]
    estates = [registry.site(C, name, town) for name, town in product(ESTATES, (BEIGAN, GUALI))]
    for at, estate in enumerate(estates):
        registry.below(estate, "B3/E1/H502", f"B{at}/H101")
        registry.plate(streets[at % len(streets)], "260", estate)
        registry.plate(streets[at // 2 % len(streets)], "12", estate)
    for street in streets:
        registry.plate(street, "9")
    return registry


REGISTRY = drawn()
TEXTS = [
    f"{division}{street}{estate}{number}"
    for division, street, estate, number in product(
        ("", "萧山区", "萧山区北干街道", "萧山区瓜沥镇"),
        ("", "市心北路260号", "市芯北路260号", "市心悲路12号", "市北路9号", "新星北路12号"),
        ("", "南岸明珠", "南岸明株", "南岸铭珠", "岸南明珠", "南暗明珠", "东岸明株", "南岸临珠苑"),
        ("", "3幢1单元502室", "3幢502室", "4幢101室"),
    )
]


def test_a_text_among_many_is_answered_as_it_is_alone() -> None:
    resolver = Resolver(GAZETTEER, NameIndex(REGISTRY.names, GAZETTEER))
    together = resolver.resolve_batch(TEXTS, REGISTRY)
    for text, answer in zip(TEXTS, together, strict=True):
        assert resolver.resolve_batch([text], REGISTRY)[0] == answer


def test_names_that_cannot_change_an_answer_are_not_asked_for() -> None:
    resolver = Resolver(GAZETTEER, NameIndex(REGISTRY.names, GAZETTEER))
    before = REGISTRY.asked
    resolver.resolve_batch(TEXTS, REGISTRY)
    together = REGISTRY.asked - before
    for text in TEXTS:
        resolver.resolve_batch([text], REGISTRY)
    assert together < REGISTRY.asked - before - together


def test_a_batch_asks_at_most_three_times() -> None:
    before = REGISTRY.calls
    Resolver(GAZETTEER, NameIndex(REGISTRY.names, GAZETTEER)).resolve_batch(TEXTS[:700], REGISTRY)
    assert REGISTRY.calls - before <= 3
