"""Labelled pieces of the normal text: what name segments become in context, repetitions, lists, the final elements."""

from __future__ import annotations

from collections.abc import Sequence

from addressbook.model import Element
from addressbook.normalise import Normalised
from addressbook.parse.reading import AGAIN

LISTED = frozenset({"road_no", "building", "room"})
PAIR = 2
LIST_MARKS = frozenset({",", "、", "/", "~", ";"})
Piece = tuple[int, int, str]
"""(start, end, element name) in the normal text."""


def settled_repeats(pieces: list[Piece]) -> list[Piece]:
    """Of a division named twice one counts and the other is redundant.

    The last counts when a whole chain is repeated and the text goes on behind it (宁波鄞州区浙江宁波市鄞州区邱隘镇),
    or when it is the fuller name (宁波宁波市), else the first (苍南县温州市).
    """
    again = [at for at, (_, _, name) in enumerate(pieces) if name.startswith(AGAIN)]
    if not again:
        return pieces
    settled = list(pieces)
    chain = _is_chain(pieces, again)
    for at in again:
        start, end, label = pieces[at][0], pieces[at][1], pieces[at][2].removeprefix(AGAIN)
        earlier = [n for n in range(at) if settled[n][2] == label]
        fuller = any(end - start > settled[n][1] - settled[n][0] for n in earlier)
        if earlier and (chain or fuller):
            for n in earlier:
                settled[n] = (settled[n][0], settled[n][1], "redundant")
            settled[at] = (start, end, label)
        else:
            settled[at] = (start, end, "redundant" if earlier else label)
    return settled


def _is_chain(pieces: list[Piece], again: list[int]) -> bool:
    """Three names or more again, or two with others between them; and something behind them."""
    labels = [pieces[at][2].removeprefix(AGAIN) for at in again]
    if len(again) == PAIR:
        first = next((n for n in range(again[0]) if pieces[n][2] == labels[0]), again[0])
        if "province" in labels or again[0] - first <= PAIR:
            return False
    return len(again) >= PAIR and any(name != "redundant" for _, _, name in pieces[again[-1] + 1 :])


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


def elements_of(normalised: Normalised, elements: Sequence[Element]) -> tuple[Element, ...]:
    """Elements of the normal text as those of the text received; characters that normalising dropped are redundant."""
    received, offsets = normalised.received, normalised.offsets
    if isinstance(offsets, range):
        return tuple([Element(received[start:end], name, start, end, value) for _, name, start, end, value in elements])
    moved: list[Element] = []
    done = 0
    for _, name, start, end, value in elements:
        first, last = max(offsets[start], done), offsets[end - 1] + 1
        if last <= first:
            continue
        if first > done:
            moved.append(Element(received[done:first], "redundant", done, first))
        moved.append(Element(received[first:last], name, first, last, value))
        done = last
    if done < len(received):
        moved.append(Element(received[done:], "redundant", done, len(received)))
    return tuple(moved)
