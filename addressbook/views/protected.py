"""Persons in areas as readers see them who may not see persons: sums of noisy parts (privacy/disclosure.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range, significant
from addressbook.privacy.disclosure import ROLES, Noise, added, all_shown, shown
from addressbook.store.protected import Cells, categories_of_persons, cells_of_divisions, cells_of_squares
from addressbook.store.reading import Row

LOCATED, UNPLACED = "1", "0"


class People(NamedTuple):
    """Noisy counts: by role and whether at an address (`residence 1`), and by category."""

    roles: Mapping[str, int]
    categories: Mapping[str, int]

    def count(self, role: str = "", located: str = "") -> int:
        """Links of persons of a role, or of all; at addresses (1), at none (0), or both."""
        return sum(
            count for name, count in self.roles.items() if name.startswith(role) and name.endswith(located)
        )  # fmt: skip


NOBODY_KNOWS = People({}, {})


class Protected:
    """The noisy parts of one answer. Parts are the same whichever area they are added up for."""

    def __init__(self, connection: Connection, noise: Noise) -> None:
        self._connection, self._noise = connection, noise
        self._categories = categories_of_persons(connection)

    def of_divisions(self, code: str, parts: Iterable[str]) -> dict[str, People]:
        """The people of a division and of divisions in it, each the sum of the divisions' own counts in its range."""
        cells = cells_of_divisions(self._connection, *code_range(code))
        located = (LOCATED, UNPLACED)
        noisy = {own: self._noisy(f"division {own}", found, located) for own, found in cells.items()}
        heads = {wanted: significant(wanted) for wanted in (code, *parts)}
        return {
            wanted: self._added(people for own, people in noisy.items() if own.startswith(head))
            for wanted, head in heads.items()
        }

    def of_outlines(self, codes: list[str], outline: bytes | None = None) -> dict[str, People]:
        """The people in areas, and in an outline ('') that was drawn: of squares whose middle lies inside."""
        noisy: dict[tuple[int, int], People] = {}
        inside: dict[str, list[People]] = {code: [] for code in (*codes, "")}
        for (code, x, y), found in cells_of_squares(self._connection, codes, outline).items():
            if (x, y) not in noisy:
                noisy[x, y] = self._noisy(f"square {x} {y}", found, (LOCATED,))
            inside[code].append(noisy[x, y])
        return {code: self._added(people) for code, people in inside.items()}

    def _noisy(self, part: str, cells: Cells, located: tuple[str, ...]) -> People:
        """All cells of a part: also those that are empty, or their emptiness would show."""
        roles = [f"{role} {where}" for role in ROLES for where in located]
        counted = self._noise.counted
        return People(
            {name: counted(part, f"role {name}", cells.get(("role", name), 0)) for name in roles},
            {name: counted(part, f"category {name}", cells.get(("category", name), 0)) for name in self._categories},
        )

    def _added(self, people: Iterable[People]) -> People:
        """With every category, where there are no parts as well."""
        found = [People({}, dict.fromkeys(self._categories, 0)), *people]
        return People(added(each.roles for each in found), added(each.categories for each in found))


def people_view(people: People) -> Row:
    """The persons of an area as a view shows them: null where small; of months, which are many and small, none."""
    return {
        "total": shown(people.count()),
        "located": shown(people.count(located=LOCATED)),
        "unplaced": shown(people.count(located=UNPLACED)),
        "per_10000": None,
        "roles": all_shown({role.value: people.count(role) for role in ROLES}),
        "categories": all_shown(dict(people.categories)),
        "months": [],
        "suppressed": True,
    }


def child_people(people: People) -> Row:
    """The persons of a part of an area, in brief."""
    view = people_view(people)
    return {name: view[name] for name in ("total", "located", "unplaced")}
