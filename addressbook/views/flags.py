"""What does not fit together at an address: neutral flags on the record, never on a person.

A flag says what two records say of one place, so that whoever keeps them looks again. It names no person, and is
shown to whoever sees single elements of every kind that it is made of: to others it would tell about people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from addressbook.match import tail_text
from addressbook.model import AddressKind, ElementKind, PathToken
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.views.building import place_of
from addressbook.views.house_words import LIVED_IN, is_home, tenure_of
from addressbook.views.occupied import Occupied

MOST_RESIDENTS_OF_A_ROOM = 20
"""More residents than these in one room are flagged: a text that stops too early, or one that everybody gives."""
MOST_FLAGS = 200


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag: what it says of an address, and of which kinds of elements it tells."""

    name: str
    zh: str
    en: str
    made_of: frozenset[ElementKind]


def _nobody_linked(place: Occupied) -> bool:
    return not place.living and any(tenure_of(house) in LIVED_IN for house in place.houses)


def _many_residents(place: Occupied) -> bool:
    return place.kind == AddressKind.ROOM and place.residents > MOST_RESIDENTS_OF_A_ROOM


def _enterprise_in_home(place: Occupied) -> bool:
    """A firm whose text stops at a building of homes may be in its shop: only what has no parts is one home."""
    return place.undivided and place.registered > 0 and any(is_home(house) for house in place.houses)


_PERSON, _HOUSE, _ENTERPRISE = ElementKind.PERSON, ElementKind.HOUSE, ElementKind.ENTERPRISE
NOBODY_LINKED = Flag(
    "nobody_linked", "房屋记录为有人居住，但未关联居住人员",
    "its house record says that it is lived in, but no resident is linked", frozenset({_HOUSE, _PERSON}),
)  # fmt: skip
MANY_RESIDENTS = Flag(
    "many_residents", f"户室关联的居住人员超过 {MOST_RESIDENTS_OF_A_ROOM} 人",
    f"more than {MOST_RESIDENTS_OF_A_ROOM} residents are linked to one room", frozenset({_PERSON}),
)  # fmt: skip
ENTERPRISE_IN_HOME = Flag(
    "enterprise_in_home", "房屋用途为居住，但登记有企业",
    "an enterprise is registered in what its house record calls a home", frozenset({_HOUSE, _ENTERPRISE}),
)  # fmt: skip
FLAGS: tuple[tuple[Flag, Callable[[Occupied], bool]], ...] = (
    (NOBODY_LINKED, _nobody_linked), (MANY_RESIDENTS, _many_residents), (ENTERPRISE_IN_HOME, _enterprise_in_home),
)  # fmt: skip
"""Each flag with the question that decides it."""


def flags_view(places: Mapping[str, Occupied], reader: Reader) -> Row:
    """The flags of a view's addresses that this reader may see, and the names of those withheld."""
    told = [(flag, holds) for flag, holds in FLAGS if flag.made_of <= reader.listed]
    ordered = sorted(places.values(), key=lambda place: (len(place.path), place.path))
    items = [_entry(flag, place) for place in ordered for flag, holds in told if holds(place)]
    return {
        "total": len(items) if told else None,
        "truncated": len(items) > MOST_FLAGS,
        "items": items[:MOST_FLAGS],
        "withheld": [flag.name for flag, _ in FLAGS if not flag.made_of <= reader.listed],
    }


def _entry(flag: Flag, place: Occupied) -> Row:
    return {"flag": flag.name, "aid": place.aid, "place": _called(place), "zh": flag.zh, "en": flag.en}


def _called(place: Occupied) -> str:
    """What lies in a unit with the unit before it: one building has a 302室 in each."""
    unit = place_of(place.path)[0] if place.kind in (AddressKind.FLOOR, AddressKind.ROOM) else ""
    return tail_text([PathToken(AddressKind.ENTRANCE, unit)]) + place.name if unit else place.name
