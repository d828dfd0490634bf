"""Text → elements: name text through the lattice (remembered), numbers through their rules."""

from __future__ import annotations

from addressbook.divisions import Gazetteer
from addressbook.model import Level, ParsedAddress
from addressbook.normalise import normalise
from addressbook.parse.division_names import division_names, prefix_of
from addressbook.parse.lattice import Lattice
from addressbook.parse.numbers import Context, Piece, label_number
from addressbook.parse.pieces import TENANTED, elements_of, merged_lists, name_pieces, settled_repeats
from addressbook.parse.reading import AGAIN, KnownNames, Prefixes, Segment
from addressbook.parse.tokens import Token, tokenise

LONGEST_TEXT = 300
REMEMBERED = 100_000
LEVELS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
MARKS = {"basement": "floor", "far": "relation"}
VILLAGE_DIGITS = 12
SILENT = frozenset({"redundant", "relation", "other", "party"})


class Parser:
    """Labels every character of an address text; pure, safe to keep for the life of a process."""

    def __init__(self, gazetteer: Gazetteer, index: KnownNames | None = None) -> None:
        self.index = index
        self.divisions = division_names(gazetteer)
        self.lattice = Lattice(self.divisions, index)
        self._memory: dict[tuple[str, Prefixes, str, Prefixes], tuple[Segment, ...]] = {}
        self._version = -1

    def parse(self, text: str, *, division: str | None = None) -> ParsedAddress:
        """The elements of `text`, every character in exactly one; never raises whatever the text.

        `division` (2 to 12 digits) is where the text is taken to be when it names no division itself. Characters
        beyond LONGEST_TEXT are labelled other.
        """
        normalised = normalise(text)
        normal = normalised.normal
        values: dict[int, str] = {}
        pieces, codes = self._pieces(normal[:LONGEST_TEXT], self._hint(division), values)
        if len(normal) > LONGEST_TEXT:
            pieces.append((LONGEST_TEXT, len(normal), "other"))
        code, level = division_of(codes, division)
        elements = elements_of(normalised, merged_lists(settled_repeats(pieces), normal), values)
        return ParsedAddress(text, normal, elements, code, level)

    def forget(self) -> None:
        """Drop the remembered readings of names, e.g. to measure reading names that were never met."""
        self._memory.clear()

    def codes_of(self, divisions: str, division: str | None = None) -> Prefixes:
        """The code prefixes that a run of division names may mean, e.g. from the columns of a table."""
        return self._pieces(normalise(divisions).normal[:LONGEST_TEXT], self._hint(division), {})[1]

    def _hint(self, division: str | None) -> Prefixes:
        if division:
            return (prefix_of(division),)
        return tuple(sorted(self.index.counties)) if self.index is not None else ()

    def _pieces(self, text: str, hint: Prefixes, values: dict[int, str]) -> tuple[list[Piece], Prefixes]:
        tokens = tokenise(text, self.index.numbered(text) if self.index is not None else ())
        context = Context()
        pieces: list[Piece] = []
        codes: Prefixes = ()
        for at, token in enumerate(tokens):
            context.following = tokens[at + 1] if at + 1 < len(tokens) else None
            if token.kind == "name":
                segments = self._names(text[token.start : token.end], codes, context.last, hint)
                codes = segments[-1].codes
                self._note_villages(token.start, segments, values)
                found = name_pieces(token, segments, text, context)
            else:
                found = _other_pieces(token, text, context)
            for piece in found:
                if piece[2] not in SILENT and not piece[2].startswith(AGAIN):
                    context.saw(piece[2])
            context.group = token.unit == "group"
            pieces += found
        return pieces, codes

    def _note_villages(self, start: int, segments: tuple[Segment, ...], values: dict[int, str]) -> None:
        """The value of a village that is known is its name in the gazetteer: 群益 and 群益社区 are 群益村."""
        for segment in segments:
            if segment.label == "community" and len(segment.codes) == 1 and len(segment.codes[0]) == VILLAGE_DIGITS:
                values[start + segment.start] = self.divisions.community_name(segment.codes[0])

    def _names(self, text: str, codes: Prefixes, label: str, hint: Prefixes) -> tuple[Segment, ...]:
        """The reading of name text; lists repeat their streets and estates, so readings are remembered."""
        version = self.index.version if self.index is not None else 0
        if version != self._version or len(self._memory) > REMEMBERED:
            self._memory.clear()
            self._version = version
        key = (text, codes, label, hint)
        found = self._memory.get(key)
        if found is None:
            found = self._memory[key] = self.lattice.read(text, codes, label, hint)
        return found


def _other_pieces(token: Token, text: str, context: Context) -> list[Piece]:
    if token.kind == "number":
        if context.in_brackets and context.last in TENANTED:
            return [(token.start, token.end, "redundant")]  # 603室(一楼): a remark, not a number of the path
        return label_number(token, text, context)
    if token.kind in ("open", "close"):
        context.in_brackets = token.kind == "open"
    return [(token.start, token.end, MARKS.get(token.kind, "redundant"))]


def division_of(codes: Prefixes, division: str | None) -> tuple[str | None, Level]:
    """The deepest division that all remaining meanings share; the given context when the text names none."""
    shared = _shared(codes) if codes else prefix_of(division) if division else ""
    length = next((n for n in (12, 9, 6, 4, 2) if len(shared) >= n), 0)
    return (shared[:length].ljust(12, "0"), LEVELS[length]) if length else (None, Level.NONE)


def _shared(codes: Prefixes) -> str:
    """The longest beginning that all codes have in common: between the smallest and the largest."""
    low, high = min(codes), max(codes)
    length = next((n for n in range(len(low)) if low[n] != high[n]), len(low))
    return low[:length]
