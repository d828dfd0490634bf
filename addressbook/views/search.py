"""Suggestions for what is being typed: codes, addresses, names, enterprises, or what is around a point.

Whoever may see no addresses is shown divisions and areas only; persons are found by nobody here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from addressbook import identity
from addressbook.model import Division, ElementKind, NamedAddress, Resolution
from addressbook.privacy.policy import Reader
from addressbook.search import Asked, Coordinates, Hit, How, SearchNames
from addressbook.search.firms import typed_letters
from addressbook.store.reading import Row
from addressbook.store.search import (
    read_below,
    read_boxes,
    read_by_aid,
    read_containing,
    read_divisions_from,
    read_enterprises,
    read_nearest,
)

ADDRESS, DIVISION, AREA, ENTERPRISE = KINDS = ("address", "division", "area", "enterprise")
MOST_SUGGESTIONS: Final = 100
MOST_HEADS: Final = 5
"""Addresses below which a number is looked for, where its text may mean several."""
SPARE: Final = 5
"""Names looked up beyond those wanted: some may be gone since they were read, some be found twice."""
LIVE: Final = ("provisional", "current")
Resolve = Callable[[str], Resolution]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was asked: the text, the kinds wanted (kinds of KINDS or address letters; none: all), where, how many."""

    asked: Asked
    kinds: frozenset[str] = frozenset()
    near: Coordinates | None = None
    limit: int = 10

    def wants(self, kind: str, part: str = "") -> bool:
        """Whether suggestions of that kind are wanted, of addresses those of a letter."""
        return not self.kinds or kind in self.kinds or part in self.kinds

    @property
    def wants_addresses(self) -> bool:
        """Whether addresses of any letter are."""
        return not self.kinds or ADDRESS in self.kinds or any(len(kind) == 1 for kind in self.kinds)


class Suggestion(NamedTuple):
    """One of the answers, and what it is put in order by."""

    row: Row
    order: tuple[float, float, float, int]


@dataclass(frozen=True, slots=True)
class Search:
    """One question to one registry for one reader."""

    connection: Connection
    names: SearchNames
    resolve: Resolve
    reader: Reader
    query: SearchQuery

    @property
    def addresses(self) -> bool:
        """Whether the reader may see addresses, and wants to."""
        return bool(self.reader.listed) and self.query.wants_addresses

    def suggestions(self) -> list[Row]:
        """The best few, best first. Raises DatabaseError and its kin."""
        if self.query.asked.coordinates:
            return self._around(self.query.asked.coordinates)
        by_code = [*self._by_aid(), *self._by_division_code()]
        found = by_code or [*self._by_number(), *self._by_name()]
        found += self._enterprises()
        return _best(found, self.query.limit)

    def _around(self, place: Coordinates) -> list[Row]:
        """The areas that contain a place, smallest first, behind the addresses nearest to it."""
        found: list[Row] = []
        if self.addresses:
            nearest = read_nearest(self.connection, *place, self.query.limit)
            found = [self._address(row, How.NEAREST, "", row["metres"]) for row in nearest]
        kinds = [kind for kind in (DIVISION, AREA) if self.query.wants(kind)]
        areas = read_containing(self.connection, *place, self.query.limit) if kinds else []
        return [*found, *(self._area(area) for area in areas if _kind_of(area) in kinds)]

    def _by_aid(self) -> list[Suggestion]:
        aid = self.query.asked.aid
        if not (aid and self.addresses):
            return []
        rows = read_by_aid(self.connection, [aid]).values()
        return [self._ordered(self._address(row, How.CODE, aid)) for row in rows]

    def _by_division_code(self) -> list[Suggestion]:
        digits = self.query.asked.division
        if not (digits and self.query.wants(DIVISION)):
            return []
        rows = read_divisions_from(self.connection, digits, self.query.limit)
        boxes = read_boxes(self.connection, [row["code"] for row in rows])
        return [
            self._ordered(self._division(row["code"], row["name"], row["level"], boxes, How.CODE, row["code"]), place)
            for place, row in enumerate(rows)
        ]

    def _by_number(self) -> list[Suggestion]:
        """The address that the text is, and those below its beginning whose number begins as the text ends."""
        asked = self.query.asked
        if not (asked.has_number and self.addresses):
            return []
        whole = _aids(self.resolve(asked.text))
        below = read_below(self.connection, self._heads(), asked.tail, self.query.limit) if asked.tail else []
        exact = read_by_aid(self.connection, whole[:1])
        if not below:
            below = [*read_by_aid(self.connection, whole[1:]).values()]
            below += read_below(self.connection, whole[:1], "", self.query.limit) if exact and not asked.tail else []
        how = How.NUMBER if asked.tail else How.BELOW
        rows = [*((row, How.EXACT) for row in exact.values()), *((row, how) for row in below if row["state"] in LIVE)]
        return [
            self._ordered(self._address(row, way, asked.text), way.rank + place / MOST_SUGGESTIONS)
            for place, (row, way) in enumerate(rows)
            if self.query.wants(ADDRESS, row["kind"])
        ]

    def _heads(self) -> list[str]:
        """What the text before the number may mean: by name where it is one, else as the matcher reads it."""
        asked = self.query.asked
        by_name = self._hits(asked.head_name, divisions=False) if not any(c.isdigit() for c in asked.head) else []
        surest = [hit.code for hit in by_name if hit.how.rank <= How.INITIALS.rank]
        heads = surest or _aids(self.resolve(asked.head)) or [hit.code for hit in by_name]
        return heads[:MOST_HEADS]

    def _by_name(self) -> list[Suggestion]:
        hits = self._hits(self.query.asked.name, divisions=self.query.wants(DIVISION))
        aids = [hit.code for hit in hits if isinstance(hit.holder, NamedAddress)]
        rows = read_by_aid(self.connection, aids)
        boxes = read_boxes(self.connection, [hit.code for hit in hits if isinstance(hit.holder, Division)])
        found = [(self._named(hit, rows, boxes), hit) for hit in hits]
        return [self._ordered(row, hit.order[0], hit.size) for row, hit in found if row]

    def _hits(self, name: str, *, divisions: bool) -> list[Hit]:
        """By the whole text, else by what stands behind the divisions it begins with, within those."""
        most = self.query.limit * (2 if self.query.near or self.query.kinds else 1) + SPARE
        find = partial(self.names.find, addresses=self.addresses, divisions=divisions)
        found = find(name, most)
        if not found or found[0].how in (How.SOUND, How.TYPO):
            within, rest = self.names.behind_divisions(name)
            found = (find(rest, most, within=within) if within else []) or found
        return [hit for hit in found if self._is_wanted(hit)][:most]

    def _is_wanted(self, hit: Hit) -> bool:
        return isinstance(hit.holder, Division) or self.query.wants(ADDRESS, hit.holder.kind.value)

    def _named(self, hit: Hit, rows: dict[str, Row], boxes: dict[str, list[float]]) -> Row | None:
        """None of an address that is gone since the names were read."""
        if isinstance(hit.holder, Division):
            return self._division(hit.code, hit.holder.name, hit.holder.level.value, boxes, hit.how, hit.name)
        row = rows.get(hit.code)
        return self._address(row, hit.how, hit.holder.name) if row and row["state"] in LIVE else None

    def _enterprises(self) -> list[Suggestion]:
        asked = self.query.asked
        if ElementKind.ENTERPRISE not in self.reader.listed or not self.query.wants(ENTERPRISE):
            return []
        letters = typed_letters(asked.name)
        rows = read_enterprises(self.connection, asked.text, letters, asked.uscc, self.query.limit)
        ways = (How.CODE, How.PREFIX, How.PINYIN, How.INITIALS, How.PART)
        return [self._ordered(self._enterprise(row, ways[row["rank"]]), ways[row["rank"]].rank) for row in rows]

    def _address(self, row: Row, how: How, name: str, metres: float | None = None) -> Row:
        aid = row["aid"]
        shown = {"code": aid, "printed": identity.printed(aid), "part": row["kind"], "state": row["state"]}
        return self._suggestion(ADDRESS, row["standard_text"], row, how, name, metres) | shown

    def _enterprise(self, row: Row, how: How) -> Row:
        shown = {"code": row.get("aid"), "uscc": row["uscc"], "at": row.get("standard_text"), "state": row["status"]}
        name = row["uscc"] if how is How.CODE else row["name"]
        return self._suggestion(ENTERPRISE, row["name"], row, how, name) | shown

    def _division(
        self, code: str, name: str, level: str, boxes: dict[str, list[float]], how: How, matched: str
    ) -> Row:  # fmt: skip
        shown = {"code": code, "part": level, "bbox": boxes.get(code)}
        return self._suggestion(DIVISION, name, {"division_code": code}, how, matched) | shown

    def _area(self, area: Row) -> Row:
        shown = {"code": area["code"], "part": area["level"], "bbox": area["bbox"]}
        inside = {"division_code": area["code"]} if area["kind"] == DIVISION else {}
        return self._suggestion(_kind_of(area), area["name"], inside, How.CONTAINS, "") | shown

    def _suggestion(
        self, kind: str, text: str, row: Row, how: How, matched: str, metres: float | None = None
    ) -> Row:  # fmt: skip
        code, point = row.get("division_code"), _point(row)
        if metres is None and self.query.near and point:
            metres = self.query.near.metres_to(Coordinates(*point))
        return {
            "kind": kind, "part": None, "text": text, "code": None, "division_code": code,
            "where": self.names.where(code) if code else "", "point": point, "bbox": None,
            "distance_m": None if metres is None else round(metres), "matched": {"how": how.value, "text": matched},
        }  # fmt: skip

    def _ordered(self, row: Row, rank: float = 0.0, size: float = 0.0) -> Suggestion:
        """Surest first; then nearest where a place was given, else largest."""
        distance = row["distance_m"] if row["distance_m"] is not None else float("inf") if self.query.near else 0.0
        return Suggestion(row, (rank, distance, -size, len(row["text"])))


def _kind_of(area: Row) -> str:
    return DIVISION if area["kind"] == DIVISION else AREA


def _point(row: Row) -> list[float] | None:
    lon, lat = row.get("lon"), row.get("lat")
    return None if lon is None or lat is None else [round(lon, 7), round(lat, 7)]


def _aids(resolution: Resolution) -> list[str]:
    """What a text means, the likeliest first; without what it only may lie in."""
    ranked: Sequence[Any] = [resolution.aid, *(candidate.aid for candidate in resolution.candidates)]
    return list(dict.fromkeys(aid for aid in ranked if aid))


def _best(found: Iterable[Suggestion], limit: int) -> list[Row]:
    """In order, each once."""
    seen: set[tuple[str, str, str]] = set()
    best: list[Row] = []
    for suggestion in sorted(found, key=lambda s: s.order):
        key = (suggestion.row["kind"], suggestion.row["code"] or "", suggestion.row["text"])
        if key not in seen:
            seen.add(key)
            best.append(suggestion.row)
    return best[:limit]
