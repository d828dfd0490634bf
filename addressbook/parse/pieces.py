"""Labelled pieces of the normal text: what name segments become in context, repetitions, lists, the final elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from addressbook.model import Element
from addressbook.normalise import Normalised
from addressbook.parse.reading import AGAIN, ANEW

LISTED: Final = frozenset({"road_no", "building", "room"})
PAIR: Final = 2
HIGHER: Final = frozenset({"province", "city", "county"})
DIVISIONS: Final = ("province", "city", "county", "devzone", "town")
LIST_MARKS: Final = frozenset({",", "、", "/", "~", ";"})
Piece = tuple[int, int, str]
"""(start, end, element name) in the normal text."""
Valued = tuple[int, int, str, str]
"""The same with the value of the element."""


def settled_repeats(pieces: list[Piece]) -> list[Piece]:
    """Of a division named twice one counts and the other is redundant.

    The last counts when the whole chain is repeated and the text goes on behind it (宁波鄞州区浙江宁波市鄞州区邱隘镇),
    be it a city alone (金华金华义乌), or when the second is the fuller one (宁波宁波市), else the first (苍南县温州市).
    Where the address begins anew, none of what stands before counts.
    """
    settled = _from_the_last_start(pieces)
    again = [at for at, (_, _, name) in enumerate(settled) if name.startswith(AGAIN)]
    if not again:
        return settled
    copies = {settled[at][2].removeprefix(AGAIN): at for at in again}  # the last of each
    earlier = {settled[at][2]: at for at in range(again[0] - 1, -1, -1) if settled[at][2] in DIVISIONS}
    last = _last_counts(settled, copies, earlier)
    for at in again:
        start, end, label = settled[at][0], settled[at][1], settled[at][2].removeprefix(AGAIN)
        counts = at == copies[label] if last or label not in earlier else False
        settled[at] = (start, end, label if counts else "redundant")
    if last:
        settled = [
            (start, end, "redundant" if at < copies.get(name, 0) else name)
            for at, (start, end, name) in enumerate(settled)
        ]
    return settled


def _from_the_last_start(pieces: list[Piece]) -> list[Piece]:
    """The divisions before the last new start are those of another address: 四川省成都市|中国浙江省杭州市."""
    starts = [at for at, (_, _, name) in enumerate(pieces) if name.startswith(ANEW)] or _behind_a_town(pieces)
    if not starts:
        return list(pieces)
    before = [
        (start, end, "redundant" if _bare(name) in DIVISIONS else _bare(name))
        for start, end, name in pieces[: starts[-1]]
    ]
    start, end, name = pieces[starts[-1]]
    return [*before, (start, end, _bare(name)), *pieces[starts[-1] + 1 :]]


def _behind_a_town(pieces: list[Piece]) -> list[int]:
    """陆家镇|江苏省苏州市昆山市陆家镇: forms put the town before the address."""
    if len(pieces) > 1 and pieces[0][2] == "town" and _bare(pieces[1][2]) in HIGHER:
        return [1]
    return []


def _bare(name: str) -> str:
    return name.removeprefix(AGAIN).removeprefix(ANEW)


def _last_counts(pieces: list[Piece], copies: Mapping[str, int], earlier: Mapping[str, int]) -> bool:
    deepest = min(map(DIVISIONS.index, copies))
    if any(DIVISIONS.index(label) >= deepest and label not in copies for label in earlier):
        return False  # only a part is named again
    goes_on = any(name != "redundant" for _, _, name in pieces[max(copies.values()) + 1 :])
    if goes_on and earlier.keys() <= copies.keys() and (len(copies) >= PAIR or "city" in copies):
        return True
    both = copies.keys() & earlier.keys()
    return sum(_length(pieces[copies[n]]) for n in both) > sum(_length(pieces[earlier[n]]) for n in both)


def _length(piece: Piece) -> int:
    return piece[1] - piece[0]


def merged_lists(pieces: list[Piece], text: str) -> list[Piece]:
    """Numbers of one kind with only a list mark between them are one element: 845号、847号."""
    merged: list[Piece] = []
    for piece in pieces:
        if len(merged) > 1 and piece[2] in LISTED and _joins(merged[-2], merged[-1], piece, text):
            merged[-2:] = [(merged[-2][0], piece[1], piece[2])]
        else:
            merged.append(piece)
    return merged


def _joins(first: Piece, mark: Piece, second: Piece, text: str) -> bool:
    return first[2] == second[2] and mark[2] == "redundant" and text[mark[0] : mark[1]] in LIST_MARKS


def element_at(text: str, name: str, start: int, end: int, value: str = "") -> Element:
    """The element of a text at a place, made in a third of the time that a named tuple takes by itself."""
    return tuple.__new__(Element, (text[start:end], name, start, end, value))


def elements_of(normalised: Normalised, pieces: Sequence[Valued]) -> tuple[Element, ...]:
    """Pieces of the normal text as elements of the text received; characters that normalising dropped are redundant."""
    received, _, offsets = normalised
    made: list[Element] = []
    done = 0
    for start, end, name, value in pieces:
        first, last = max(offsets[start], done), offsets[end - 1] + 1
        if last <= first:
            continue
        if first > done:
            made.append(element_at(received, "redundant", done, first))
        made.append(element_at(received, name, first, last, value))
        done = last
    if done < len(received):
        made.append(element_at(received, "redundant", done, len(received)))
    return tuple(made)
