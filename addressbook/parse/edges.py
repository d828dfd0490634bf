"""Edges of the lattice that need no division: suffixes, words, registry names; and what reaching over them costs."""

from __future__ import annotations

from itertools import accumulate

from addressbook.parse.division_names import Meaning
from addressbook.parse.division_steps import COUNTY_DIGITS
from addressbook.parse.knowledge import Knowledge, knowledge
from addressbook.parse.reading import KnownNames, Prefixes

LONGEST_SEGMENT = 24
LONGEST_WORD = 6
FREE_STEM, FREE_PLACE, FREE_SUFFIXED = 3, 7, 4
ALONE = frozenset({"sub_road", "sub_place"})
"""Labels whose suffix stands alone: 东段, 二期."""

EdgeList = list[tuple[int, str, float]]
"""(end, label, cost)"""
SuffixEnds = dict[int, list[tuple[int, str, float]]]
"""End position → (length of the suffix, label, cost)."""
HitMap = dict[int, list[tuple[int, Meaning]]]
"""Start position → (end, meaning) of the division names there."""


Over = tuple[list[float], list[float]]
"""Running sums over the ends of names, and over the ends of division names."""


class Edges:
    """Finds edges in a text; the tables are data/matching."""

    def __init__(self, known: KnownNames | None) -> None:
        facts: Knowledge = knowledge()
        self.known = known
        self.cost = facts.costs
        self._company = facts.costs["company"]
        self._words = facts.words
        self._word_starts = frozenset(word[0] for word in facts.words)
        self._by_last: dict[str, list[tuple[str, str, float]]] = {}
        for suffix in sorted(facts.suffixes, key=len, reverse=True):
            for label, cost in facts.suffixes[suffix]:
                self._by_last.setdefault(suffix[-1], []).append((suffix, label, cost))

    def suffix_ends(self, text: str, start: int) -> SuffixEnds:
        """Where suffixes end, for each label the longest."""
        ends: SuffixEnds = {}
        for at in range(start, len(text)):
            candidates = self._by_last.get(text[at])
            if candidates is None:
                continue
            found: dict[str, tuple[int, str, float]] = {}
            for suffix, label, cost in candidates:
                if label not in found and text.endswith(suffix, start, at + 1):
                    found[label] = (len(suffix), label, cost)
            if found:
                ends[at + 1] = list(found.values())
        return ends

    def known_beyond(self, text: str, start: int, end: int) -> bool:
        """True when a name of the registry begins at `start` and reaches beyond `end`."""
        return self.known is not None and any(reach > end for reach, _ in self.known.starting(text, start))

    def words(self, text: str, start: int) -> dict[int, EdgeList]:
        """Start position → edges of fixed words and of the registry's names."""
        hits: dict[int, EdgeList] = {}
        for at in range(start, len(text)):
            if text[at] in self._word_starts:
                for end in range(min(at + LONGEST_WORD, len(text)), at, -1):
                    word = self._words.get(text[at:end])
                    if word is not None:
                        hits.setdefault(at, []).append((end, *word))
            if self.known is not None:
                for end, label in self.known.starting(text, at):
                    hits.setdefault(at, []).append((end, label, self.cost["registry_name"]))
        return hits

    def plain(self, at: int, nodes: list[int], ends: SuffixEnds, stops: set[int], over: Over) -> EdgeList:
        """Segments from `at` that end with a suffix, or that are a place without one."""
        edges: EdgeList = []
        names, divisions = over
        for end in nodes:
            if at < end and (end <= at + LONGEST_SEGMENT or end == nodes[-1]):
                if end in stops:
                    price = self._bare_place(end - at) + names[end - 1] - names[at] + divisions[end - 1] - divisions[at]
                    edges.append((end, "place", price))
                for length, label, cost in ends.get(end, ()):
                    stem = end - length
                    if stem >= at:
                        price = max(0.0, names[stem] - names[at])
                        if cost > self._company:
                            price += max(0.0, divisions[stem] - divisions[at])
                        edges.append((end, label, cost + price + self._stem(stem - at, label)))
        return edges

    def over(self, text: str, ends: SuffixEnds, hits: HitMap, words: dict[int, EdgeList], codes: Prefixes) -> Over:
        """Running sums of what it costs a segment to reach over the end of a likely name: 兴庄路|清泉花园 are two.

        The names of divisions are summed apart, because companies have them in their names.
        """
        names, divisions = [0.0] * (len(text) + 1), [0.0] * (len(text) + 1)
        for end, suffixes in ends.items():
            names[end] = max([self.cost.get(f"over_{label}", 0.0) for _, label, _ in suffixes])
        for at, edges in words.items():
            for end, label, _ in edges:
                if end - at > 1 and label in ("relation", "redundant"):
                    names[end] = self.cost["over_word"]
        for found in hits.values():
            for end, meaning in found:
                divisions[end] = max(divisions[end], self._over(meaning, codes))
        return list(accumulate(names)), list(accumulate(divisions))

    def _over(self, meaning: Meaning, codes: Prefixes) -> float:
        """A short name counts when the text has named a division around it, or names none and it is unique."""
        if meaning.quality != "short":
            return self.cost["over_division"]
        if meaning.label in ("city", "county") and not codes:
            return self.cost["over_short_first"] if len(meaning.prefixes) == 1 else 0.0
        if meaning.label == "county":
            return self.cost["over_division"]
        return (
            self.cost["over_short_town"]
            if meaning.label == "town" and codes and len(codes[0]) >= COUNTY_DIGITS
            else 0.0
        )

    def _bare_place(self, length: int) -> float:
        cost = self.cost
        price = cost["place_base"] + cost["place_character"] * length + cost["long_place"] * max(0, length - FREE_PLACE)
        return price + (cost["place_single"] if length == 1 else 0.0)

    def _stem(self, stem: int, label: str) -> float:
        cost = self.cost
        if label in ALONE:
            return 0.0 if stem == 0 else cost["no_stem"] * 2
        if stem == 0:
            return cost["no_stem_devzone" if label == "devzone" else "no_stem"]
        if label == "place":
            price = cost["place_suffixed_character"] * stem + cost["long_suffixed_place"] * max(0, stem - FREE_SUFFIXED)
            return price + (cost["short_stem"] / 2 if stem == 1 else 0.0)
        return cost["short_stem"] if stem == 1 else cost["long_stem"] * max(0, stem - FREE_STEM)


def alone_starts(ends: SuffixEnds) -> set[int]:
    """Where suffixes that stand alone begin: a place may end there (南岸明珠|二期)."""
    return {end - length for end, found in ends.items() for length, label, _ in found if label in ALONE}
