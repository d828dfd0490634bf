"""Persons in areas as readers see them who may not see persons: sums of noisy parts (privacy/disclosure.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range, significant
from addressbook.model import Role
from addressbook.privacy.disclosure import ROLES, Noise, added, all_shown, shown
from addressbook.store.protected import Cells, categories_of_persons, cells_of_divisions, cells_of_squares
from addressbook.store.reading import Row


class People(NamedTuple):
    """Noisy counts: by role, and by category."""

    roles: Mapping[str, int]
    categories: Mapping[str, int]

    @property
    def total(self) -> int:
        """All links of persons: the sum of the roles."""
        return sum(self.roles.values())

    @property
    def residents(self) -> int:
        """Those of persons who live there."""
        return self.roles.get(Role.RESIDENCE, 0)


_ROLES = tuple(role.value for role in ROLES)
NOBODY_KNOWS = People(dict.fromkeys(_ROLES, 0), {})


class Protected:
    """The noisy parts of one answer. Parts are the same whichever area they are added up for."""

    def __init__(self, connection: Connection, noise: Noise) -> None:
        self._connection, self._noise = connection, noise
        self._categories = categories_of_persons(connection)

    def of_divisions(self, code: str, parts: Iterable[str]) -> dict[str, People]:
        """The people of a division and of divisions in it, each the sum of the divisions' own counts in its range."""
        cells = cells_of_divisions(self._connection, *code_range(code))
        noisy = {own: self._noisy(f"division {own}", found) for own, found in cells.items()}
        inside: dict[str, list[People]] = {significant(wanted): [] for wanted in (code, *parts)}
        lengths = {len(head) for head in inside}
        for own, people in noisy.items():
            for head in {own[:length] for length in lengths} & inside.keys():
                inside[head].append(people)
        return {wanted: self._added(inside[significant(wanted)]) for wanted in (code, *parts)}

    def of_outlines(self, codes: list[str], outline: bytes | None = None) -> dict[str, People]:
        """The people in areas, and in an outline ('') that was drawn: of squares whose middle lies inside."""
        noisy: dict[tuple[int, int], People] = {}
        inside: dict[str, list[People]] = {code: [] for code in (*codes, "")}
        for (code, x, y), found in cells_of_squares(self._connection, codes, outline).items():
            if (x, y) not in noisy:
                noisy[x, y] = self._noisy(f"square {x} {y}", found)
            inside[code].append(noisy[x, y])
        return {code: self._added(people) for code, people in inside.items()}

    def _noisy(self, part: str, cells: Cells) -> People:
        """All cells of a part: also those that are empty, or their emptiness would show."""
        return People(*(
            self._noise.part(part, tuple([(what, name, cells.get((what, name), 0)) for name in names]))
            for what, names in (("role", _ROLES), ("category", self._categories))
        ))  # fmt: skip

    def _added(self, people: Iterable[People]) -> People:
        """With every category, where there are no parts as well."""
        found = [NOBODY_KNOWS, People({}, dict.fromkeys(self._categories, 0)), *people]
        return People(added(each.roles for each in found), added(each.categories for each in found))


def people_view(people: People) -> Row:
    """The persons of an area as a view shows them: null where small.

    Nothing of months, which are many and small, and of who is not at an address yet: each would add noise to all.
    """
    return {
        "total": shown(people.total),
        "located": None,
        "unplaced": None,
        "per_10000": None,
        "roles": all_shown(dict(people.roles)),
        "categories": all_shown(dict(people.categories)),
        "months": [],
        "suppressed": True,
    }


def child_people(people: People) -> Row:
    """The persons of a part of an area, in brief."""
    view = people_view(people)
    return {name: view[name] for name in ("total", "located", "unplaced")}
