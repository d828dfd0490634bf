"""What speaks for and against two addresses being one: every agreement, difference and silence, as codes.

Each rule is a function of the two sides; the points of a code are a row of data/matching/compare_costs.csv.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from rapidfuzz import fuzz

from addressbook.match.characters import telling
from addressbook.match.compare_names import NEAR, ORDER, Alike, alike, covered
from addressbook.match.compare_sides import DIVISIONS, NUMBER_LEVELS, Side

SUFFIXES = {
    "province": ("省", "市", "自治区"), "city": ("市", "州", "盟", "地区"), "county": ("区", "县", "市", "旗"),
    "town": ("镇", "乡", "街道", "苏木", "办事处"),
}  # fmt: skip
DIGITS = {"province": 2, "city": 4, "county": 6, "town": 9}
UNITS = {"building": "幢", "unit": "单元", "floor": "层", "room": "室"}
CONTRADICTIONS = frozenset(
    f"{level}_differs" for level in ("province", "city", "county", "lane", "plate", "part", *NUMBER_LEVELS)
)
BESIDE = ("对面", "对过", "隔壁")
"""The ends of words for what is near a place and not in it."""
SHORT_TEXT = 8
SHORTEST_FULL = 2
LONGEST_COMPARED = 300


class Ground(NamedTuple):
    """One finding: a code of the table, the element it is about, what each side says, and its measure in 0..1."""

    code: str
    element: str
    expected: str = ""
    found: str = ""
    amount: float = 1.0


def grounds(a: Side, b: Side) -> list[Ground]:
    """All findings, from the division down to the room, then the wording as a whole."""
    found = [ground for rule in ANYWHERE for ground in rule(a, b)]
    if _near(a.names, b.names) or _near(a.roads, b.roads):
        found.append(Ground("anchored", "text"))
        found += [ground for rule in ANCHORED for ground in rule(a, b)]
        if not any(ground.code in CONTRADICTIONS for ground in found):
            found += _ends(a, b)
    return [*found, *_wording(a, b)]


def _near(first: Collection[str], second: Collection[str]) -> bool:
    return closest(first, second)[0] in NEAR


def closest(first: Collection[str], second: Collection[str]) -> tuple[Alike, str, str]:
    """The two names that are most alike, and how much; DIFFERS where either side has none."""
    pairs = [(alike(x, y), x, y) for x in first for y in second]
    return min(pairs, key=lambda pair: (ORDER.index(pair[0]), -len(pair[1]))) if pairs else (Alike.DIFFERS, "", "")


def _divisions(a: Side, b: Side) -> Iterator[Ground]:
    """How far both agree, and where not: by code, so that former names and left-out levels do not contradict."""
    said = _named(a), _named(b)
    agreed = ""
    for level in DIVISIONS:
        codes = [_code(side, level) for side in (a, b)]
        if all(codes) and codes[0] != codes[1]:
            if all(_in_full(side, level) for side in (a, b)):
                yield Ground(f"{level}_differs", level, *said)
            break
        agreed = level if all(codes) else agreed
    if agreed:
        yield Ground(f"{agreed}_agrees", agreed, *said)
    if agreed != "town":
        yield from _towns_by_name(a, b)


def _towns_by_name(a: Side, b: Side) -> Iterator[Ground]:
    """A town that the gazetteer does not know, or not for certain, is compared as it is written: 宁微街道, 宁围街道."""
    towns = [side.parsed.first("town") for side in (a, b)]
    if towns[0] is not None and towns[1] is not None:
        how = alike(towns[0].value, towns[1].value)
        if how in NEAR:
            yield Ground("town_agrees" if how is Alike.AGREES else "town_alike", "town", towns[0].text, towns[1].text)


def _code(side: Side, level: str) -> str:
    """The code down to a level; "" where the text does not reach it."""
    digits = DIGITS[level]
    code = side.division[:digits]
    return code if code[-3 if level == "town" else -2 :].strip("0") else ""


def _in_full(side: Side, level: str) -> bool:
    """Whether a division (a town, where towns differ) is named with its suffix: 莲花 by itself may be anything."""
    named = [e for e in side.parsed.elements if e.name in DIVISIONS and (e.name == "town") == (level == "town")]
    return any(len(e.value) > SHORTEST_FULL and e.value.endswith(SUFFIXES[e.name]) for e in named)


def _named(side: Side) -> str:
    return "".join(e.value for e in side.parsed.elements if e.name in DIVISIONS)


def _roads(a: Side, b: Side) -> Iterator[Ground]:
    for ground in _names_compared("road", a.roads, b.roads):
        told_apart = ground.code == "road_similar" and _told_apart(ground.expected, ground.found)
        yield ground._replace(code="road_told_apart") if told_apart else ground
    if _near(a.roads, b.roads) or not (a.roads and b.roads):
        yield from _numbers_compared("lane", a.lanes, b.lanes)
        yield from _numbers_compared("plate", a.plates, b.plates)


def _told_apart(one: str, other: str) -> bool:
    """市心北路 and 市心南路: all that differs is what tells two roads apart."""
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    return len(one) == len(other) and all(telling().issuperset(pair) for pair in differing)


def _places(a: Side, b: Side) -> Iterator[Ground]:
    yield from _names_compared("place", a.names, b.names)


def _names_compared(kind: str, first: tuple[str, ...], second: tuple[str, ...]) -> Iterator[Ground]:
    if first and second:
        how, one, other = closest(first, second)
        yield Ground(f"{kind}_{how}", kind, one or "、".join(first), other or "、".join(second))
    elif first or second:
        yield Ground(f"{kind}_missing", kind, "、".join(first), "、".join(second))


def _parts(a: Side, b: Side) -> Iterator[Ground]:
    """一期 and 二期 are two; 一期 and 东区 say different things and do not contradict."""
    for unit in sorted({unit for unit, _ in a.parts | b.parts}):
        one, other = ({n for u, n in side.parts if u == unit} for side in (a, b))
        how = "missing" if not (one and other) else "agrees" if one & other else "differs"
        expected, found = ("、".join(f"{n}{unit}" for n in sorted(numbers)) for numbers in (one, other))
        yield Ground(f"part_{how}", "sub_place", expected, found)


def _numbers(a: Side, b: Side) -> Iterator[Ground]:
    """Down to the first that contradicts: 502 in 3幢 and 502 in 13幢 have nothing in common."""
    for level in NUMBER_LEVELS:
        one, other = (side.buildings if level == "building" else side.numbers[level] for side in (a, b))
        found = list(_numbers_compared(level, one, other))
        yield from found
        if any(ground.code in CONTRADICTIONS for ground in found):
            return


def _numbers_compared(kind: str, first: frozenset[str], second: frozenset[str]) -> Iterator[Ground]:
    expected, found = _shown(kind, first), _shown(kind, second)
    if first and second:
        yield Ground(f"{kind}_{_numbers_alike(first, second)}", kind, expected, found)
    elif first or second:
        yield Ground(f"{kind}_missing", kind, expected, found)


def _numbers_alike(first: frozenset[str], second: frozenset[str]) -> str:
    """12 and 12-1 share a main number: one is at or inside the other."""
    if first & second:
        return "agrees"
    mains = [{number.split("-")[0] for number in numbers} for numbers in (first, second)]
    return "within" if mains[0] & mains[1] else "differs"


def _shown(kind: str, numbers: frozenset[str]) -> str:
    return "、".join(f"{number}{UNITS.get(kind, '号')}" for number in sorted(numbers))


def _ends(a: Side, b: Side) -> Iterator[Ground]:
    """Whether both stop at the same kind of thing, and at the same one."""
    (level, one), (other_level, other) = _ending(a), _ending(b)
    if level != other_level or not (_near(one, other) if level == "place" else set(one) & set(other)):
        return
    if level == "room" or (level == "plate" and _near(a.roads, b.roads) and a.lanes == b.lanes):
        yield Ground("ends_at_number", level)
    else:
        yield Ground("ends_agree", level)


def _ending(side: Side) -> tuple[str, tuple[str, ...]]:
    """The finest thing a text names, entrance and floor aside, and its numbers or names."""
    head = (side.head,) if side.head else ()
    finest = (
        ("room", tuple(side.numbers["room"])), ("building", tuple(side.buildings)), ("place", head),
        ("plate", tuple(side.plates)), ("lane", tuple(side.lanes)), ("road", side.roads),
    )  # fmt: skip
    return next(((level, said) for level, said in finest if said), ("", ()))


def _gates(a: Side, b: Side) -> Iterator[Ground]:
    if set(a.gates) != set(b.gates):
        yield Ground("gate_missing", "place", "、".join(a.gates), "、".join(b.gates))


def _beside(a: Side, b: Side) -> Iterator[Ground]:
    """502室对面 is not 502室; where it is, only who wrote it knows."""
    one, other = ({word for word in side.relations if word.endswith(BESIDE)} for side in (a, b))
    if one != other:
        yield Ground("beside", "relation", "、".join(sorted(one)), "、".join(sorted(other)))


def _wording(a: Side, b: Side) -> Iterator[Ground]:
    """How much of the names, of what lies below the division, and of all that was written the two have in common."""
    one, other = (side.parsed.normal[:LONGEST_COMPARED] for side in (a, b))
    yield Ground("text_covered", "text", amount=max(covered(one, other), covered(other, one)))
    yield Ground("body_alike", "text", amount=fuzz.ratio(a.body, b.body) / 100)
    yield Ground("body_covered", "text", amount=min(covered(a.body, b.body), covered(b.body, a.body)))
    if min(len(one), len(other)) < SHORT_TEXT:
        yield Ground("short_text", "text")
    if a.names and b.names:
        yield Ground("names_covered", "text", amount=max(covered(a.name_text, other), covered(b.name_text, one)))
        yield Ground("heads_alike", "text", amount=fuzz.ratio(a.head, b.head) / 100)


Rule = Callable[[Side, Side], Iterator[Ground]]
ANYWHERE: tuple[Rule, ...] = (_divisions, _roads, _places)
ANCHORED: tuple[Rule, ...] = (_parts, _numbers, _gates, _beside)
