"""Persons in areas as readers see them who may not see persons: sums of noisy parts (privacy/disclosure.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range, pad, significant
from addressbook.model import Role
from addressbook.privacy.disclosure import ROLES, Noise, added, all_shown, shown
from addressbook.store.protected import Cells, categories_of_persons, cells_of_divisions, cells_of_squares
from addressbook.store.reading import Row

Part = tuple[int, ...]
"""The noisy cells of a part: roles, and categories."""


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
        self._cells = (*(("role", role) for role in _ROLES), *(("category", name) for name in self._categories))

    def of_divisions(self, codes: Collection[str]) -> dict[str, People]:
        """The people of divisions, each the sum of the divisions' own counts in its range."""
        inside: dict[str, list[Part]] = {significant(code): [] for code in codes}
        lengths = {len(head) for head in inside}
        outermost = [head for head in inside if not any(head[:less] in inside for less in lengths if less < len(head))]
        cells = cells_of_divisions(self._connection, [code_range(pad(head)) for head in outermost])
        for own, found in cells.items():
            part = self._noisy(f"division {own}", found)
            for head in {own[:length] for length in lengths} & inside.keys():
                inside[head].append(part)
        return {code: self._added(inside[significant(code)]) for code in codes}

    def of_outlines(self, codes: list[str], outline: bytes | None = None) -> dict[str, People]:
        """The people in areas, and in an outline ('') that was drawn: of squares whose middle lies inside."""
        noisy: dict[tuple[int, int], Part] = {}
        inside: dict[str, list[Part]] = {code: [] for code in (*codes, "")}
        for (code, x, y), found in cells_of_squares(self._connection, codes, outline).items():
            if (x, y) not in noisy:
                noisy[x, y] = self._noisy(f"square {x} {y}", found)
            inside[code].append(noisy[x, y])
        return {code: self._added(people) for code, people in inside.items()}

    def _noisy(self, part: str, counts: Cells) -> Part:
        """All cells of a part: also those that are empty, or their emptiness would show."""
        return self._noise.part(part, tuple(counts.items()), self._cells)

    def _added(self, parts: Iterable[Part]) -> People:
        """With every category, where there are no parts as well."""
        whole = added(parts, len(self._cells))
        roles, categories = whole[: len(_ROLES)], whole[len(_ROLES) :]
        return People(dict(zip(_ROLES, roles, strict=True)), dict(zip(self._categories, categories, strict=True)))


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
        "categories_per_10000": dict.fromkeys(people.categories),
        "months": [],
        "suppressed": True,
    }


def child_people(people: People) -> Row:
    """The persons of a part of an area, in brief."""
    view = people_view(people)
    return {name: view[name] for name in ("total", "located", "unplaced")}
