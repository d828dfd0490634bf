"""Other readings of a parsed text, tried when a name in it is unknown: slips of the parser that a misspelt name causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from addressbook.match.towns import TownWords
from addressbook.model import Element, ParsedAddress
from addressbook.normalise import normal_name

SILENT = frozenset({"redundant", "other"})
PLATES = frozenset({"road_no", "sub_road_no"})


def rereadings(parsed: ParsedAddress, towns: TownWords) -> Iterator[ParsedAddress]:
    """The text with some elements read as others; each is one change, or two where they belong together."""
    for one in (parsed, *towns.taken_off(parsed)):
        if one is not parsed:
            yield one
        for change in (_place_as_road, _parts_joined, _without_preamble):
            changed = change(one)
            if changed is not None:
                yield changed
                if change is _place_as_road:
                    joined = _parts_joined(changed)
                    if joined is not None:
                        yield joined


def _place_as_road(parsed: ParsedAddress) -> ParsedAddress | None:
    """人惠127号御景时光: a place before a number is a road without its 路, the next name the place."""
    if parsed.first("road") is not None:
        return None
    spoken = [n for n, e in enumerate(parsed.elements) if e.name not in SILENT]
    for at, after in zip(spoken, spoken[1:], strict=False):
        if parsed.elements[at].name == "place" and parsed.elements[after].name in PLATES:
            elements = list(parsed.elements)
            elements[at] = replace(elements[at], name="road")
            _promote(elements, after)
            return replace(parsed, elements=tuple(elements))
    return None


def _promote(elements: list[Element], after: int) -> None:
    """The first part of a place becomes the place."""
    for n in range(after + 1, len(elements)):
        if elements[n].name in ("sub_place", "party"):
            elements[n] = replace(elements[n], name="place")
            return
        if elements[n].name not in SILENT:
            return


def _without_preamble(parsed: ParsedAddress) -> ParsedAddress | None:
    """送货至浙江省…: what stands before the divisions is not the place."""
    spoken = [n for n, e in enumerate(parsed.elements) if e.name not in SILENT]
    if len(spoken) < 2 or parsed.elements[spoken[0]].name != "place":
        return None
    if parsed.elements[spoken[1]].name not in ("province", "city", "county", "town"):
        return None
    elements = list(parsed.elements)
    elements[spoken[0]] = replace(elements[spoken[0]], name="redundant")
    part = next((n for n, e in enumerate(elements) if e.name == "sub_place"), None)
    if part is not None:
        elements[part] = replace(elements[part], name="place")
    return replace(parsed, elements=tuple(elements))


def _parts_joined(parsed: ParsedAddress) -> ParsedAddress | None:
    """朝晖馨苑|东宛: the place and its part are one name."""
    for at, (place, part) in enumerate(zip(parsed.elements, parsed.elements[1:], strict=False)):
        if place.name == "place" and part.name == "sub_place":
            whole = Element(
                place.text + part.text, "place", place.start, part.end, normal_name(place.value + part.value)
            )
            return replace(parsed, elements=(*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None
