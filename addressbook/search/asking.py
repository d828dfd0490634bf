"""What is meant by what is typed into the one box: a place on the map, a code, or a text."""

from __future__ import annotations

import re
from math import cos, hypot, radians
from typing import Final, NamedTuple

from addressbook import identity
from addressbook.errors import FieldError
from addressbook.normalise import normal_name, normalise

EARTH_RADIUS_M: Final = 6_371_009
_DEGREES: Final = r"([+-]?[0-9]{1,3}(?:\.[0-9]*)?)"
_COORDINATES: Final = re.compile(rf"\s*{_DEGREES}\s*[,，;；]\s*{_DEGREES}\s*")
_DIVISION: Final = re.compile(r"[0-9]{2,12}")
_USCC: Final = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{8,18}")
_TAIL: Final = re.compile(r"(.*[^0-9])([0-9]+[A-Z]?)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


class Coordinates(NamedTuple):
    """Degrees, WGS-84."""

    lon: float
    lat: float

    def metres_to(self, other: Coordinates) -> float:
        """The way over a sphere: right to half a percent, which is enough to put suggestions in order."""
        east = radians(other.lon - self.lon) * cos(radians((self.lat + other.lat) / 2))
        return EARTH_RADIUS_M * hypot(east, radians(other.lat - self.lat))


class Asked(NamedTuple):
    """A text as it was typed, and what it may be: several at once, of which most will find nothing.

    `name` is the key names are found by; `head` and `tail` are an address and the beginning of a number below it.
    """

    text: str
    name: str
    coordinates: Coordinates | None = None
    aid: str = ""
    uscc: str = ""
    division: str = ""
    head: str = ""
    tail: str = ""

    @property
    def head_name(self) -> str:
        """The key that the head is found by, where it is a name."""
        return normal_name(self.head)

    @property
    def has_number(self) -> bool:
        """Whether a number is in it: then it may be an address, else only a name."""
        return any(character.isdigit() for character in self.name)


def ask(text: str) -> Asked:
    """What a text may be. Raises FieldError for coordinates that are nowhere.

    >>> asked = ask("市心北路２６"); asked.head, asked.tail
    ('市心北路', '26')
    >>> ask("120.26, 30.18").coordinates
    Coordinates(lon=120.26, lat=30.18)
    """
    clean = _CONTROL.sub(" ", text).strip()
    pair = _COORDINATES.fullmatch(clean)
    if pair:
        return Asked(clean, "", coordinates=place_of(clean, "q"))
    normal = normalise(clean).normal
    head, tail = _cut(normal)
    return Asked(
        clean, normal_name(clean), None, identity.parse(clean) if identity.is_valid(clean) else "",
        _whole(_USCC, normal.upper().replace(" ", "")), _whole(_DIVISION, normal), head, tail,
    )  # fmt: skip


def place_of(text: str, field: str) -> Coordinates:
    """The place that `lon,lat` names. Raises FieldError for what is no pair of degrees on the earth."""
    pair = _COORDINATES.fullmatch(text)
    if pair is None:
        raise _no_place(field, "is not longitude,latitude", "应为“经度,纬度”，如 120.26,30.18")
    place = Coordinates(float(pair[1]), float(pair[2]))
    if abs(place.lat) > 90 and abs(place.lon) <= 90:
        raise _no_place(field, "has latitude first; longitude comes first", "顺序应为“经度,纬度”")
    if abs(place.lon) > 180 or abs(place.lat) > 90:
        raise _no_place(field, "is nowhere on the earth", "超出经纬度范围")
    return place


def _no_place(field: str, en: str, zh: str) -> FieldError:
    return FieldError("bad_coordinates", field, f"{field} {en}.", zh=f"坐标{zh}。", remedy="Give degrees, WGS-84.")


def _whole(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _cut(normal: str) -> tuple[str, str]:
    """What stands before the number that is being typed, and that number; nothing where no number is."""
    found = _TAIL.fullmatch(normal)
    return (found[1].rstrip("-"), found[2]) if found else ("", "")
