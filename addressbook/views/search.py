"""Suggestions for what is being typed: codes, addresses, names, enterprises, or what is around a point.

Whoever may see no addresses is shown divisions and areas only; persons are found by nobody here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from addressbook import identity
from addressbook.model import AddressKind, Division, ElementKind, NamedAddress, Reason, Resolution
from addressbook.privacy.policy import Reader
from addressbook.search import Asked, Coordinates, Hit, How, Meaning, Meant, SearchNames, meaning_of
from addressbook.search.firms import typed_letters
from addressbook.search.names import ALL
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
from addressbook.views.resolution import reason_entry

ADDRESS, DIVISION, AREA, ENTERPRISE = KINDS = ("address", "division", "area", "enterprise")
MOST_SUGGESTIONS: Final = 100
MOST_HEADS: Final = 5
"""Addresses below which a number is looked for, where its text may mean several."""
SPARE: Final = 5
"""Names looked up beyond those wanted: some may be gone since they were read, some be found twice."""
LETTERS: Final = frozenset(kind.value for kind in AddressKind)
LIVE: Final = ("provisional", "current")
Resolve = Callable[[str], Resolution]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was asked: the text, the kinds wanted (kinds of KINDS or address letters; none: all), where, how many."""

    asked: Asked
    kinds: frozenset[str] = frozenset()
    near: Coordinates | None = None
    limit: int = 10

    def wants(self, kind: str) -> bool:
        """Whether suggestions of that kind are wanted; of addresses see `letters`."""
        return not self.kinds or kind in self.kinds

    @property
    def letters(self) -> frozenset[str]:
        """The letters of addresses that are wanted."""
        return LETTERS if not self.kinds or ADDRESS in self.kinds else self.kinds & LETTERS


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
        return bool(self.reader.listed and self.query.letters)

    def answer(self) -> Row:
        """The best few as `suggestions`, best first, and `notes` where something has to be said of them.

        Raises DatabaseError and its kin.
        """
        if self.query.asked.coordinates:
            return {"suggestions": self._around(self.query.asked.coordinates)}
        doubts: tuple[Reason, ...] = ()
        found = [*self._by_aid(), *self._by_division_code()]
        if not found:
            found = self._by_name()
            by_text, doubts = self._by_text(names_found=any(each.order[0] < How.SOUND.rank for each in found))
            found += by_text
        best = _best([*found, *self._enterprises()], self.query.limit)
        return {"suggestions": best} | ({"notes": [reason_entry(doubt) for doubt in doubts]} if doubts else {})

    def _around(self, place: Coordinates) -> list[Row]:
        """The areas that contain a place, smallest first, behind the addresses nearest to it."""
        found: list[Row] = []
        if self.addresses:
            nearest = read_nearest(self.connection, *place, self.query.limit, self.query.letters)
            found = [self._address(row, How.NEAREST, "", row["metres"]) for row in nearest]
        kinds = {"divisions": self.query.wants(DIVISION), "others": self.query.wants(AREA)}
        areas = read_containing(self.connection, *place, self.query.limit, **kinds) if any(kinds.values()) else []
        return [*found, *map(self._area, areas)]

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

    def _by_text(self, *, names_found: bool) -> tuple[list[Suggestion], tuple[Reason, ...]]:
        """What the text is, and what its number is the beginning of; with what speaks against the former.

        Without a number it is a name, found as such; one that is not found may be that of what was retired.
        """
        has_number = self.query.asked.has_number
        if not self.addresses or (names_found and not has_number):
            return [], ()
        meaning = meaning_of(self.resolve(self.query.asked.text))
        if not (has_number or meaning.is_retired):
            return [], ()
        below = self._below(meaning)
        if below and not meaning.is_whole:  # what is typed goes on
            return below, ()
        rows = read_by_aid(self.connection, [place.aid for place in meaning.places])
        wanted = [(m, rows[m.aid]) for m in meaning.places if m.aid in rows and self._wants(rows[m.aid])]
        found = [
            self._ordered(self._meant(place, row), meaning.rank + at / MOST_SUGGESTIONS)
            for at, (place, row) in enumerate(wanted)
        ]
        return [*found, *below], meaning.doubts if found else ()

    def _below(self, meaning: Meaning) -> list[Suggestion]:
        """What stands below the text's beginning with a number that begins as the text ends, else below all of it."""
        asked, how = self.query.asked, How.NUMBER if self.query.asked.tail else How.BELOW
        heads = self._heads() if asked.tail else meaning.sure
        rows = read_below(self.connection, heads, asked.tail, self.query.limit, self.query.letters)
        return [
            self._ordered(self._address(row, how, asked.text), how.rank + at / MOST_SUGGESTIONS)
            for at, row in enumerate(rows)
        ]

    def _heads(self) -> list[str]:
        """What the text before the number may mean: by name where it is one, else as the matcher reads it."""
        asked = self.query.asked
        is_name = not any(character.isdigit() for character in asked.head)
        by_name = self._hits(asked.head_name, LETTERS, divisions=False) if is_name else []
        surest = [hit.code for hit in by_name if hit.how.rank <= How.INITIALS.rank]
        heads = surest or meaning_of(self.resolve(asked.head)).heads or [hit.code for hit in by_name]
        return heads[:MOST_HEADS]

    def _meant(self, place: Meant, row: Row) -> Row:
        how = place.how if row["state"] in LIVE else How.RETIRED
        shown = self._address(row, how, self.query.asked.text)
        if place.missing:
            shown["matched"]["missing"] = place.missing
        return shown

    def _wants(self, row: Row) -> bool:
        return row["kind"] in self.query.letters

    def _by_name(self) -> list[Suggestion]:
        hits = self._hits(self.query.asked.name, self.query.letters, divisions=self.query.wants(DIVISION))
        aids = [hit.code for hit in hits if isinstance(hit.holder, NamedAddress)]
        rows = read_by_aid(self.connection, aids)
        boxes = read_boxes(self.connection, [hit.code for hit in hits if isinstance(hit.holder, Division)])
        found = [(self._named(hit, rows, boxes), hit) for hit in hits]
        return [self._ordered(row, hit.order[0], hit.size) for row, hit in found if row]

    def _hits(self, name: str, letters: frozenset[str], *, divisions: bool) -> list[Hit]:
        """By the whole text, else by what stands behind the divisions it begins with, within those."""
        most = self.query.limit * (2 if self.query.near else 1) + SPARE
        narrow = letters if letters != LETTERS else ALL
        find = partial(self.names.find, addresses=self.addresses, divisions=divisions, letters=narrow)
        found = find(name, most)
        if not found or found[0].how in (How.SOUND, How.TYPO):
            within, rest = self.names.behind_divisions(name)
            found = (find(rest, most, within=within) if within else []) or found
        return found[:most]

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
