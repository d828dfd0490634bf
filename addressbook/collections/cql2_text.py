"""CQL2 text (OGC 21-065r2, annex B) as the tree that CQL2 JSON has: read from left to right, each token once.

Whatever is written is read in time that its length bounds: nothing is tried twice, and nothing is descended into that
is not in brackets, of which filtering.py allows few. The library that reads CQL2 JSON for us tries and goes back: 24
brackets with a fault in them took it two minutes, and a row of signs the stack. Arithmetic and arrays, which are not
served, are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

Node = Any
"""A tree as JSON has it: objects with `op` and `args`, `property`, `date`, `interval`, `bbox` or a GeoJSON geometry."""
COMPARISONS: Final = frozenset({"=", "<>", "!=", "<", ">", "<=", ">="})
DIMENSIONS: Final = ("Z", "M", "ZM")
GEOMETRIES: Final = {
    f"{name}{dimension}".upper(): name
    for name in (
        "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
    )
    for dimension in ("", *DIMENSIONS)
}  # fmt: skip
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r'|(?P<quoted>"(?:[^"]|"")*")'
    r"|(?P<number>[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[^\W\d][\w.:]*)"
    r"|(?P<sign><=|>=|<>|!=|[=<>(),])"
    r"|(?P<end>\Z))"
)


class Unreadable(ValueError):
    """What is no CQL2 text, and behind how many characters."""

    def __init__(self, at: int) -> None:
        super().__init__(f"unreadable behind {at} characters")
        self.at = at


def parse(text: str) -> Node:
    """The tree of a filter. Raises Unreadable.

    >>> parse("kind = 'B' AND NOT name LIKE '3%'")["args"][1]
    {'op': 'not', 'args': [{'op': 'like', 'args': [{'property': 'name'}, '3%']}]}
    >>> parse("S_INTERSECTS(geometry, POINT(120 30))")["args"][1]
    {'type': 'Point', 'coordinates': [120.0, 30.0]}
    """
    reading = _Reading(text)
    found = reading.condition()
    reading.need_end()
    return found


class _Reading:
    """A text, and the token that is looked at."""

    def __init__(self, text: str) -> None:
        self._text, self._begun, self._ended = text, 0, 0
        self.kind, self.token = "", ""
        self._next()

    def condition(self) -> Node:
        """Alternatives; a value where a condition should stand is found by whoever reads the tree."""
        return self._joined("or", lambda: self._joined("and", self._negated))

    def need_end(self) -> None:
        """Raise Unreadable where more follows."""
        if self.kind != "end":
            raise self._fault()

    def _next(self) -> str:
        """Go on to the next token; returns the one before."""
        before, self._begun = self.token, self._ended
        found = _TOKEN.match(self._text, self._ended)
        if found is None:
            raise self._fault()
        self.kind = found.lastgroup or ""
        self.token, self._ended = found[self.kind], found.end()
        return before

    def _fault(self) -> Unreadable:
        return Unreadable(self._begun)

    def _is(self, *words: str) -> bool:
        return self.kind in ("word", "sign") and self.token.upper() in words

    def _took(self, *words: str) -> bool:
        """Whether the token is one of these, which is then behind us."""
        found = self._is(*words)
        if found:
            self._next()
        return found

    def _need(self, word: str) -> None:
        if not self._took(word):
            raise self._fault()

    def _joined(self, op: str, part: Callable[[], Node]) -> Node:
        parts = [part()]
        while self._took(op.upper()):
            parts.append(part())
        return {"op": op, "args": parts} if len(parts) > 1 else parts[0]

    def _negated(self) -> Node:
        nots = 0
        while self._took("NOT"):
            nots += 1
        found = self._predicate()
        for _ in range(nots):
            found = _not(found)
        return found

    def _predicate(self) -> Node:
        """A value with what is asked of it, where anything is."""
        value = self._value()
        if self._is(*COMPARISONS):
            op = self._next().replace("!=", "<>")
            return {"op": op, "args": [value, self._value()]}
        if self._took("IS"):
            negated = self._took("NOT")
            self._need("NULL")
            found = {"op": "isNull", "args": [value]}
        else:
            negated = self._took("NOT")
            found = self._asked_of(value)
            if negated and found is value:
                raise self._fault()
        return _not(found) if negated else found

    def _asked_of(self, value: Node) -> Node:
        if self._took("LIKE"):
            return {"op": "like", "args": [value, self._value()]}
        if self._took("BETWEEN"):
            low = self._value()
            self._need("AND")
            return {"op": "between", "args": [value, low, self._value()]}
        if self._took("IN"):
            return {"op": "in", "args": [value, self._list(self._value)]}
        return value

    def _value(self) -> Node:
        if self._took("("):
            found = self.condition()
            self._need(")")
            return found
        if self.kind == "text":
            return self._next()[1:-1].replace("''", "'")
        if self.kind == "number":
            return float(self._next())
        if self.kind == "quoted":
            return {"property": self._next()[1:-1].replace('""', '"')}
        if self.kind == "word":
            return self._named(self._next())
        raise self._fault()

    def _named(self, word: str) -> Node:
        """What a word is: true or false, a geometry, a function, or a property."""
        if word.upper() in ("TRUE", "FALSE"):
            return word.upper() == "TRUE"
        shape = GEOMETRIES.get(word.upper())
        if shape and self._is("(", *DIMENSIONS):
            self._took(*DIMENSIONS)
            return self._geometry(shape)
        return self._called(word.lower()) if self._is("(") else {"property": word}

    def _called(self, name: str) -> Node:
        """A function with its arguments, some of which JSON has a shape of its own for."""
        self._next()
        given = [] if self._is(")") else self._several(self._value)
        self._need(")")
        if name in ("date", "timestamp") and len(given) == 1:
            return {name: given[0]}
        return {name: given} if name in ("interval", "bbox") else {"op": name, "args": given}

    def _list(self, part: Callable[[], Node]) -> list[Node]:
        self._need("(")
        found = self._several(part)
        self._need(")")
        return found

    def _several(self, part: Callable[[], Node]) -> list[Node]:
        found = [part()]
        while self._took(","):
            found.append(part())
        return found

    def _geometry(self, shape: str) -> Node:
        """What stands in the brackets of a geometry in WKT."""
        if shape == "GeometryCollection":
            return {"type": shape, "geometries": self._list(self._part_of_collection)}
        within: dict[str, Callable[[], Any]] = {
            "Point": self._point, "MultiPoint": lambda: self._list(self._point_of_several),
            "LineString": self._line, "MultiLineString": self._lines, "Polygon": self._lines,
            "MultiPolygon": lambda: self._list(self._lines),
        }  # fmt: skip
        return {"type": shape, "coordinates": within[shape]()}

    def _part_of_collection(self) -> Node:
        found = self._value()
        if not (isinstance(found, dict) and "type" in found):
            raise self._fault()
        return found

    def _lines(self) -> list[Any]:
        return self._list(self._line)

    def _line(self) -> list[Any]:
        return self._list(self._position)

    def _point(self) -> list[float]:
        self._need("(")
        found = self._position()
        self._need(")")
        return found

    def _point_of_several(self) -> list[float]:
        """A position, in brackets or without them."""
        return self._point() if self._is("(") else self._position()

    def _position(self) -> list[float]:
        """Two to four numbers, of which the height and the measure are left."""
        numbers: list[float] = []
        while self.kind == "number" and len(numbers) < 4:
            numbers.append(float(self._next()))
        if len(numbers) < 2:
            raise self._fault()
        return numbers[:2]


def _not(node: Node) -> Node:
    return {"op": "not", "args": [node]}
