"""Who may see what: one table of roles, read by views, lists and routes alike (DESIGN section 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from addressbook.errors import RoleForbidden
from addressbook.model import ElementKind

SMALLEST_COUNT_SHOWN = 10
"""Counts of persons below this are withheld from roles that see no persons; zero too. They have noise (disclosure.py),
of which this is more than the usual: most places where nobody lives show nothing."""


class AccessRole(StrEnum):
    """The role of a key."""

    PUBLIC = "public"
    VIEWER = "viewer"
    ANALYST = "analyst"
    OFFICER = "officer"
    LOADER = "loader"
    REVIEWER = "reviewer"
    ADMIN = "admin"


READS_AS: dict[AccessRole, int] = {
    AccessRole.PUBLIC: 0,
    AccessRole.VIEWER: 1,
    AccessRole.ANALYST: 2,
    AccessRole.OFFICER: 3,
    AccessRole.LOADER: 2,
    AccessRole.REVIEWER: 2,
    AccessRole.ADMIN: 2,
}
"""How far a role reads. Loading, reviewing and administration are duties: none of them reads more than an analyst."""

DUTIES: dict[AccessRole, frozenset[AccessRole]] = {
    AccessRole.LOADER: frozenset({AccessRole.LOADER, AccessRole.ADMIN}),
    AccessRole.REVIEWER: frozenset({AccessRole.REVIEWER, AccessRole.ADMIN}),
    AccessRole.ADMIN: frozenset({AccessRole.ADMIN}),
}
"""Who has each duty. A duty is not reached by reading far: an officer may not decide what a reviewer decides."""

_EVERYTHING = frozenset(ElementKind)
LISTED: dict[int, frozenset[ElementKind]] = {
    0: frozenset(),
    1: frozenset({ElementKind.ENTERPRISE, ElementKind.THING}),
    2: _EVERYTHING,
    3: _EVERYTHING,
}
"""Element kinds of which a reader sees the single elements; of the others only counts. Houses and events tell about the
people at an address, so they are listed where persons are."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route asks of a key: the least role (None: no key at all), and how its answer may show persons.

    Where the least role is a duty, only those who have it (DUTIES) may.
    """

    minimum: AccessRole | None
    persons: Literal["none", "masked", "full"] = "none"


BOUND_TO_AREAS = frozenset({AccessRole.ANALYST, AccessRole.OFFICER})
"""Roles whose keys may be bound to areas: those that read persons and have no duty."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is asking, for what, and through which request. `areas` are leading digits of divisions; none: no bounds."""

    role: AccessRole
    key_id: int = 0
    label: str = ""
    route: str = ""
    request_id: str = ""
    areas: tuple[str, ...] = ()
    purpose: str = ""

    @property
    def listed(self) -> frozenset[ElementKind]:
        """The element kinds whose single elements this reader sees."""
        return LISTED[READS_AS[self.role]]

    @property
    def sees_persons(self) -> bool:
        """Whether persons are shown, masked."""
        return ElementKind.PERSON in self.listed

    @property
    def opens_persons(self) -> bool:
        """Whether persons are shown in full: to an officer with areas and a stated purpose. Ask it of `at(division)`.

        The database holds the same rule a second time, and opens nothing against it (opened_persons, migration 0013).
        """
        return self.role is AccessRole.OFFICER and bool(self.areas) and bool(self.purpose)

    def at(self, division: str | None) -> Reader:
        """Who this is in a division of 12 digits: itself inside its areas, a viewer outside them.

        None stands for what lies in no division, or not in one alone: a polygon, a grid cell, the whole registry.

        >>> officer = Reader(AccessRole.OFFICER, areas=("330109002",))
        >>> [officer.at(code).role.value for code in ("330109002001", "330109000000", None)]
        ['officer', 'viewer', 'viewer']
        """
        if not self.areas or (division is not None and division.startswith(self.areas)):
            return self
        return replace(self, role=AccessRole.VIEWER)

    def bounds_of(self, kind: ElementKind) -> tuple[str, ...]:
        """Leading digits of the divisions where it sees single elements of this kind; none: it sees them everywhere.

        Raises RoleForbidden where it sees none anywhere.
        """
        if kind not in self.listed:
            raise _forbidden(self.role, "analyst or above", "analyst 及以上")
        return () if kind in LISTED[READS_AS[AccessRole.VIEWER]] else self.areas


OPEN = Policy(None)


def check(role: AccessRole, policy: Policy) -> None:
    """Raise RoleForbidden when `role` does not reach the policy's least role, or lacks its duty."""
    if policy.minimum is None:
        return
    if policy.minimum in DUTIES:
        if role not in DUTIES[policy.minimum]:
            able = " or ".join(sorted(DUTIES[policy.minimum], reverse=True))
            raise _forbidden(role, able, able.replace(" or ", " 或 "))
    elif READS_AS[role] < READS_AS[policy.minimum]:
        raise _forbidden(role, f"{policy.minimum} or above", f"{policy.minimum} 及以上")


def _forbidden(role: AccessRole, able: str, able_zh: str) -> RoleForbidden:
    return RoleForbidden(
        f"this needs a key with role {able}; yours is {role}.",
        zh=f"此操作需要 {able_zh} 角色的密钥，当前角色为 {role}。",
        remedy="Ask your administrator for a key with that role.",
    )
