"""Faults in road and place names, and in the text as a whole."""

from __future__ import annotations

from loaders.sample.tables import words
from loaders.sample.writing_wrong import NONE, Writing

_FULL_WIDTH = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHJKLMN-"}
_TRADITIONAL = str.maketrans("东区号单幢栋湾园龙凤业兴华", "東區號單幢棟灣園龍鳳業興華")


def place_repeated(writing: Writing) -> bool:
    """南岸明珠南岸明珠3幢."""
    if not writing.place:
        return False
    writing.place *= 2
    return True


def road_dropped(writing: Writing) -> bool:
    """南岸明珠3幢502室."""
    if not (writing.road and writing.place):
        return False
    writing.road = writing.road_no = ""
    return True


def place_dropped(writing: Writing) -> bool:
    """市心北路260号3幢502室."""
    if not (writing.road and writing.road_no and writing.place and writing.building):
        return False
    writing.place = ""
    return True


def alias_of_place(writing: Writing) -> bool:
    """The other name of the estate."""
    if not (writing.site.alias and writing.place):
        return False
    writing.place = writing.site.alias
    return True


def homophone_character(writing: Writing) -> bool:
    """南岸明株 for 南岸明珠."""
    pair = next((pair for pair in words("homophones") if pair[0] in writing.place), None)
    if pair is None or not writing.road:
        return False
    writing.place = writing.place.replace(pair[0], pair[1], 1)
    return True


def stops_at_building(writing: Writing) -> bool:
    """Nothing after the building."""
    row = writing.row
    if not (row.building and (row.unit or row.floor or row.room)):
        return False
    building = row._replace(unit="", floor="", room="")
    writing.unit = writing.floor = writing.room = ""
    writing.key = writing.site.key_of(building.identity) or ""
    return bool(writing.key)


def stops_at_place(writing: Writing) -> bool:
    """Nothing but the estate or village after the divisions."""
    key = writing.site.key_of(("", writing.row.place, "", "", "", "", "", ""))
    if not writing.place or key is None:
        return False
    writing.road = writing.road_no = writing.sub_place = writing.building = writing.unit = ""
    writing.floor = writing.room = ""
    writing.key = key
    return True


def stops_at_road(writing: Writing) -> bool:
    """Nothing after the street's name."""
    road = next((road for road in writing.site.roads if road.name == writing.row.road), None)
    if road is None:
        return False
    writing.say_only(writing.province + writing.city + writing.county + writing.town + road.name)
    writing.key = road.key
    return True


def digits_full_width(writing: Writing) -> bool:
    """２６０号."""
    if not any(part for part in (writing.road_no, writing.building, writing.room)):
        return False
    writing.after.append(lambda text: text.translate(_FULL_WIDTH))
    return True


def spaces_inserted(writing: Writing) -> bool:
    """Blanks between the parts, some of them full-width."""
    return _joined(writing, (" ", " ", "  ", "\u3000"))


def punctuation_inserted(writing: Writing) -> bool:
    """Commas, dots or slashes between the parts."""
    return _joined(writing, (",", "，", "、", "/", "·"))


def whitespace_around(writing: Writing) -> bool:
    """Blanks, a tab or a line break at the ends."""
    before, after = writing.draw.pick(("", " ", "\u3000")), writing.draw.pick((" ", "\t", "\n", "\u3000 "))
    writing.after.append(lambda text: before + text + after)
    return True


def traditional_characters(writing: Writing) -> bool:
    """3棟502號."""
    if not (writing.road_no or writing.unit):
        return False
    writing.after.append(lambda text: text.translate(_TRADITIONAL))
    return True


def brackets_note(writing: Writing) -> bool:
    """A note in brackets at the end."""
    note = writing.draw.pick(words("notes"))
    writing.after.append(lambda text: text + note)
    return True


def delivery_noise(writing: Writing) -> bool:
    """What people type into a parcel form round the address; telephone numbers begin with the unassigned 100."""
    draw = writing.draw
    before = draw.pick(words("noise_before"))
    telephone = f"电话100{draw.between(10000000, 99999999)}"
    after = draw.pick((telephone, f"{draw.pick(words('surnames'))}先生收", draw.pick(words("noise_after"))))
    writing.after.append(lambda text: f"{before}{text} {after}")
    return True


def beside(writing: Writing) -> bool:
    """…对面: the address itself is not where it is; it is the anchor."""
    if not (writing.road_no or writing.building or writing.place) or writing.room:
        return False
    relation = writing.draw.pick(words("relations"))
    writing.after.append(lambda text: text + relation)
    return writing.expect(NONE, writing.row.source_key, writing.site.community.code)


def _joined(writing: Writing, separators: tuple[str, ...]) -> bool:
    """Put one separator between the parts written so far; a text that is no longer made of parts is left alone."""
    if writing.after:
        return False
    parts, separator = writing.parts(), writing.draw.pick(separators)
    prefix = len([part for part in parts[:4] if part in (writing.province, writing.city)])
    text = "".join(parts[:prefix]) + separator.join(parts[prefix:])
    writing.say_only(text)
    return True
