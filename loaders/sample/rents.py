"""Rents as a list of houses has them: what is let has one, mostly a plain number, some as people write them."""

from __future__ import annotations

from loaders.sample.drawing import Draw
from loaders.sample.tables import rents_per_m2

_LET, _IN_BUSINESS = "出租", "商用"
_SHOPS_THAT_PAY = 0.6
"""The others belong to who runs them."""
_NOT_TOLD, _TO_BE_AGREED = 0.04, 0.02
_STEP_YUAN = 50
_TEN_THOUSAND = 10_000


class Rents:
    """Rents of a sample, drawn apart from everything else in it: other values do not depend on what is drawn here."""

    def __init__(self, seed: int) -> None:
        self._draw = Draw(f"rents {seed}")

    def of(self, use: str, state: str, area_m2: float) -> str:
        """The cell of a house of that use and state; "" where it is not let or its list does not say."""
        if state != _LET and not (state == _IN_BUSINESS and self._draw.chance(_SHOPS_THAT_PAY)):
            return ""
        luck = self._draw.random()
        if luck < _NOT_TOLD + _TO_BE_AGREED:
            return "" if luck < _NOT_TOLD else "面议"
        least, most = rents_per_m2()[use]
        yuan = area_m2 * (least + self._draw.random() * (most - least))
        return self._written(max(1, round(yuan / _STEP_YUAN)) * _STEP_YUAN)

    def _written(self, yuan: int) -> str:
        """A number, mostly; with a unit, thousands apart, as a spreadsheet's float, in ten thousands."""
        luck = self._draw.random()
        if luck < 0.7:
            return str(yuan)
        if luck < 0.8:
            return f"{yuan:,}元/月"
        if luck < 0.9:
            return f"{yuan}.0"
        return f"{yuan}元" if luck < 0.96 else f"{yuan / _TEN_THOUSAND:g}万"
