"""Links: an element at an address in a role, with dates and evidence; and the policy for unsure ones."""

from __future__ import annotations

from addressbook.links.policy import Decision, Unresolved, decide
from addressbook.links.record import LINK_COLUMNS, Link

__all__ = ["LINK_COLUMNS", "Decision", "Link", "Unresolved", "decide"]
