"""Which element a number is: by its unit, by what stands before it, and by what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from addressbook.parse.knowledge import knowledge
from addressbook.parse.tokens import Token

Piece = tuple[int, int, str]
"""(start, end, element name) in the normal text."""

PART = re.compile(r"[^-]+|-+")
LONG_NUMBER = 3
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BELOW_BUILDING = ("unit", "floor", "room")
CHAINS = {2: ("building", "room"), 3: ("building", "unit", "room"), 4: ("building", "unit", "floor", "room")}


@dataclass(slots=True)
class Context:
    """What has been read so far: the last element, all names seen, the place; `following` is the next token."""

    last: str = ""
    seen: set[str] = field(default_factory=set)
    following: Token | None = None
    place: str = ""
    in_brackets: bool = False
    group: bool = False

    def saw(self, name: str) -> None:
        """Note one more element."""
        self.last = name
        self.group = False
        self.seen.add(name)


def label_number(token: Token, text: str, context: Context) -> list[Piece]:
    """The pieces of a number token, in order and without gaps."""
    rule = RULES[token.unit]
    return rule(token, text, context)


def _one(token: Token, name: str) -> list[Piece]:
    return [(token.start, token.end, name)]


def _parts(token: Token) -> list[str]:
    return [p for p in token.items.split("-") if p]


def _chain(token: Token, text: str, names: tuple[str, ...]) -> list[Piece]:
    """3-2-502室 → 3 | - | 2 | - | 502室, labelled with `names`; the dashes are redundant."""
    pieces: list[Piece] = []
    name_at = 0
    for match in PART.finditer(text, token.start, token.end):
        dash = match.group().startswith("-")
        last = name_at == len(names) - 1 and not dash
        end = token.end if last else match.end()
        pieces.append((match.start(), end, "redundant" if dash else names[name_at]))
        if last:
            break
        name_at += not dash
    return pieces


def _building(token: Token, text: str, context: Context) -> list[Piece]:
    if context.last == "building" and text[token.end - 1] == "座":
        return _one(token, "unit")
    if text[token.end - 1] == "#" and context.last in ("building", *BELOW_BUILDING):
        return _one(token, "room")
    if text[token.end - 1] == "#" and _takes_plate(context):
        return _one(token, "sub_road_no" if context.last == "sub_road" else "road_no")
    return _one(token, "building")


def _takes_plate(context: Context) -> bool:
    """24# behind a road, a village, a group or a hamlet of a village is a door plate; behind an estate a building."""
    if context.last in ("road", "sub_road", "community") or context.group:
        return True
    return context.last == "place" and "community" in context.seen and not knowledge().knows(context.place)


def _unit(token: Token, text: str, context: Context) -> list[Piece]:
    if len(_parts(token)) == 2 and "building" not in context.seen:
        return _chain(token, text, ("building", "unit"))
    return _one(token, "unit")


def _floor(token: Token, text: str, context: Context) -> list[Piece]:
    following = context.following
    if text[token.end - 1] == "楼" and following is not None and following.unit in ("unit", "floor"):
        return _one(token, "building")
    return _one(token, "floor")


def _room(token: Token, text: str, context: Context) -> list[Piece]:
    """104-2室 is one room, 3-502室 a building and a room, 3-2-502室 a building, a unit and a room."""
    parts = _parts(token)
    if len(parts) == 1 or not token.items.replace("-", "").isalnum() or len(parts[0]) >= LONG_NUMBER:
        return _one(token, "room")
    return _chain(token, text, _names_below(len(parts), context)) if len(parts) in CHAINS else _one(token, "room")


def _names_below(count: int, context: Context) -> tuple[str, ...]:
    """The names of a chain of numbers: the deepest ones that are still free below what was read."""
    if "unit" in context.seen and count == 2:
        return ("floor", "room")
    if "building" in context.seen and count == 2:
        return ("unit", "room")
    if "building" in context.seen and count == 3:
        return ("unit", "floor", "room")
    return CHAINS[count]


def _group(token: Token, _text: str, _context: Context) -> list[Piece]:
    return _one(token, "sub_place")


def _lane(token: Token, _text: str, _context: Context) -> list[Piece]:
    return _one(token, "sub_road")


def _no(token: Token, _text: str, context: Context) -> list[Piece]:
    last, seen = context.last, context.seen
    if last == "sub_road":
        return _one(token, "sub_road_no")
    if last in ("building", *BELOW_BUILDING):
        return _one(token, _below(context))
    if last in ("road_no", "sub_road_no") or ("road_no" in seen and last in ("place", "sub_place")):
        return _one(token, "building" if "building" not in seen else "room")
    return _one(token, "road_no")


def _below(context: Context) -> str:
    """24号 behind a building: an entrance when a room follows, else the room itself."""
    following = context.following
    room_follows = following is not None and following.kind == "number" and following.unit in ("", "room")
    return "unit" if context.last == "building" and room_follows else "room"


def _bare(token: Token, text: str, context: Context) -> list[Piece]:
    """A number without a unit."""
    parts, last = _parts(token), context.last
    if last in ("road", "sub_road", "community") and len(parts) != 3:
        return _one(token, "road_no" if last != "sub_road" else "sub_road_no")
    if len(parts) in CHAINS and token.items.replace("-", "").isalnum():
        if len(parts) == 2 and len(parts[0]) >= LONG_NUMBER and len(parts[1]) < LONG_NUMBER:
            return _one(token, "room")
        return _chain(token, text, _names_below(len(parts), context))
    if last in ("building", *BELOW_BUILDING) or len(parts[0].strip(LETTERS)) >= LONG_NUMBER:
        return _one(token, "room")
    return _one(token, "building")


RULES = {
    "building": _building, "unit": _unit, "floor": _floor, "room": _room, "group": _group, "lane": _lane,
    "phase": _group, "zone": _group, "no": _no, "": _bare,
}  # fmt: skip
