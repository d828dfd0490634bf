"""Numbers of made-up addresses: plates, and what follows a place: building, unit, floor and room in every notation."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Part = tuple[str, str]
DASH = "-"
"""What stands between numbers, and the name of a part that is no element."""
CHINESE = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


def plate(random: Random) -> str:
    """12号, 12-1号, 甲12号, 12号之1, 12#, 845、847号."""
    number = random.choice((random.randint(1, 99), random.randint(1, 999), random.randint(1, 2999)))
    form = random.choices(("号", "-", "甲", "之", "#", "list", "bare"), (70, 14, 3, 3, 3, 3, 4))[0]
    if form == "-":
        return f"{number}-{random.randint(1, 20)}号"
    if form == "甲":
        return f"{random.choice('甲乙')}{number}号"
    if form == "之":
        return f"{number}号{random.choice('之附')}{random.randint(1, 9)}"
    if form == "list":
        return _two(random, number, number + 2, "号")
    return str(number) if form == "bare" else f"{number}{form}"


def tail(random: Random) -> list[Part]:
    """What follows a place; at times nothing."""
    form: Callable[[Random], list[Part]] = random.choices(
        (_flat, _dashed, _tower, _room, _building, _listed, lambda _: []), (34, 14, 16, 8, 16, 6, 6)
    )[0]
    return form(random)


def _digits(random: Random, high: int) -> str:
    number = random.randint(1, high)
    if number <= 10 and random.random() < 0.12:
        return CHINESE[number]
    return f"0{number}" if number < 10 and random.random() < 0.04 else str(number)


def _room_no(random: Random) -> str:
    return f"{random.randint(1, 30)}{random.randint(1, 6):02}"


def _building(random: Random) -> list[Part]:
    return [(_digits(random, 40) + random.choice(("幢", "幢", "栋", "号楼", "座", "#楼")), "building")]


def _flat(random: Random) -> list[Part]:
    """3幢2单元502室."""
    unit: list[Part] = [(_digits(random, 6) + "单元", "unit")] if random.random() < 0.6 else []
    room = _room_no(random)
    floor: list[Part] = []
    if random.random() < 0.08 and unit:
        floor = [(room[:-2] + random.choice(("楼", "层", "F")), "floor")]
    return [*_building(random), *unit, *floor, (room + random.choice(("室", "室", "", "房", "户")), "room")]


def _dashed(random: Random) -> list[Part]:
    """3-2-502, 3-502."""
    unit: list[Part] = [(DASH, DASH), (str(random.randint(1, 6)), "unit")] if random.random() < 0.5 else []
    return [(str(random.randint(1, 60)), "building"), *unit, (DASH, DASH), (_room_no(random), "room")]


def _tower(random: Random) -> list[Part]:
    """A座12层1201室, 2幢3楼."""
    building: list[Part] = [(random.choice("ABCDE") + random.choice(("座", "座", "幢", "栋")), "building")]
    floor = random.choice((f"{random.randint(1, 30)}", f"{random.randint(1, 30)}", "负一", "地下一"))
    storey: list[Part] = [(floor + random.choice(("层", "楼")), "floor")]
    room: list[Part] = [(_room_no(random) + random.choice(("室", "")), "room")] if floor.isdigit() else []
    building = building if random.random() < 0.6 else _building(random)
    return [*building, *storey, *(room if random.random() < 0.6 else [])]


def _listed(random: Random) -> list[Part]:
    """3幢501、502室, 3幢501至503室, 1幢、2幢."""
    if random.random() < 0.5:
        low = random.randint(1, 20)
        return [(_two(random, low, low + random.randint(1, 9), "幢"), "building")]
    floor, low = random.randint(1, 20), random.randint(1, 4)
    return [*_building(random), (_two(random, floor * 100 + low, floor * 100 + low + 1, "室"), "room")]


def _two(random: Random, first: int, second: int, unit: str) -> str:
    return f"{first}{random.choice(('、', '、', '至', ',', unit + '、'))}{second}{unit}"


def _room(random: Random) -> list[Part]:
    return [(_room_no(random) + random.choice(("室", "室", "")), "room")]
