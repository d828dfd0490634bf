"""Who may see what: one table of roles, read by views, lists and routes alike (DESIGN section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from addressbook.errors import RoleForbidden
from addressbook.model import ElementKind

SMALLEST_COUNT_SHOWN = 5
"""Counts of persons below this are withheld from roles that see no persons; zero too, or an empty room would show."""


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
    """What a route asks of a key: the least role (None: no key at all), and whether its answer may contain persons."""

    minimum: AccessRole | None
    persons: Literal["none", "masked"] = "none"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is asking, and through which request."""

    role: AccessRole
    key_id: int = 0
    label: str = ""
    route: str = ""
    request_id: str = ""

    @property
    def listed(self) -> frozenset[ElementKind]:
        """The element kinds whose single elements this reader sees."""
        return LISTED[READS_AS[self.role]]

    @property
    def sees_persons(self) -> bool:
        """Whether persons are shown, masked."""
        return ElementKind.PERSON in self.listed


OPEN = Policy(None)


def check(role: AccessRole, policy: Policy) -> None:
    """Raise RoleForbidden when `role` does not reach the policy's least role."""
    if policy.minimum is not None and READS_AS[role] < READS_AS[policy.minimum]:
        raise RoleForbidden(
            f"this needs a key with role {policy.minimum} or above; yours is {role}.",
            zh=f"此操作需要 {policy.minimum} 及以上角色的密钥，当前角色为 {role}。",
            remedy="Ask your administrator for a key with that role.",
        )
