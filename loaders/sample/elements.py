"""People, houses, firms, events and things of a sample: where they are, and what is wrong with their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from loaders.sample.drawing import Draw
from loaders.sample.firms import invent_code, invent_firm
from loaders.sample.people import MARK, Person, check_character, invent_person
from loaders.sample.rents import Rents
from loaders.sample.sites import AddressRow, Site
from loaders.sample.spreadsheet import Value
from loaders.sample.tables import words
from loaders.sample.writing_wrong import REJECTED, Pen, Truth

DEFECT_EVERY = 600
"""Of so many rows of a file, one has each defect: below 0.2 %."""
_DEFECTS = {57: "wrong_check_character", 257: "impossible_date", 357: "number_damaged", 457: "duplicate_key"}
_DEFECTS_OF = {
    "residents": frozenset(_DEFECTS.values()),
    "houses": frozenset({"duplicate_key"}),
    "enterprises": frozenset({"wrong_check_character", "impossible_date", "duplicate_key"}),
    "events": frozenset({"impossible_date", "duplicate_key"}),
    "things": frozenset({"duplicate_key"}),
}
_NO_SUCH_DAY = "2021-02-30"
_FIRST_DAY, _LAST_DAY = date(2005, 1, 1).toordinal(), date(2024, 12, 31).toordinal()
_HOUSEHOLD = (1, 1, 2, 2, 3, 3, 4)


class Record(NamedTuple):
    """One row of a file (for things followed by longitude and latitude), its key and the truth about its address."""

    values: tuple[Value, ...]
    source_key: str
    truth: Truth


class Elements:
    """Makes the rows of every file, in the order of serial numbers; remembers the last key of each file only."""

    def __init__(self, pen: Pen, draw: Draw, rents: Rents) -> None:
        self._pen, self._draw, self._rents = pen, draw, rents
        self._serial = dict.fromkeys(_DEFECTS_OF, 0)
        self._last_key = dict.fromkeys(_DEFECTS_OF, "")
        self._household: list[AddressRow] = []
        self._makers: dict[str, Callable[[AddressRow, Site, str], Record]] = {
            "residents": self._resident,
            "houses": self._house,
            "enterprises": self._enterprise,
            "events": self._event,
            "things": self._thing,
        }

    def of(self, kind: str, site: Site, count: int) -> Iterator[Record]:
        """`count` rows of a kind at addresses of a site; none where the site has no address fit for them."""
        self._household = []
        pool = self._pool(kind, site)
        make = self._makers[kind]
        for _ in range(count if pool else 0):
            self._serial[kind] += 1
            record = make(self._address(kind, site, pool), site, self._defect(kind))
            self._last_key[kind] = record.source_key
            yield record

    def _pool(self, kind: str, site: Site) -> list[int] | range:
        match kind:
            case "residents":
                return site.homes
            case "houses":
                return site.homes or site.works
            case "enterprises":
                return site.works or (site.homes if self._draw.chance(0.1) else [])
            case "things":
                return site.outdoors if self._draw.chance(0.7) else range(len(site.rows))
        return range(len(site.rows))

    def _address(self, kind: str, site: Site, pool: list[int] | range) -> AddressRow:
        """The next address; the members of a household follow each other, each written down in another way."""
        if kind != "residents":
            return site.rows[self._draw.pick(pool)]
        if not self._household:
            self._household = [site.rows[self._draw.pick(pool)]] * self._draw.pick(_HOUSEHOLD)
        return self._household.pop()

    def _defect(self, kind: str) -> str:
        defect = _DEFECTS.get(self._serial[kind] % DEFECT_EVERY, "")
        return defect if defect in _DEFECTS_OF[kind] else ""

    def _written(self, row: AddressRow, site: Site, defect: str) -> tuple[str, Truth]:
        """An address as written; a row with a defect elsewhere has a flawless address and is to be rejected."""
        if not defect:
            return self._pen.write(row, site)
        text, truth = self._pen.write_cleanly(row, site)
        return text, Truth(truth.address_key, truth.division_code, REJECTED, defect)

    def _resident(self, row: AddressRow, site: Site, defect: str) -> Record:
        draw, serial = self._draw, self._serial["residents"]
        person = invent_person(serial, draw)
        number, defect = self._identity_number(person, defect)
        text, truth = self._written(row, site, defect)
        born: Value = _NO_SUCH_DAY if defect == "impossible_date" else self._messy_date(person.born)
        telephone: Value = int(person.telephone) if draw.random() < 0.3 else person.telephone
        mark = MARK if draw.random() < 0.8 else f"{MARK}；租客"
        values = (
            serial, person.name, person.sex, born, self._messy_number(number, defect), telephone, text,
            self._registered_at(row), date.fromordinal(self._day()), mark,
        )  # fmt: skip
        return Record(values, number, truth)

    def _identity_number(self, person: Person, defect: str) -> tuple[str, str]:
        """The number as it identifies the row, and the defect that really applies."""
        number = person.identity_number
        if defect == "duplicate_key":
            return self._last_key["residents"], defect
        if defect == "wrong_check_character":
            return number[:17] + ("1" if number[17] == "0" else "0"), defect
        if defect == "number_damaged":
            rounded = f"{number[:15]}000"
            # One rounded number in eleven still passes its check: that row is not to be refused.
            return (number, "") if check_character(rounded[:17]) == "0" else (rounded, defect)
        return number, defect

    def _messy_number(self, number: str, defect: str) -> Value:
        """Text, mostly; with an apostrophe, blanks or a small x; a damaged one is a number in the sheet."""
        if defect == "number_damaged":
            return int(number)
        luck = self._draw.random()
        if luck < 0.03:
            return f"'{number}"
        if luck < 0.05:
            return f" {number} "
        return number.lower() if luck < 0.2 else number

    def _messy_date(self, day: date) -> Value:
        luck = self._draw.random()
        if luck < 0.5:
            return day
        if luck < 0.8:
            return day.isoformat()
        return f"{day.year}年{day.month}月{day.day}日" if luck < 0.9 else f"{day.year}.{day.month}.{day.day}"

    def _registered_at(self, row: AddressRow) -> str:
        luck = self._draw.random()
        if luck < 0.45:
            return row.address
        return self._draw.pick(words("other_regions")) if luck < 0.85 else ""

    def _house(self, row: AddressRow, site: Site, defect: str) -> Record:
        draw = self._draw
        text, truth = self._written(row, site, defect)
        key = self._own_key("houses", f"FW{self._serial['houses']:010d}", defect)
        area, year = f"{30 + draw.random() * 170:.2f}", str(draw.between(1985, 2023))
        use, state = draw.pick(words("house_uses")), draw.pick(words("house_states"))
        rent = self._rents.of(use, state, float(area))
        return Record((key, text, use, area, year, state, rent), key, truth)

    def _enterprise(self, row: AddressRow, site: Site, defect: str) -> Record:
        draw = self._draw
        text, truth = self._written(row, site, defect)
        code = self._own_key("enterprises", invent_code(self._serial["enterprises"]), defect)
        if defect == "wrong_check_character":
            code = code[:-1] + ("1" if code[-1] == "0" else "0")
        name, trade = invent_firm(draw, "杭州")
        founded = self._date(defect)
        return Record((name, code, text, trade, founded, draw.pick(words("firm_states"))), code, truth)

    def _event(self, row: AddressRow, site: Site, defect: str) -> Record:
        draw = self._draw
        text, truth = self._written(row, site, defect)
        key = self._own_key("events", f"GD{self._serial['events']:010d}", defect)
        kind = draw.pick(words("event_kinds"))
        received = f"{self._date(defect)} {draw.between(0, 23):02d}:{draw.between(0, 59):02d}:{draw.between(0, 59):02d}"
        title = f"{draw.pick(words('event_titles'))}{kind}问题"
        return Record((key, received, kind, title, text, draw.pick(words("event_states"))), key, truth)

    def _thing(self, row: AddressRow, site: Site, defect: str) -> Record:
        draw = self._draw
        text, truth = self._written(row, site, defect)
        key = self._own_key("things", f"SB{self._serial['things']:010d}", defect)
        kind = draw.pick(words("thing_kinds"))
        values = (key, kind, f"{kind}{self._serial['things'] % 1000:03d}", text, self._date(defect))
        return Record((*values, float(row.lon), float(row.lat)), key, truth)

    def _own_key(self, kind: str, key: str, defect: str) -> str:
        return self._last_key[kind] if defect == "duplicate_key" else key

    def _date(self, defect: str) -> str:
        return _NO_SUCH_DAY if defect == "impossible_date" else date.fromordinal(self._day()).isoformat()

    def _day(self) -> int:
        return _FIRST_DAY + int(self._draw.random() * (_LAST_DAY - _FIRST_DAY))
