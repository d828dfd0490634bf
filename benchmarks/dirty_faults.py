"""The faults of benchmarks/dirty.py. The first word of a name is its group: of each group a query has one at most."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from random import Random

import opencc
from pypinyin import Style, pinyin

from benchmarks.dirty import NAMED, Draft, Facts, Fault
from loaders.sample.naming import chinese_number
from loaders.sample.tables import words

_SHAPES = """
未末 土士 己已巳 人入八 大太犬 日曰目 王玉主 木本术 园圆围 千干于 天夫无 今令 风凤
东车 北比 阳阴 江汪 河何 汇江 湖潮 泉帛 明朋 珠株 晨辰 翠卒 庭廷 苑宛 华毕 金全
银很 城诚 新亲 兰三 星昱 和知 云去 水永 春舂 观现 栖晒 望塑 御卸 景影 锦绵 绣诱
丽而 嘉喜 禾木 都者 蓝篮 紫系 碧璧 清请 荷何 树村 佳住 境镜 广厂 宁宇 恒垣 开井
凰皇 朝潮 晖辉 滨浜 宇字 柳卯 岸崖 沈沉 陈阵 傅博 徐除 朱未 施旎 汤场 韩朝 家豕
湾弯 甲田 埂梗 沿沼 坞钨 墩敦 弄弃 渡度 坂板 桥侨 塘糖 路露 街衔 市巾 心必 育盲
通道 湘相 文丈 振震 工土 体休 博搏 启后 龙尤 学字 友发 民氏 鸿鸣 宏宠 丰车 利刹
盈盎 高亮 晓哓 青清 秀季 梅悔
"""
LOOK_ALIKE = tuple(_SHAPES.split())
# Differences that name another place: a typist's slip there is no slip that can be mended.
TELLING = frozenset("东西南北中上下前后左右内外里大小新老一二三四五六七八九十0123456789ABCDEF期区组")
INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"))
FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("iang", "ian"))
UNKNOWN_ESTATES = ("碧桂名苑", "龙湖天街府", "融创望府", "保利天汇", "滨江铂悦", "绿城桃源", "万科随园", "华润悦玺")


# -- divisions


def divisions_short(draft: Draft, _: Facts) -> bool:
    draft.parts["province"] = draft.parts["city"] = ""
    return True


def divisions_dropped(draft: Draft, _: Facts) -> bool:
    draft.parts.update(province="", city="", county="", town="")
    return True


def divisions_town_dropped(draft: Draft, _: Facts) -> bool:
    draft.parts["town"] = ""
    return True


def divisions_suffixes_dropped(draft: Draft, _: Facts) -> bool:
    parts, town = draft.parts, draft.parts["town"]
    parts.update(province="", city="", county="萧山")
    parts["town"] = re.sub("(街道|镇)$", "", town) if len(town) > 3 or town.endswith("镇") else town
    return True


def divisions_former(draft: Draft, _: Facts) -> bool:
    draft.parts.update(city=draft.random.choice(("", "杭州市")), county=draft.random.choice(("萧山市", "萧山县")))
    return True


def divisions_repeated(draft: Draft, _: Facts) -> bool:
    draft.parts["county"] = draft.parts["county"] + draft.random.choice(("浙江省杭州市萧山区", "萧山区", "杭州萧山区"))
    return True


def divisions_wrong_town(draft: Draft, _: Facts) -> bool:
    towns = (
        "北干街道",
        "城厢街道",
        "瓜沥镇",
        "临浦镇",
        "义桥镇",
        "所前镇",
        "衙前镇",
        "新塘街道",
        "蜀山街道",
        "闻堰街道",
    )
    other = draft.random.choice(towns)
    if other == draft.row.town or draft.parts["community"] or not (draft.parts["road"] or draft.parts["place"]):
        return False
    draft.parts["town"] = other
    return True


# -- names


def name_of_alias(draft: Draft, _: Facts) -> bool:
    aliases = draft.row.alias.split("；")
    if not draft.parts["place"] or not aliases[0]:
        return False
    draft.parts["place"] = draft.random.choice(aliases)
    return True


def name_homophone(draft: Draft, facts: Facts) -> bool:
    return _change(draft, facts, lambda name, at, random: _put(name, at, _one(random, _same_sound(name[at]), name[at])))


def name_near_homophone(draft: Draft, facts: Facts) -> bool:
    return _change(draft, facts, lambda name, at, random: _put(name, at, _one(random, _near_sound(name[at]), name[at])))


def name_look_alike(draft: Draft, facts: Facts) -> bool:
    return _change(
        draft,
        facts,
        lambda name, at, random: _put(
            name, at, _one(random, "".join(g for g in LOOK_ALIKE if name[at] in g), name[at])
        ),
    )


def name_missing_character(draft: Draft, facts: Facts) -> bool:
    return _change(draft, facts, lambda name, at, _: "" if name[at] in TELLING else name[:at] + name[at + 1 :], 4)


def name_doubled_character(draft: Draft, facts: Facts) -> bool:
    return _change(draft, facts, lambda name, at, _: name[: at + 1] + name[at:])


def name_swapped_characters(draft: Draft, facts: Facts) -> bool:
    def swapped(name: str, at: int, _: Random) -> str:
        return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :] if at + 1 < len(name) else ""

    return _change(draft, facts, swapped, 3)


def name_suffix_dropped(draft: Draft, facts: Facts) -> bool:
    """市心北 for 市心北路, 沈家浜 for 沈家浜村, 禾和 小区 → 禾和."""
    for part in NAMED:
        short = re.sub("(?<=..)(路|大道|街|小区|新村|公寓|宿舍|大院|村)$", "", draft.parts[part])
        if short != draft.parts[part] and short not in facts.names and (part == "place" or draft.parts["road_no"]):
            draft.parts[part] = short
            return True
    return False


def name_suffix_added(draft: Draft, facts: Facts) -> bool:
    if not draft.row.place or not draft.parts["place"] or not draft.row.building or draft.row.building.isalpha():
        return False
    if f"{draft.parts['place']}小区" in facts.names or draft.parts["sub_place"]:
        return False
    draft.parts["place"] += "小区"
    return True


def name_twice(draft: Draft, _: Facts) -> bool:
    draft.parts["place"] *= 2
    return bool(draft.parts["place"])


# -- numbers


def number_chinese(draft: Draft, _: Facts) -> bool:
    row = draft.row
    if not row.building.isdigit():
        return False
    draft.parts["building"] = chinese_number(int(row.building)) + draft.random.choice(("幢", "栋", "号楼"))
    draft.parts["unit"] = f"{chinese_number(int(row.unit))}单元" if row.unit else ""
    return True


def number_dashes(draft: Draft, _: Facts) -> bool:
    row = draft.row
    if not (row.building.isdigit() and row.room) or row.floor:
        return False
    dash = draft.random.choice(("-", "-", "－", "—", "－"))
    joined = dash.join(filter(None, (row.building, row.unit, row.room)))
    draft.parts.update(building=joined, unit="", room="")
    return True


def number_suffixes(draft: Draft, _: Facts) -> bool:
    row, random = draft.row, draft.random
    if row.building.isdigit():
        draft.parts["building"] = row.building + random.choice(("号楼", "栋", "#", "号", "座"))
    if row.room:
        draft.parts["room"] = row.room + random.choice(("", "房", "号", "号房", "户"))
    return bool(row.building.isdigit() or row.room)


def number_zeros(draft: Draft, _: Facts) -> bool:
    if not (draft.row.building.isdigit() and len(draft.row.building) == 1):
        return False
    draft.parts["building"] = f"0{draft.row.building}幢"
    return True


def number_floor_added(draft: Draft, _: Facts) -> bool:
    row = draft.row
    if row.floor or not row.room.isdigit() or len(row.room) < 3:
        return False
    draft.parts["floor"] = row.room[:-2] + draft.random.choice(("楼", "层", "F"))
    return True


def number_without_word(draft: Draft, _: Facts) -> bool:
    if not (draft.parts["road_no"].endswith("号") and draft.parts["road"] and draft.parts["place"]):
        return False
    if draft.order.index("place") < draft.order.index("road"):
        return False
    draft.parts["road_no"] = draft.row.road_no + draft.random.choice(("", "#"))
    return True


# -- parts


def part_unit_dropped(draft: Draft, facts: Facts) -> bool:
    if not draft.parts["unit"] or "unit" in draft.kept or not draft.row.room or facts.rooms_like(draft.row) != 1:
        return False
    draft.parts["unit"] = ""
    return True


def part_road_dropped(draft: Draft, _: Facts) -> bool:
    if not (draft.parts["road"] and draft.parts["place"]) or "road" in draft.kept:
        return False
    draft.parts.update(road="", road_no="")
    return True


def part_place_dropped(draft: Draft, _: Facts) -> bool:
    if not (draft.parts["road"] and draft.parts["road_no"].endswith("号") and draft.parts["place"]):
        return False
    if "place" in draft.kept or not draft.row.building:
        return False
    draft.parts["place"] = ""
    return True


# -- text


def text_noise(draft: Draft, _: Facts) -> bool:
    random = draft.random
    before = random.choice(("收货地址：", "地址:", "送货至", "【家】", "", "收件人地址 "))
    after = random.choice(
        (" 电话10012345678", "（放门口）", " 张先生收", "，放快递柜", " 王女士10087654321", "(请提前联系)")
    )
    draft.after.append(lambda text: before + text + after)
    return True


def text_separators(draft: Draft, _: Facts) -> bool:
    draft.separator = draft.random.choice((" ", "，", ",", "　", "·", "/", "_"))
    return True


def text_full_width(draft: Draft, _: Facts) -> bool:
    draft.after.append(lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text))
    return True


def text_traditional(draft: Draft, _: Facts) -> bool:
    draft.after.append(_traditional().convert)
    return True


def order_place_first(draft: Draft, _: Facts) -> bool:
    """南岸明珠市心北路260号3幢, 南岸明珠(市心北路260号)3幢."""
    if not (draft.parts["road"] and draft.parts["road_no"].endswith("号") and draft.parts["place"]):
        return False
    at = draft.order.index("road")
    draft.order = (*draft.order[:at], "place", "sub_place", "road", "road_no", *TAIL_ORDER)
    if draft.random.random() < 0.5:
        draft.parts["road"] = f"({draft.parts['road']}"
        draft.parts["road_no"] += ")"
    return True


TAIL_ORDER = ("building", "unit", "floor", "room")

# -- no true answer


def absent_room(draft: Draft, facts: Facts) -> bool:
    row, random = draft.row, draft.random
    if not row.room.isdigit() or len(row.room) < 3:
        return False
    floor, flat = int(row.room[:-2]), int(row.room[-2:])
    number = random.choice((f"{floor}{flat + random.randint(1, 3):02d}", f"{floor + random.randint(1, 30)}{flat:02d}"))
    return _absent(draft, facts, "room", number, "室", any_unit=True)


def absent_building(draft: Draft, facts: Facts) -> bool:
    if not draft.row.building.isdigit():
        return False
    number = int(draft.row.building)
    other = draft.random.choice((number + 10, number + draft.random.randint(1, 20), number * 11))
    building = draft.row._replace(building=str(other), unit="", floor="", room="")
    if facts.has(building) or not draft.parts["place"]:
        return False
    return _absent(draft, facts, "building", str(other), "幢")


def absent_unit(draft: Draft, facts: Facts) -> bool:
    if not draft.row.unit:
        return False
    draft.kept = frozenset(["unit"])
    return _absent(draft, facts, "unit", str(int(draft.row.unit) + draft.random.randint(1, 4)), "单元")


def absent_plate(draft: Draft, facts: Facts) -> bool:
    """The neighbouring number, or one with a digit too many; a village's house when there is no road."""
    row = draft.row
    if not row.road_no.isdigit():
        return False
    number = int(row.road_no)
    other = str(draft.random.choice((number + 1, max(1, number - 1), number + 100, number * 10 + 1)))
    if (row.road, other) in facts.plates if row.road else facts.has(row._replace(road_no=other)):
        return False
    draft.parts["road_no"], draft.row, draft.kept = f"{other}号", row._replace(road_no=other), frozenset(["road"])
    return True


def absent_sibling(draft: Draft, facts: Facts) -> bool:
    """南岸明珠北区 where there is none, or 东湖明珠 for 西湖明珠."""
    name, random = draft.parts["place"], draft.random
    if not name or not draft.row.building or draft.row.sub_place or name not in facts.names:
        return False
    swaps = {"东": "西", "西": "东", "南": "北", "北": "南", "新": "老", "老": "新", "大": "小", "小": "大", "一": "二"}
    at = next((n for n, c in enumerate(name) if c in swaps), None)
    if at is not None and random.random() < 0.5:
        other = _put(name, at, swaps[name[at]])
    else:
        other = name + random.choice(("北区", "南区", "二期", "东苑", "三期", "西区"))
    if other in facts.names or facts.has(draft.row._replace(sub_place=other[-2:])):
        return False
    _leave_road_out(draft)
    draft.parts["place"], draft.row = other, draft.row._replace(place=other, alias="")
    draft.kept = frozenset(["place"])
    return True


def absent_estate(draft: Draft, facts: Facts) -> bool:
    """An estate of a name that nobody registered: of the same kind, or of the same first word."""
    if not draft.parts["place"] or not draft.row.building or draft.row.place not in facts.names:
        return False
    stem = draft.random.choice(words("estate_first")) + draft.random.choice(words("estate_second"))
    other = draft.random.choice((*UNKNOWN_ESTATES, stem, stem, stem))
    if other in facts.names:
        return False
    _leave_road_out(draft)
    draft.parts["place"], draft.row = other, draft.row._replace(place=other, alias="")
    draft.kept = frozenset(["place"])
    return True


def absent_choice(draft: Draft, facts: Facts) -> bool:
    """The unit is missing and several would do: no single answer is right."""
    if not draft.parts["unit"] or facts.rooms_like(draft.row) < 2 or not draft.parts["place"]:
        return False
    draft.parts["unit"], draft.row = "", draft.row._replace(unit="")
    return True


def _absent(draft: Draft, facts: Facts, part: str, number: str, word: str, *, any_unit: bool = False) -> bool:
    row = draft.row._replace(**{part: number})
    if facts.has(row) or (any_unit and facts.rooms_like(row)):
        return False
    draft.parts[part], draft.row = f"{number}{word}", row
    return True


def _leave_road_out(draft: Draft) -> None:
    """With the road and number of another estate the text would contradict itself: that is another fault."""
    if draft.random.random() < 0.7:
        draft.parts.update(road="", road_no="")


# -- characters

Change = Callable[[str, int, Random], str]


def _change(draft: Draft, facts: Facts, change: Change, shortest: int = 3) -> bool:
    """Change one character of the road's, the place's or the village's name into a name that nobody has."""
    parts = [part for part in NAMED if len(draft.parts[part]) >= shortest]
    if not parts:
        return False
    part = draft.random.choice(parts)
    name = draft.parts[part]
    changed = change(name, draft.random.randrange(len(name)), draft.random)
    if not changed or changed == name or changed in facts.names:
        return False
    draft.parts[part] = changed
    return True


def _put(name: str, at: int, character: str) -> str:
    return name[:at] + character + name[at + 1 :] if character else ""


def _one(random: Random, choices: str, but: str) -> str:
    others = [c for c in choices if c != but and c not in TELLING]
    return random.choice(others) if others and but not in "路街村" else ""


@cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@cache
def _characters() -> str:
    """Characters that people type: those of GB 2312's first level, which are sorted by sound."""
    rows = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return b"".join(rows).decode("gb2312", "ignore")


@cache
def _sound(character: str) -> tuple[str, str]:
    initial = pinyin(character, style=Style.INITIALS, strict=False)[0][0]
    final = pinyin(character, style=Style.FINALS, strict=False)[0][0]
    return initial, final


@cache
def _same_sound(character: str) -> str:
    return "".join(c for c in _characters() if _sound(c) == _sound(character))


@cache
def _near_sound(character: str) -> str:
    initial, final = _sound(character)
    near = {(other, final) for pair in INITIALS if initial in pair for other in pair}
    near |= {(initial, other) for pair in FINALS if final in pair for other in pair}
    near.discard((initial, final))
    return "".join(c for c in _characters() if _sound(c) in near)


POSITIVES: tuple[tuple[int, Fault], ...] = (
    (5, divisions_short), (4, divisions_dropped), (3, divisions_town_dropped), (4, divisions_suffixes_dropped),
    (2, divisions_former), (2, divisions_repeated), (2, divisions_wrong_town),
    (4, name_of_alias), (6, name_homophone), (4, name_near_homophone), (4, name_look_alike),
    (4, name_missing_character),
    (3, name_doubled_character), (3, name_swapped_characters), (4, name_suffix_dropped), (2, name_suffix_added),
    (1, name_twice),
    (4, number_chinese), (5, number_dashes), (6, number_suffixes), (2, number_zeros), (2, number_floor_added),
    (2, number_without_word),
    (4, part_unit_dropped), (4, part_road_dropped), (4, part_place_dropped),
    (5, text_noise), (3, text_separators), (2, text_full_width), (2, text_traditional), (3, order_place_first),
)  # fmt: skip
NEGATIVES: tuple[tuple[int, Fault], ...] = (
    (4, absent_room), (3, absent_building), (2, absent_unit), (4, absent_plate), (3, absent_sibling),
    (2, absent_estate), (2, absent_choice),
)  # fmt: skip
