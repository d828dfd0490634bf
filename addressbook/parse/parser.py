"""Normal text → elements: name text through the lattice (remembered), numbers through their rules."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonprefix

from addressbook.divisions import Gazetteer
from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import Normalised, normalise
from addressbook.parse.division_names import DivisionNames
from addressbook.parse.lattice import Lattice
from addressbook.parse.reading import KnownNames, Segment
from addressbook.parse.numbers import Context, Piece, label_number
from addressbook.parse.tokens import Token, tokenise
from addressbook.parse.values import value_of

LONGEST_TEXT = 300
REMEMBERED = 100_000
BELOW_PLACE = frozenset({"building", "unit", "floor", "room"})
LEVELS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
TENANTED = frozenset({"floor", "room"})
COMPANY = ("公司", "厂", "店", "部", "行", "社", "中心", "集团", "院", "户")
LEVEL_NAMES = frozenset({"province", "city", "county", "town"})
SILENT = frozenset({"redundant", "relation", "other", "party"})


class Parser:
    """Labels every character of an address text; pure, safe to keep for the life of a process."""

    def __init__(self, gazetteer: Gazetteer, index: KnownNames | None = None) -> None:
        self.index = index
        self.divisions = DivisionNames(gazetteer)
        self.lattice = Lattice(self.divisions, index)
        self._memory: dict[tuple[str, tuple[str, ...], str, tuple[str, ...]], tuple[Segment, ...]] = {}
        self._version = -1

    def parse(self, text: str, *, division: str | None = None) -> ParsedAddress:
        """The elements of `text`, every character in exactly one; never raises whatever the text.

        `division` (2 to 12 digits) is where the text is taken to be when it names no division itself.
        """
        normalised = normalise(text)
        normal = normalised.normal
        hint = self._hint(division)
        pieces, codes = self._pieces(normal[:LONGEST_TEXT], hint)
        if len(normal) > LONGEST_TEXT:
            pieces.append((LONGEST_TEXT, len(normal), "other"))
        code, level = division_of(codes, division)
        return ParsedAddress(text, normal, _elements(normalised, _merged(_last_repeats(pieces, normal), normal)), code, level)

    def codes_of(self, divisions: str, division: str | None = None) -> tuple[str, ...]:
        """The code prefixes that a run of division names may mean, e.g. from the columns of a table."""
        return self._pieces(normalise(divisions).normal[:LONGEST_TEXT], self._hint(division))[1]

    def _hint(self, division: str | None) -> tuple[str, ...]:
        if division:
            return (division.rstrip("0").ljust(2, "0") if len(division) == 12 else division,)
        return tuple(sorted(self.index.counties)) if self.index is not None else ()

    def _pieces(self, text: str, hint: tuple[str, ...]) -> tuple[list[Piece], tuple[str, ...]]:
        tokens = tokenise(text)
        context = Context()
        pieces: list[Piece] = []
        codes: tuple[str, ...] = ()
        in_brackets = False
        for at, token in enumerate(tokens):
            context.following = tokens[at + 1] if at + 1 < len(tokens) else None
            if token.kind == "name":
                segments = self._names(text[token.start : token.end], codes, context.last, hint)
                codes = segments[-1].codes if segments else codes
                found = _name_pieces(token, segments, text, context, in_brackets)
            elif token.kind == "number":
                found = label_number(token, text, context)
            else:
                in_brackets = token.kind == "open" or (in_brackets and token.kind != "close")
                found = [(token.start, token.end, _mark(token, text))]
            for piece in found:
                if piece[2] not in SILENT and not piece[2].startswith("again:"):
                    context.saw(piece[2])
            pieces += found
        return pieces, codes

    def _names(self, text: str, codes: tuple[str, ...], label: str, hint: tuple[str, ...]) -> tuple[Segment, ...]:
        version = self.index.version if self.index is not None else 0
        if version != self._version or len(self._memory) > REMEMBERED:
            self._memory.clear()
            self._version = version
        key = (text, codes, label, hint)
        found = self._memory.get(key)
        if found is None:
            found = self._memory[key] = self.lattice.read(text, codes, label, hint)
        return found


def _mark(token: Token, text: str) -> str:
    if token.kind == "basement":
        return "floor"
    return "relation" if token.kind == "far" else "redundant"


def _name_pieces(
    token: Token, segments: tuple[Segment, ...], text: str, context: Context, in_brackets: bool
) -> list[Piece]:
    pieces = []
    place_seen = "place" in context.seen
    for segment in segments:
        start, end, label = token.start + segment.start, token.start + segment.end, segment.label
        if label == "place":
            label = _place_label(text[start:end], context, in_brackets, place_seen)
            place_seen = True
        elif label == "road":
            label = "sub_road" if "road" in context.seen and "road_no" not in context.seen else "road"
            context.seen.add("road")
        pieces.append((start, end, label))
    return pieces


def _place_label(name: str, context: Context, in_brackets: bool, place_seen: bool) -> str:
    if in_brackets and name.endswith(COMPANY):
        return "party"
    if context.last in TENANTED or (place_seen and context.last in BELOW_PLACE):
        return "party"
    return "sub_place" if place_seen else "place"


def _last_repeats(pieces: list[Piece], text: str) -> list[Piece]:
    """Of a division named twice the last one counts, the earlier are redundant: 宁波市鄞州区宁波市鄞州区邱隘镇."""
    if not any(name.startswith("again:") for _, _, name in pieces):
        return pieces
    later: set[str] = set()
    kept: list[Piece] = []
    for start, end, name in reversed(pieces):
        label = name.removeprefix("again:")
        if label in LEVEL_NAMES:
            kept.append((start, end, "redundant" if label in later else label))
            later.add(label)
        else:
            kept.append((start, end, label))
    return kept[::-1]


def _merged(pieces: list[Piece], text: str) -> list[Piece]:
    """Numbers of one kind with only a list mark between them are one element: 845号、847号."""
    merged: list[Piece] = []
    for piece in pieces:
        if len(merged) >= 2 and _joins(merged[-2], merged[-1], piece, text):
            merged[-2:] = [(merged[-2][0], piece[1], piece[2])]
        else:
            merged.append(piece)
    return merged


def _joins(first: Piece, mark: Piece, second: Piece, text: str) -> bool:
    numbered = second[2] in ("road_no", "building", "room")
    return (
        numbered
        and first[2] == second[2]
        and mark[2] == "redundant"
        and text[mark[0] : mark[1]] in (",", "、", "/", "~")
    )


def _elements(normalised: Normalised, pieces: Sequence[Piece]) -> tuple[Element, ...]:
    received, normal = normalised.received, normalised.normal
    elements: list[Element] = []
    done = 0
    for start, end, name in pieces:
        first, last = normalised.span(start, end)
        first = max(first, done)
        if last <= first:
            continue
        if first > done:
            elements.append(Element(received[done:first], "redundant", done, first))
        elements.append(Element(received[first:last], name, first, last, value_of(name, normal[start:end])))
        done = last
    if done < len(received):
        elements.append(Element(received[done:], "redundant", done, len(received)))
    return tuple(elements)


def division_of(codes: tuple[str, ...], division: str | None) -> tuple[str | None, Level]:
    """The deepest division that all remaining meanings share; the given context when the text names none."""
    shared = commonprefix(codes) if codes else ""
    length = next((n for n in (12, 9, 6, 4, 2) if len(shared) >= n), 0)
    if length:
        return shared[:length].ljust(12, "0"), LEVELS[length]
    if not codes and division:
        prefix = division.rstrip("0")
        length = next((n for n in (2, 4, 6, 9, 12) if len(prefix) <= n), 12)
        return division[:length].ljust(12, "0"), LEVELS[length]
    return None, Level.NONE
