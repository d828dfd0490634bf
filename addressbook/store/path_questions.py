"""The questions of a batch as columns for the database, and the rows that come back as answers. Pure; machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from addressbook.model import FoundAddress, PathQuery
from addressbook.terms import AddressKind, AddressState, Level

SEPARATOR: Final = "\x1f"
KIND: Final = {kind.value: kind for kind in AddressKind}
STATE: Final = {state.value: state for state in AddressState}
LEVEL: Final = {level.value: level for level in Level}


class PathQuestions:
    """Path look-ups, each different one once: texts of one batch ask for the same streets and places."""

    def __init__(self, queries: Sequence[PathQuery]) -> None:
        self._at: list[int] = []
        """For each query where its question lies: those below sites from 0 up, those below plates from -1 down."""
        below_site: list[PathQuery] = []
        at_plate: list[PathQuery] = []
        known: dict[PathQuery, int] = {}
        for query in queries:
            at = known.get(query)
            if at is None:
                if query[2] is None:
                    at = len(below_site)
                    below_site.append(query)
                else:
                    at_plate.append(query)
                    at = -len(at_plate)
                known[query] = at
            self._at.append(at)
        self._below_site = below_site
        self._at_plate = at_plate

    def columns(self) -> dict[str, str]:
        """Each column as one text with a separator that no normal text holds: many times faster to send than arrays."""
        site, plate = self._below_site, self._at_plate
        return {
            "sites": SEPARATOR.join([str(query[0]) for query in site]),
            "paths": SEPARATOR.join([plain(query[1]) for query in site]),
            "loose": SEPARATOR.join(["t" if query[4] else "f" for query in site]),
            "roads": SEPARATOR.join([query[2] or "" for query in plate]),
            "plates": SEPARATOR.join([plain(query[3] or "") for query in plate]),
            "plate_paths": SEPARATOR.join([plain(query[1]) for query in plate]),
            "plate_loose": SEPARATOR.join(["t" if query[4] else "f" for query in plate]),
        }

    def answers(self, rows: list[tuple[Any, ...]]) -> list[list[FoundAddress]]:
        """For each query the addresses found, each once, by their codes; `rows` have the question's number first."""
        nothing: list[FoundAddress] = []
        found = [nothing] * (len(self._below_site) + len(self._at_plate))
        for row in rows:
            number: int = row[0]
            at = number - 1 if number > 0 else number  # numbered from one, in the database, either way
            hit = found_address(row)
            if found[at]:
                found[at] = _with(found[at], hit)
            else:
                found[at] = [hit]
        return [found[at] for at in self._at]


def _with(hits: list[FoundAddress], hit: FoundAddress) -> list[FoundAddress]:
    known = {other.aid: other for other in (hit, *hits)}
    return [known[aid] for aid in sorted(known)]


def found_address(row: tuple[Any, ...]) -> FoundAddress:
    """A row of the look-up, behind the number of its question, as an address."""
    # A named tuple takes three times as long to make itself.
    return tuple.__new__(
        FoundAddress,
        (row[1], row[2], KIND[row[3]], row[4], row[5], row[6], STATE[row[7]], row[8], row[9], LEVEL[row[10]], row[11]),
    )


def plain(text: str) -> str:
    """The text with another control character for the separator: no path of the registry holds either."""
    return text.replace(SEPARATOR, "\x1e") if SEPARATOR in text else text
