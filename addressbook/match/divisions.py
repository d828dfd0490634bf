"""The divisions a text names, in words."""

from __future__ import annotations

from typing import Final

from addressbook.divisions import Gazetteer
from addressbook.match.plan import Outline
from addressbook.match.reasons import reason
from addressbook.model import Element, Level, ParsedAddress, Reason
from addressbook.parse.lexicon import named

TOWN_DIGITS: Final = 9
REMEMBERED: Final = 100_000
COUNTY_SPAN: Final = 1_000_000
COUNTY_DIGITS: Final = 6
COUNTY_ZEROS: Final = "000000"
DIGITS: Final = {"city": 4, "county": 6}
NAMED_LEVELS: Final = ("province", "city", "county", "town", "community")


def _prefixes_of(code: str) -> dict[str, str]:
    """The digits that the city and the county of a code have, as far as it reaches."""
    return {name: code[:digits] for name, digits in DIGITS.items() if len(code[:digits].rstrip("0")) > digits - 2}


class DivisionWords:
    """Full names of divisions, remembered."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._fitting: dict[str, dict[str, bool]] = {}
        self._known: dict[str, str] = {}
        self._prefixes: dict[str, dict[str, str]] = {}
        self._lay_in: dict[tuple[str, str], bool] = {}

    def full_name(self, code: str | None) -> str:
        """浙江省杭州市萧山区 for 330109000000; "" for no code."""
        if not code:
            return ""
        if code not in self._known:
            self._known[code] = self._gazetteer.full_name(code)
        return self._known[code]

    def lay_in(self, code: str, other: str | None) -> bool:
        """Whether what lies in one division lay in another before a change of divisions."""
        if other is None:
            return False
        known = self._lay_in.get((code, other))
        if known is None:
            if len(self._lay_in) > REMEMBERED:
                self._lay_in.clear()
            known = self._lay_in[code, other] = self._gazetteer.lay_in(code, other)
        return known

    def conflict(self, parsed: ParsedAddress, at: Outline, lies_in: str | None = None) -> Reason | None:
        """The first county or city the text names that is not the one it was taken to lie in: 杭州市义乌市.

        Of a town that several counties have, and the text does not tell which, it is whether `lies_in`, the division of
        what was found, is or was one of the name.
        """
        code = parsed.division_code
        if code is None:
            return None if lies_in is None else self._other_town(parsed.first("town"), lies_in)
        prefixes = self._prefixes.get(code)
        if prefixes is None:  # there are no more codes than divisions
            prefixes = self._prefixes[code] = _prefixes_of(code)
        for name, place in at.divisions:
            prefix = prefixes.get(name)
            value = parsed.value(place)
            if prefix is not None and not self._fits(value, prefix) and not self._fitted(value, code):
                return self._mismatch(parsed, parsed.element(place), code)
        if parsed.division_level not in (Level.CITY, Level.COUNTY):
            return None
        town = parsed.first("town")
        return reason("town_unknown", "town", town.text, self.full_name(code)) if town is not None else None

    def _other_town(self, town: Element | None, lies_in: str) -> Reason | None:
        """That the town named is none of what lies there, as far as that is known to lie in a town."""
        known = TOWN_DIGITS if lies_in[COUNTY_DIGITS:TOWN_DIGITS] != "000" else COUNTY_DIGITS
        if town is None or self._fits(town.value, lies_in[:known]):
            return None
        return reason("town_unknown", "town", town.text, self.full_name(lies_in[:COUNTY_DIGITS] + COUNTY_ZEROS))

    def _mismatch(self, parsed: ParsedAddress, element: Element, code: str) -> Reason:
        """A county that lost the town to its neighbour is a known fault; anything else contradicts."""
        town = parsed.first("town")
        moved = element.name == "county" and town is not None and self._fits(town.value, code[:TOWN_DIGITS])
        return reason(
            "county_differs" if moved else "division_conflict", element.name, element.text, self.full_name(code)
        )

    def _fits(self, name: str, prefix: str) -> bool:
        """True when the division of that code has the name: in full, short, formerly, or as people write it."""
        fitting = self._fitting.get(prefix)
        if fitting is None:
            fitting = self._fitting[prefix] = {}
        fits = fitting.get(name)
        if fits is None:
            size = 10 ** (12 - len(prefix))
            fits = any(span <= size and code // size == int(prefix) for code, span in named(self._gazetteer, name))
            fitting[name] = fits
        return fits

    def _fitted(self, name: str, code: str) -> bool:
        """True when what lies in the division of that code lay in one of the name before divisions changed."""
        return any(
            self._gazetteer.lay_in(code, str(other))
            for other, span in named(self._gazetteer, name)
            if span >= COUNTY_SPAN
        )

    @staticmethod
    def names_any(parsed: ParsedAddress) -> bool:
        """True when the text itself names a division at all."""
        known = NAMED_LEVELS if parsed.division_level is Level.COMMUNITY else NAMED_LEVELS[:-1]
        return any(name in known for name in parsed.names)

    @staticmethod
    def below_county(parsed: ParsedAddress) -> bool:
        """True when the division known lies below the county."""
        return parsed.division_level in (Level.TOWN, Level.COMMUNITY)
