"""Everything the compiled reading looks names up in: divisions, villages by county, the registry's names, words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import accumulate
from threading import Lock

import numpy as np

from addressbook.divisions import Gazetteer
from addressbook.parse.costs import IMPOSSIBLE, LABEL, QUALITIES, Costs, costs
from addressbook.parse.division_names import DivisionNames, Meaning, division_names
from addressbook.parse.kept import Arrays, kept
from addressbook.parse.trie import NOTHING, Growing, Ints, find, flat
from addressbook.resources import PACKAGE, data_path

SPAN = {2: 10**10, 4: 10**8, 6: 10**6, 9: 10**3, 12: 1}
"""How many codes of 12 digits begin with a prefix, by its length."""


class Table:
    """Arrays of whole numbers one after another in one array; `at` says where each begins."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}
        self._parts: list[Ints] = []
        self._used = 0

    def put(self, name: str, values: Iterable[int] | Ints) -> None:
        """Add an array under a name."""
        part = values if isinstance(values, np.ndarray) else _whole(values)
        self.at[name] = self._used
        self._parts.append(part)
        self._used += len(part)

    def array(self) -> Ints:
        """All arrays in one."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]


def _whole(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)


PLACES = ("any", "start", "end", "before number")


def _grouped(table: Table, name: str, pairs: Iterable[tuple[str, int]]) -> list[int]:
    """A trie whose payload is the number of a group, and where the groups begin; the members in order of groups."""
    groups: dict[str, list[int]] = {}
    for text, member in pairs:
        groups.setdefault(text, []).append(member)
    growing = Growing()
    growing.put(list(groups), range(len(groups)))
    table.put(name, growing.array)
    table.put(f"{name}_first", accumulate(map(len, groups.values()), initial=0))
    return [member for members in groups.values() for member in members]


def _put_possible(table: Table, name: str, block: str) -> None:
    """For every row of a cost table the columns that are not empty."""
    start, rows, columns = costs().blocks[block]
    cells = costs().weights[start : start + len(rows) * len(columns)].reshape(len(rows), len(columns))
    possible = [np.flatnonzero(row < IMPOSSIBLE).tolist() for row in cells]
    table.put(f"{name}_first", accumulate(map(len, possible), initial=0))
    table.put(f"{name}_label", (column for row in possible for column in row))


def put_words(table: Table) -> None:
    """The words, suffixes (spelt backwards) and units of data/matching."""
    given: Costs = costs()
    order = _grouped(table, "words", ((word.word, at) for at, word in enumerate(given.words)))
    words = [given.words[at] for at in order]
    table.put("word_label", (LABEL[w.label] for w in words))
    table.put("word_place", (PLACES.index(w.place) for w in words))
    table.put("word_before", (w.before for w in words))
    table.put("word_after", (w.after for w in words))
    table.put("word_cost", (w.cost_at for w in words))
    suffixes = given.suffixes
    table.put("suffix_id", _grouped(table, "backwards", ((s.suffix[::-1], at) for at, s in enumerate(suffixes))))
    table.put("suffix_label", (LABEL[s.label] for s in suffixes))
    table.put("suffix_company", (s.company for s in suffixes))
    units = Growing()
    spelt = {unit: at for at, unit in enumerate(given.units) if unit != "no unit"}
    units.put(list(spelt), spelt.values())
    table.put("units", units.array)
    guards = [given.guards.get(unit) or "" for unit in given.units]
    table.put("guard_first", accumulate(map(len, guards), initial=0))
    _put_possible(table, "role", "roles")
    _put_possible(table, "number", "numbers")
    table.put("guards", (ord(c) for guard in guards for c in guard))


def division_arrays(names: Mapping[str, tuple[Meaning, ...]]) -> dict[str, Ints]:
    """The names of provinces to towns: their meanings, and the codes of every meaning."""
    growing = Growing(1 << 18)
    growing.put(list(names), range(len(names)))
    every = [meaning for found in names.values() for meaning in found]
    code, span = codes_of([p for meaning in every for p in meaning.prefixes])
    return {
        "names": growing.array,
        "names_first": _whole(accumulate(map(len, names.values()), initial=0)),
        "meaning_label": _whole(LABEL[m.label] for m in every),
        "meaning_quality": _whole(QUALITIES.index(m.quality) for m in every),
        "meaning_telling": _whole(telling(name, m, found) for name, found in names.items() for m in found),
        "code_first": _whole(accumulate((len(m.prefixes) for m in every), initial=0)),
        "code": code,
        "span": span,
    }


TELLING = {"county": 2, "town": 1}
"""How many places may bear a name without suffix that says by itself which county or town is meant."""
GENERIC_ENDS = ("路", "街", "道", "区", "村")


def telling(name: str, meaning: Meaning, meanings: Iterable[Meaning]) -> bool:
    """Whether a county or town is known by its stem alone (柯桥, 濮院), as 江南 and 新城 are not.

    A town in the county of its name is no other place.
    """
    most = TELLING.get(meaning.label, 0)
    if meaning.quality != "short" or not most or name.endswith(GENERIC_ENDS):
        return False
    bearers = {prefix for each in meanings if each.quality == "short" for prefix in each.prefixes}
    if len(bearers) > 3 * most:
        return False
    return sum(not any(b != other and b.startswith(other) for other in bearers) for b in bearers) <= most


@lru_cache(maxsize=4)
def table_of(gazetteer: Gazetteer) -> Table:
    """All that does not change while the process lives."""
    table = Table()
    put_words(table)
    for name, values in divisions_of(gazetteer).items():
        table.put(name, values)
    return table


def divisions_of(gazetteer: Gazetteer) -> Arrays:
    """The names of provinces to towns as arrays, made once a machine for the data and the code they are made of."""
    if gazetteer.digest is None:
        return division_arrays(division_names(gazetteer).names())
    made_of = [path for part in ("divisions", "normalise") for path in sorted((PACKAGE / part).glob("*.py"))]
    made_of += [data_path("matching", name) for name in ("division_slips.csv", "division_aliases.csv")]
    digest = hashlib.sha256(gazetteer.digest.encode() + b"".join(path.read_bytes() for path in made_of)).hexdigest()
    return kept(f"divisions-{digest[:16]}", lambda: division_arrays(division_names(gazetteer).names()))


def named(gazetteer: Gazetteer, name: str) -> list[tuple[int, int]]:
    """The codes of 12 digits that a name of a province to town may mean, each with how many codes it stands for."""
    table = table_of(gazetteer)
    array, at = table.array(), table.at
    group = find(array[at["names"] :], flat([name])[0])
    if group == NOTHING:
        return []
    meanings = array[at["names_first"] + group : at["names_first"] + group + 2]
    first, end = array[at["code_first"] + meanings].tolist()
    codes, spans = (array[at[part] + first : at[part] + end].tolist() for part in ("code", "span"))
    return list(zip(codes, spans, strict=True))


def codes_of(prefixes: Iterable[str]) -> tuple[Ints, Ints]:
    """Prefixes as codes of 12 digits, and how many codes each stands for."""
    given = list(prefixes)
    spans = np.array([SPAN[len(p)] for p in given], np.int64)
    return np.array([int(p) for p in given], np.int64) * spans, spans


class Villages:
    """The villages of the counties that texts have named, read when first asked for.

    `names` is a trie that begins with the number of a county; what ends at a name is a place in `values`, where the
    quality of the name, the number of its codes and the codes lie. `lock` is held by who reads a text: compiled code
    lets other threads run, which must not use the same scratch or make more villages known meanwhile.
    """

    def __init__(self, names: DivisionNames) -> None:
        self.lock = Lock()
        self._divisions = names
        self._trie = Growing(1 << 16)
        self._read: set[int] = set()
        self._parts: list[Ints] = [np.zeros(1, np.int64)]
        self._used = 1
        self.values = self._parts[0]

    @property
    def names(self) -> Ints:
        """The trie, as far as it was read."""
        return self._trie.array

    def read(self, counties: Iterable[int]) -> None:
        """Make the villages of these counties known."""
        for county in counties:
            if county not in self._read:
                self._read.add(county)
                self._add(county)
        self.values = np.concatenate(self._parts)
        self._parts = [self.values]

    def _add(self, county: int) -> None:
        table = self._divisions.villages(f"{county:06d}")
        values: list[int] = []
        places: list[int] = []
        for quality, codes in table.values():
            places.append(self._used + len(values))
            values += [QUALITIES.index(quality), len(codes), *map(int, codes)]
        self._parts.append(np.array(values, np.int64))
        self._used += len(values)
        self._trie.put(list(table), places, self._trie.branch(county))


@lru_cache(maxsize=4)
def villages(gazetteer: Gazetteer) -> Villages:
    """The villages of a gazetteer, shared by all parsers."""
    return Villages(division_names(gazetteer))


class RegistryNames:
    """The registry's own names. Changes are noted at once and take effect when the next text is read."""

    def __init__(self) -> None:
        self._trie = Growing()
        self._pending: dict[str, int] = {}

    def note(self, name: str, label: str | None) -> None:
        """`name`, in its normal form, is a road or a place from now on; with None it is no name any more."""
        self._pending[name] = NOTHING if label is None else LABEL[label]

    def array(self) -> Ints:
        """The trie of all names, up to date."""
        if self._pending:
            pending, self._pending = self._pending, {}
            self._trie.put(list(pending), list(pending.values()))
        return self._trie.array
