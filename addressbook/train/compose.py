"""Addresses made up from names, each with the element that every part of it is; then spoilt as people spoil them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from addressbook.train.tails import DASH, plate, tail

Part = tuple[str, str]
"""(text, element name)."""
SEPARATORS = (" ", ",", "，", "/", "_", "　")
NAMED = frozenset({"road", "place"})
TELLING = frozenset("东西南北中一二三四五六七八九十大小新老上下")
LONGEST_SLIP = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and its parts in order; what lies between two parts is no element."""

    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """What texts are made from. `heads` are chains of divisions from the province down; `villages` end in one."""

    heads: Sequence[tuple[Part, ...]]
    villages: Sequence[tuple[Part, ...]]
    roads: Sequence[str]
    places: Sequence[str]
    hamlets: Sequence[str]

    def half(self, which: int) -> Names:
        """Every second of the roads, places and hamlets: one half to learn from, the other to try it on."""
        return Names(self.heads, self.villages, *(names[which::2] for names in (self.roads, self.places, self.hamlets)))


class Composer:
    """Draws texts; the same names and seed give the same texts."""

    def __init__(self, names: Names, seed: int) -> None:
        self._names, self._random = names, Random(seed)  # noqa: S311 - texts to learn from

    def texts(self, number: int) -> Iterator[Labelled]:
        """That many texts."""
        for _ in range(number):
            yield self._text()

    def _text(self) -> Labelled:
        random = self._random
        parts = self._body()
        if random.random() < 0.22:
            parts = self._spoilt(parts)
        separator = random.choice(SEPARATORS) if random.random() < 0.08 else ""
        return Labelled(_joined(parts, separator), tuple(part for part in parts if part[1] != DASH))

    def _body(self) -> list[Part]:
        make = self._random.choices((self._street, self._estate, self._village), (50, 30, 20))[0]
        return make()

    def _street(self) -> list[Part]:
        """市心北路260号(南岸明珠)3幢502室, and the same with the place first or without one."""
        names, random = self._names, self._random
        head = self._head()
        road: list[Part] = [(random.choice(names.roads), "road"), (plate(random), "road_no")]
        form = random.choices(("place", "plate", "bare", "phase", "first", "tail"), (42, 22, 8, 8, 9, 11))[0]
        if form == "plate":
            return [*head, *road]
        if form == "bare":  # a road without its 路 reads like a place
            return [*head, (random.choice(names.hamlets), "place"), road[1]]
        if form == "tail":
            return [*head, *road, *tail(random)]
        if form == "phase":
            return [*head, *road, (_phase(random), "sub_place"), *tail(random)]
        place = self._place()
        return [*head, *place, *road, *tail(random)] if form == "first" else [*head, *road, *place, *tail(random)]

    def _estate(self) -> list[Part]:
        return [*self._head(), *self._place(), *tail(self._random)]

    def _village(self) -> list[Part]:
        """群益村5组12号, 群益村沈家浜3组."""
        names, random = self._names, self._random
        chain = random.choice(names.villages)
        parts = [*self._shortened(chain[:-1]), chain[-1]]
        group: list[Part] = [(f"{random.randint(1, 30)}{random.choice(('组', '组', '队'))}", "sub_place")]
        form = random.choices(("group", "plate", "both", "hamlet"), (25, 25, 25, 25 if names.hamlets else 0))[0]
        if form == "hamlet":
            return [*parts, (random.choice(names.hamlets), "place"), *group]
        if form == "group":
            return [*parts, *group]
        return [*parts, *(group if form == "both" else []), (plate(random), "road_no")]

    def _place(self) -> list[Part]:
        place: list[Part] = [(self._random.choice(self._names.places), "place")]
        return [*place, (_phase(self._random), "sub_place")] if self._random.random() < 0.15 else place

    def _head(self) -> list[Part]:
        return self._shortened(self._random.choice(self._names.heads))

    def _shortened(self, chain: Sequence[Part]) -> list[Part]:
        """The chain as people write it: whole, from the county on, from the town on, without the town, twice."""
        form = self._random.choices(("whole", "county", "town", "no town", "none", "twice"), (45, 20, 6, 12, 12, 5))[0]
        if form == "county":
            return [part for part in chain if part[1] in ("county", "town")]
        if form == "town":
            return [part for part in chain if part[1] == "town"]
        if form == "no town":
            return [part for part in chain if part[1] != "town"]
        if form == "none":
            return []
        upper = [part for part in chain if part[1] != "town"]
        twice: list[Part] = [(text, "redundant") for text, _ in upper] if form == "twice" else []
        return [*twice, *chain]

    def _spoilt(self, parts: list[Part]) -> list[Part]:
        """One slip in the name of a road or place: a character doubled, two swapped, or one missing."""
        at = [n for n, (text, name) in enumerate(parts) if name in NAMED and len(text) >= LONGEST_SLIP]
        if not at:
            return parts
        where = self._random.choice(at)
        text, name = parts[where]
        spoilt = self._random.choice((_doubled, _doubled, _swapped, _missing))(text, self._random)
        return [*parts[:where], (spoilt, name), *parts[where + 1 :]]


def _joined(parts: Sequence[Part], separator: str) -> str:
    joined, before = "", DASH
    for text, name in parts:
        joined += text if DASH in (before, name) else separator + text
        before = name
    return joined


def _doubled(text: str, random: Random) -> str:
    at = random.randrange(len(text))
    return text[: at + 1] + text[at:]


def _swapped(text: str, random: Random) -> str:
    at = random.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _missing(text: str, random: Random) -> str:
    at = random.randrange(len(text) - 1)
    return text if text[at] in TELLING or len(text) == LONGEST_SLIP else text[:at] + text[at + 1 :]


def _phase(random: Random) -> str:
    return random.choice("一二三四1234") + "期" if random.random() < 0.5 else random.choice("东西南北中ABC") + "区"
