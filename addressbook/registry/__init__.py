"""Transactions on addresses. Only these mint identity codes; each writes one registry event (DESIGN section 3)."""

from __future__ import annotations

from addressbook.registry.growing import Grower, Grown, Wish
from addressbook.registry.tree import Node, kinds_wanted

__all__ = ["Grower", "Grown", "Node", "Wish", "kinds_wanted"]
