"""A link as it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from addressbook.links.policy import Decision
from addressbook.model import Reason, Resolution, Role

LINK_COLUMNS = (
    "site_id", "aid", "division_code", "element_kind", "element_key", "role", "category", "month", "source_id",
    "row_key", "received_text", "match_category", "match_level", "coordinate_level", "score", "flags", "reasons",
    "valid_from", "opened_batch",
)  # fmt: skip
"""The columns a load writes, in the order of `Link.values`."""


class Subject(NamedTuple):
    """Whose link it is, and the row and batch it comes from."""

    element_kind: str
    element_key: UUID
    category: str
    month: date
    source_id: int
    row_key: UUID
    batch_id: int
    valid_from: date | None


@dataclass(frozen=True, slots=True)
class Link:
    """An element at an address, or at a division where no address is reached, in a role."""

    subject: Subject
    role: Role
    decision: Decision
    resolution: Resolution
    flags: tuple[str, ...] = ()

    def same_as(self, site_id: int, aid: str | None, division_code: str, category: str, month: date) -> bool:
        """Whether a stored link says the same."""
        mine = (self.decision.site_id, self.decision.aid, self.decision.division_code, self.subject.category)
        return (*mine, self.subject.month) == (site_id, aid, division_code, category, month)

    def values(self) -> tuple[Any, ...]:
        """The values of LINK_COLUMNS; reasons as a list of plain dictionaries."""
        subject, found = self.subject, self.resolution
        return (
            self.decision.site_id, self.decision.aid, self.decision.division_code, subject.element_kind,
            subject.element_key, self.role, subject.category, subject.month, subject.source_id, subject.row_key,
            found.text, found.category, found.match_level, found.coordinate_level,
            found.score, [*self.decision.flags, *self.flags], reasons_as_data(found.reasons),
            subject.valid_from, subject.batch_id,
        )  # fmt: skip


def reasons_as_data(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Reasons as stored with links and review items, and as sent to clients."""
    return [
        {"code": r.code, "element": r.element, "expected": r.expected, "found": r.found, "cost": r.cost}
        for r in reasons
    ]
