"""The divisions a text names, in words."""

from __future__ import annotations

from addressbook.match.standard import FullNames
from addressbook.model import Level, ParsedAddress

NAMED_LEVELS = ("province", "city", "county", "town", "community")


class DivisionWords:
    """Full names of divisions, remembered."""

    def __init__(self, gazetteer: object) -> None:
        self._gazetteer: FullNames = gazetteer  # type: ignore[assignment]
        self._known: dict[str, str] = {}

    def full_name(self, code: str | None) -> str:
        """浙江省杭州市萧山区 for 330109000000; "" for no code."""
        if not code:
            return ""
        if code not in self._known:
            self._known[code] = self._gazetteer.full_name(code)
        return self._known[code]

    @staticmethod
    def names_any(parsed: ParsedAddress) -> bool:
        """True when the text itself names a division at all."""
        return any(e.name in NAMED_LEVELS for e in parsed.elements)

    @staticmethod
    def below_county(parsed: ParsedAddress) -> bool:
        """True when the division known lies below the county."""
        return parsed.division_level.rank > Level.COUNTY.rank
