"""TreePlan → the one standard text of an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from addressbook.model import AddressKind, PathToken, TreePlan

TOWN_DIGITS: Final = 9


class FullNames(Protocol):
    """What this module needs of the gazetteer."""

    def full_name(self, code: str) -> str:
        """The names from the province down to the division of that code."""


def standard_text(gazetteer: FullNames, plan: TreePlan) -> str:
    """Divisions to the town, then names, then numbers, for a code that is in force.

    E.g. 浙江省杭州市萧山区北干街道市心北路260号南岸明珠3幢1单元502室. A village stands for itself: 群益村12组34号.
    """
    code = plan.division_code
    divisions = gazetteer.full_name(code[:TOWN_DIGITS].ljust(12, "0")) if code else ""
    plate = f"{plan.plate_no}号" if plan.road and plan.plate_no else ""
    return f"{divisions}{plan.road}{plate}{plan.place}{tail_text(plan.tail)}"


def tail_text(tail: Sequence[PathToken]) -> str:
    """The numbers as people write them: B3/E1/H502 → 3幢1单元502室."""
    return "".join(_token_text(token) for token in tail)


def _token_text(token: PathToken) -> str:
    value = token.value
    if token.kind is AddressKind.BUILDING:
        return f"{value}座" if value.isalpha() else f"{value}幢"
    if token.kind is AddressKind.FLOOR:
        return f"地下{value[1:]}层" if value.startswith("-") else f"{value}层"
    unit = {AddressKind.DOOR_PLATE: "号", AddressKind.ENTRANCE: "单元", AddressKind.ROOM: "室"}.get(token.kind, "")
    return value + unit
