"""Dirty queries over the sample's addresses with their exact truth: the right source key, or that there is none.

Our own ways of writing wrongly, not those of loaders/sample; a tenth of the queries have no true answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from loaders.sample.sites import AddressRow

HEAD = ("province", "city", "county", "town", "community")
TAIL = ("building", "unit", "floor", "room")
NAMED = ("road", "place")


@dataclass(frozen=True, slots=True)
class Query:
    """A text, the source key of the address it means ("" when there is none), and what is wrong with it."""

    text: str
    key: str
    faults: tuple[str, ...]

    @property
    def answerable(self) -> bool:
        """Whether one address is right."""
        return bool(self.key)


@dataclass(slots=True)
class Draft:
    """A query being written: its parts by name, in `order`, and what is done to the text at the end.

    `kept` are parts that make it unanswerable: no later fault may drop them.
    """

    row: AddressRow
    random: Random
    parts: dict[str, str]
    order: tuple[str, ...]
    key: str
    separator: str = ""
    kept: frozenset[str] = frozenset()
    after: list[Callable[[str], str]] = field(default_factory=list)

    def text(self) -> str:
        """The parts in their order, then the changes to the whole."""
        text = self.separator.join(part for name in self.order if (part := self.parts[name]))
        for change in self.after:
            text = change(text)
        return text


@dataclass(frozen=True, slots=True)
class Facts:
    """What the sample's registry holds: identities, names, plates, and how many rooms differ only in their unit."""

    identities: frozenset[int]
    names: frozenset[str]
    plates: frozenset[tuple[str, str]]
    rooms: dict[int, int]

    def has(self, row: AddressRow) -> bool:
        """Whether there is an address with these numbers and names."""
        return hash(row.identity) in self.identities

    def rooms_like(self, row: AddressRow) -> int:
        """How many rooms have the numbers of `row` whatever their unit."""
        return self.rooms.get(hash(row._replace(unit="").identity), 0)

    @classmethod
    def of(cls, rows: Iterator[AddressRow]) -> Facts:
        """Read once over all rows."""
        identities, names, plates = set[int](), set[str](), set[tuple[str, str]]()
        rooms: dict[int, int] = {}
        for row in rows:
            identities.add(hash(row.identity))
            plates.add((row.road, row.road_no))
            names.update((row.road, row.place, *row.alias.split("；"), row.community, row.town))
            if row.unit and row.room:
                key = hash(row._replace(unit="").identity)
                rooms[key] = rooms.get(key, 0) + 1
        return cls(frozenset(identities), frozenset(names), frozenset(plates), rooms)


def draft_of(row: AddressRow, random: Random) -> Draft:
    """The address written as it should be."""
    village = bool(row.road_no and not row.road)
    bare_plate = row.is_plate_of_compound
    parts = {
        "province": "浙江省", "city": "杭州市", "county": row.county, "town": row.town,
        "community": row.community if row.community.endswith("村") and row.community != row.place else "",
        "road": row.road, "road_no": f"{row.road_no}号" if row.road_no else "",
        "place": "" if bare_plate else row.place, "sub_place": row.sub_place,
        "building": f"{row.building}{'座' if row.building.isalpha() else '幢'}" if row.building else "",
        "unit": f"{row.unit}单元" if row.unit else "",
        "floor": f"{row.floor.replace('-', '负')}层" if row.floor else "",
        "room": f"{row.room}室" if row.room else "",
    }  # fmt: skip
    names = ("place", "sub_place", "road_no") if village else ("road", "road_no", "place", "sub_place")
    return Draft(row, random, parts, (*HEAD, *names, *TAIL), row.source_key)


Fault = Callable[[Draft, Facts], bool]


class QueryWriter:
    """Draws addresses and writes them wrongly; the same rows and seed give the same queries."""

    def __init__(
        self,
        rows: Sequence[AddressRow],
        facts: Facts,
        seed: int,
        positives: Sequence[tuple[int, Fault]],
        negatives: Sequence[tuple[int, Fault]],
    ) -> None:
        self._rows, self._facts = rows, facts
        self._random = Random(seed)
        self._positive = [fault for weight, fault in positives for _ in range(weight)]
        self._negative = [fault for weight, fault in negatives for _ in range(weight)]

    def queries(self, number: int, *, unanswerable: float = 0.1) -> list[Query]:
        """That many queries, of which the given share has no true answer."""
        return [self._query(self._random.random() < unanswerable) for _ in range(number)]

    def _query(self, unanswerable: bool) -> Query:
        while True:
            draft = draft_of(self._random.choice(self._rows), self._random)
            faults = self._apply(self._negative, draft, 1) if unanswerable else []
            if unanswerable and not faults:
                continue
            wanted = self._random.choice((0, 0, 1, 1, 2) if unanswerable else (1, 1, 1, 1, 1, 2, 2, 2, 3, 3))
            faults += self._apply(self._positive, draft, wanted)
            text = draft.text()
            if faults:
                return Query(text, "" if unanswerable else draft.key, tuple(faults))

    def _apply(self, faults: Sequence[Fault], draft: Draft, wanted: int) -> list[str]:
        """Up to `wanted` faults of different groups; a fault's group is the first word of its name."""
        done: list[str] = []
        for _ in range(12):
            if len(done) == wanted:
                break
            fault = self._random.choice(faults)
            name = fault.__name__
            if all(name.split("_")[0] != other.split("_")[0] for other in done) and fault(draft, self._facts):
                done.append(name)
        return done
