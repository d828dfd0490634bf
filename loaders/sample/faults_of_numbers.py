"""Faults in building, unit, floor, room and house number."""

from __future__ import annotations

from loaders.sample.naming import chinese_number
from loaders.sample.writing_wrong import AMBIGUOUS, NONE, Writing

_BUILDING_WORDS = ("幢", "栋", "号楼", "座")
_UNITS_AT_MOST = 9
_PHASE_NUMERALS = {"一期": ("1期", "Ⅰ期"), "二期": ("2期", "Ⅱ期"), "三期": ("3期", "Ⅲ期")}
_PHASES_AT_MOST = ("一期", "二期", "三期", "东区", "西区")


def suffix_variant(writing: Writing) -> bool:
    """3栋 for 3幢."""
    if not writing.row.building.isdigit():
        return False
    other = writing.draw.pick([word for word in _BUILDING_WORDS if word != writing.site.building_suffix])
    writing.building = writing.row.building + other
    return True


def numerals_chinese(writing: Writing) -> bool:
    """三幢二单元."""
    row = writing.row
    if not row.building.isdigit():
        return False
    writing.building = chinese_number(int(row.building)) + writing.site.building_suffix
    if row.unit:
        writing.unit = f"{chinese_number(int(row.unit))}单元"
    return True


def dashes(writing: Writing) -> bool:
    """3-2-502, or 3-502 where there are no units."""
    row = writing.row
    if not (row.building.isdigit() and row.room) or row.floor:
        return False
    writing.building, writing.unit, writing.room = "-".join(filter(None, (row.building, row.unit, row.room))), "", ""
    return True


def room_suffix_dropped(writing: Writing) -> bool:
    """3幢2单元502."""
    if not writing.room.endswith("室"):
        return False
    writing.room = writing.row.room
    return True


def room_suffix_variant(writing: Writing) -> bool:
    """502房, 502号."""
    if not writing.room:
        return False
    writing.room = writing.row.room + writing.draw.pick(("房", "号"))
    return True


def floor_added(writing: Writing) -> bool:
    """3幢2单元5楼502室."""
    if writing.floor or not writing.room:
        return False
    writing.floor = f"{writing.row.room[:-2]}{writing.draw.pick(('楼', '层'))}"
    return True


def leading_zero(writing: Writing) -> bool:
    """03幢."""
    if not (writing.row.building.isdigit() and len(writing.row.building) == 1):
        return False
    writing.building = f"0{writing.building}"
    return True


def letter_lower_case(writing: Writing) -> bool:
    """a座."""
    if not writing.row.building.isalpha():
        return False
    writing.building = writing.building.lower()
    return True


def phase_numeral(writing: Writing) -> bool:
    """2期, Ⅱ期 for 二期."""
    forms = _PHASE_NUMERALS.get(writing.row.sub_place)
    if forms is None:
        return False
    writing.sub_place = writing.draw.pick(forms)
    return True


def hash_mark(writing: Writing) -> bool:
    """3#2单元502室; 260#."""
    if writing.row.building.isdigit():
        writing.building = f"{writing.row.building}#"
    elif writing.row.road_no:
        writing.road_no = f"{writing.row.road_no}#"
    else:
        return False
    return True


def road_number_suffix_dropped(writing: Writing) -> bool:
    """市心北路260南岸明珠."""
    if not (writing.row.road and writing.road_no and writing.place):
        return False
    writing.road_no = writing.row.road_no
    return True


def unit_dropped(writing: Writing) -> bool:
    """3幢502室: one room or several, as many as there are units with such a room."""
    row = writing.row
    if not (row.unit and row.room):
        return False
    writing.unit = ""
    return _one_or_ambiguous(writing, "unit", [str(unit) for unit in range(1, _UNITS_AT_MOST)])


def phase_dropped(writing: Writing) -> bool:
    """南岸明珠3幢, where 一期 and 二期 may each have one."""
    if not (writing.row.sub_place and writing.row.building):
        return False
    writing.sub_place = ""
    return _one_or_ambiguous(writing, "sub_place", _PHASES_AT_MOST)


def group_dropped(writing: Writing) -> bool:
    """新联村12号, where each group may have one."""
    if not (writing.in_village and writing.row.sub_place):
        return False
    writing.sub_place = ""
    return _one_or_ambiguous(writing, "sub_place", [f"{group}组" for group in range(1, 13)])


def building_nonexistent(writing: Writing) -> bool:
    """A building number far above those that exist; the anchor is the estate or its phase."""
    row, site = writing.row, writing.site
    if not row.building.isdigit():
        return False
    parent = row._replace(building="", unit="", floor="", room="")
    if parent.is_plate_of_compound:
        parent = parent._replace(road="", road_no="")
    writing.building = f"{int(row.building) + 200}{site.building_suffix}"
    return writing.expect(NONE, site.key_of(parent.identity) or "", site.community.code)


def room_nonexistent(writing: Writing) -> bool:
    """A room on a floor the building does not have; the anchor is the unit, floor or building."""
    row, site = writing.row, writing.site
    if not row.room or row.floor:
        return False
    writing.room = f"{int(row.room) + 4000}室"
    return writing.expect(NONE, site.parent_key(row), site.community.code)


def plate_nonexistent(writing: Writing) -> bool:
    """A number far beyond the end of the road; the anchor is the road."""
    row, site = writing.row, writing.site
    if not (row.road and row.road_no) or row.place:
        return False
    writing.road_no = f"{writing.draw.between(2001, 4999)}号"
    return writing.expect(NONE, site.parent_key(row._replace(road_no="0")), site.community.code)


def _one_or_ambiguous(writing: Writing, column: str, values: tuple[str, ...] | list[str]) -> bool:
    """Still this address when no other has the same numbers without `column`; else ambiguous."""
    rows = (writing.row._replace(**{column: value}) for value in values)
    found = sum(writing.site.key_of(row.identity) is not None for row in rows)
    if found > 1:
        return writing.expect(AMBIGUOUS, "", writing.site.community.code)
    return True
