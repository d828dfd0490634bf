"""Every way to write the name of a division: full, without its suffix, or a former one. Built once per gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

import pyarrow as pa

from addressbook.divisions.names import is_artificial, short_name
from addressbook.model import Division, Level
from addressbook.normalise import normal_name

LEVEL_OF_LENGTH = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}
LEVEL_NAMES = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
VILLAGE_SUFFIX = re.compile("(?:居民委员会|居委会|村民委员会|村委会|社区居委会|社区居民委员会|社区村委会)$")
DEVZONE = re.compile("(?:开发区|高新区|园区?|产业集聚区|工业区|保税区|度假区|新区)(?:管委会|管理委员会)?$")
SHORTEST_STEM = 2


class Spelling(NamedTuple):
    """One meaning of a spelled name: `prefix` is the code without its trailing zeros (2, 4, 6, 9 or 12 digits)."""

    prefix: str
    label: str
    quality: str


class GazetteerLike(Protocol):
    """What this package needs of `addressbook.divisions.Gazetteer`."""

    def tables(self) -> tuple[pa.Table, pa.Table]: ...
    def villages_of(self, code: str) -> list[Division]: ...


def prefix_of(code: str) -> str:
    """The significant digits of a 12-digit code: 330109000000 → 330109.

    >>> prefix_of("330000000000"), prefix_of("330109001000"), prefix_of("460000000000"), prefix_of("330109001001")
    ('33', '330109001', '46', '330109001001')
    """
    digits = len(code.rstrip("0"))
    return code[: 2 if digits <= 2 else 4 if digits <= 4 else 6 if digits <= 6 else 9 if digits <= 9 else 12]


class NameTable:
    """Names by their first two characters' lengths: one probe tells that nothing begins at a position."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[Spelling, ...]] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}

    def add(self, name: str, spelling: Spelling) -> None:
        """Add one meaning of a name; a better quality (listed first) of the same code stays."""
        known = self.names.get(name, ())
        if all(spelling.prefix != other.prefix for other in known):
            self.names[name] = (*known, spelling)
        lengths = self.lengths.get(name[:2], ())
        if len(name) not in lengths:
            self.lengths[name[:2]] = tuple(sorted((*lengths, len(name)), reverse=True))

    def starting(self, text: str, start: int) -> Iterator[tuple[int, tuple[Spelling, ...]]]:
        """(end, meanings) of every name that begins at `start`, the longest first."""
        for length in self.lengths.get(text[start : start + 2], ()):
            found = self.names.get(text[start : start + length])
            if found is not None and start + length <= len(text):
                yield start + length, found


class DivisionNames:
    """All spellings of provinces to towns at once, of villages county by county when first asked."""

    def __init__(self, gazetteer: GazetteerLike) -> None:
        self.gazetteer = gazetteer
        self.table = NameTable()
        divisions, succession = gazetteer.tables()
        codes, names = divisions.column("code").to_pylist(), divisions.column("name").to_pylist()
        upper = [(prefix_of(c), n) for c, n in zip(codes, names, strict=True) if c.endswith("000")]
        self._add_full(upper)
        self._add_former(succession)
        self._add_short(upper)
        self.villages = lru_cache(maxsize=512)(self._villages)

    def _add_full(self, divisions: Iterable[tuple[str, str]]) -> None:
        for prefix, name in divisions:
            if not is_artificial(name):
                key = normal_name(name)
                self.table.add(key, Spelling(prefix, label_of(prefix, key), "full"))
                if key.endswith("街道"):
                    self.table.add(key + "办事处", Spelling(prefix, "town", "full"))

    def _add_former(self, succession: pa.Table) -> None:
        columns = (succession.column(name).to_pylist() for name in ("old_name", "new_code"))
        for name, code in zip(*columns, strict=True):
            if name and code and not is_artificial(name):
                prefix = prefix_of(code)
                self.table.add(normal_name(name), Spelling(prefix, label_of(prefix, name), "former"))

    def _add_short(self, divisions: Iterable[tuple[str, str]]) -> None:
        for prefix, name in divisions:
            stem = short_name(name, LEVEL_NAMES[len(prefix)])
            if stem is not None:
                key = normal_name(stem)
                self.table.add(key, Spelling(prefix, label_of(prefix, key), "short"))
                if "自治州" in name:
                    self.table.add(key + "州", Spelling(prefix, "city", "full"))

    def _villages(self, county: str) -> NameTable:
        """The villages and communities of a county (6 digits): 群益村, 群益 and 群益社区 alike."""
        table = NameTable()
        rows = [(d.code, normal_name(d.name)) for d in self.gazetteer.villages_of(county.ljust(12, "0"))]
        for quality, spellings in (("full", full_village_names), ("short", short_village_names)):
            for code, name in rows:
                for spelled in spellings(name):
                    table.add(spelled, Spelling(code, "community", quality))
        return table


def full_village_names(name: str) -> list[str]:
    """The ways to write a village or community in full.

    >>> full_village_names("育才社区居委会"), full_village_names("沈村村委会")
    (['育才社区居委会', '育才社区', '育才居委会'], ['沈村村委会', '沈村村', '沈村社区'])
    """
    stem = VILLAGE_SUFFIX.sub("", name)
    if "居" in name[len(stem) :] or stem.endswith("社区"):
        bare = stem.removesuffix("社区")
        return list(dict.fromkeys([name, bare + "社区", bare + "居委会"]))
    bare = stem if name != stem else stem.removesuffix("村")
    return list(dict.fromkeys([name, bare + "村", bare + "社区"]))


def short_village_names(name: str) -> list[str]:
    """A village without its suffix, as people write it: 群益村 → 群益."""
    stem = VILLAGE_SUFFIX.sub("", name)
    stem = stem if stem != name else stem.removesuffix("社区").removesuffix("村")
    bare = stem.removesuffix("社区")
    return [bare] if len(bare) >= SHORTEST_STEM else []


def label_of(prefix: str, name: str) -> str:
    """The element name of a division: by the length of its code; development zones have their own."""
    if len(prefix) >= 6 and DEVZONE.search(name):
        return "county" if len(prefix) == 6 and name.endswith("新区") else "devzone"
    return LEVEL_OF_LENGTH[len(prefix)]
