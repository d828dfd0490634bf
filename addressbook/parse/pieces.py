"""Labelled pieces of the normal text: what name segments become in context, repetitions, lists, the final elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from addressbook.model import Element
from addressbook.normalise import Normalised
from addressbook.parse.numbers import Context, Piece
from addressbook.parse.reading import AGAIN, Segment
from addressbook.parse.tokens import Token
from addressbook.parse.values import value_of

NUMBERS = frozenset({"road_no", "sub_road_no", "building", "unit", "floor", "room"})
BELOW_PLACE = frozenset({"building", "unit", "floor", "room"})
TENANTED = frozenset({"floor", "room"})
LISTED = frozenset({"road_no", "building", "room"})
LIST_MARKS = frozenset({",", "、", "/", "~", ";"})
COMPANY = ("公司", "厂", "店", "部", "行", "合作社", "集团", "院", "商户")


def name_pieces(token: Token, segments: Sequence[Segment], text: str, context: Context) -> list[Piece]:
    """The pieces of a name token: its segments, with places and roads labelled by what stands before them."""
    pieces: list[Piece] = []
    for segment in segments:
        start, end, label = token.start + segment.start, token.start + segment.end, segment.label
        if label == "place":
            pieces += _place_pieces(start, end, text, context)
        elif label == "road":
            second = "road" in context.seen and "road_no" not in context.seen
            context.seen.add("road")
            pieces.append((start, end, "sub_road" if second else "road"))
        else:
            pieces.append((start, end, label))
    return pieces


def _place_pieces(start: int, end: int, text: str, context: Context) -> list[Piece]:
    """A place, a part of a place or a party; a name written twice counts once."""
    half = (end - start) // 2
    if half > 1 and text[start : start + half] == text[start + half : end]:
        return [*_place_pieces(start, start + half, text, context), (start + half, end, "redundant")]
    name = text[start:end]
    if context.in_brackets and (context.last in NUMBERS or name.startswith("原")):
        return [(start, end, "party" if name.endswith(COMPANY) else "redundant")]
    label = _place_label(name, context)
    if label == "place":
        context.place = name
        context.seen.add("place")
    elif label == "sub_place" and name == context.place:
        label = "redundant"
    return [(start, end, label)]


def _place_label(name: str, context: Context) -> str:
    place_seen = "place" in context.seen
    if context.in_brackets and name.endswith(COMPANY):
        return "party"
    if context.last in TENANTED or (place_seen and context.last in BELOW_PLACE):
        return "party"
    return "sub_place" if place_seen else "place"


def settled_repeats(pieces: list[Piece]) -> list[Piece]:
    """Of a division named twice one counts and the other is redundant.

    The last counts when several are repeated (宁波市鄞州区宁波市鄞州区邱隘镇) or when it is the fuller name
    (宁波宁波市), else the first (苍南县温州市).
    """
    again = [at for at, (_, _, name) in enumerate(pieces) if name.startswith(AGAIN)]
    if not again:
        return pieces
    settled = list(pieces)
    for at in again:
        start, end, label = pieces[at][0], pieces[at][1], pieces[at][2].removeprefix(AGAIN)
        earlier = [n for n in range(at) if settled[n][2] == label]
        fuller = any(end - start > settled[n][1] - settled[n][0] for n in earlier)
        if earlier and (len(again) > 1 or fuller):
            for n in earlier:
                settled[n] = (settled[n][0], settled[n][1], "redundant")
            settled[at] = (start, end, label)
        else:
            settled[at] = (start, end, "redundant" if earlier else label)
    return settled


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


def elements_of(normalised: Normalised, pieces: Sequence[Piece], values: Mapping[int, str]) -> tuple[Element, ...]:
    """Elements over the text as received; characters that normalising dropped are redundant.

    `values` are known values by the place where the piece starts in the normal text.
    """
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
        elements.append(
            Element(received[first:last], name, first, last, values.get(start) or value_of(name, normal[start:end]))
        )
        done = last
    if done < len(received):
        elements.append(Element(received[done:], "redundant", done, len(received)))
    return tuple(elements)
