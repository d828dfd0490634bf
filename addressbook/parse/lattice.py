"""A run of name text (no numbers) → labelled segments: all readings side by side, the cheapest path wins.

Division names at the front that allow only one reading are taken at once; for the rest, nodes are the places where a
known name begins or ends or a suffix ends, so the lattice stays small. The costs are data/matching/parse_costs.csv.
"""

from __future__ import annotations

import re

from addressbook.parse.division_names import DivisionNames, Spelling
from addressbook.parse.division_steps import AROUND, OUTSIDE, REPEATED, WITHIN, fit, preferred
from addressbook.parse.knowledge import knowledge, suffix_pattern
from addressbook.parse.reading import RANK, KnownNames, Prefixes, Segment, State, segments_of
from addressbook.parse.village_steps import village_steps

STATES_KEPT = 4
COUNTY_DIGITS = 6
LONGEST_SEGMENT = 24
LONGEST_WORD = 6
FREE_STEM, FREE_PLACE, FREE_SUFFIXED = 3, 7, 4
# 杭州市民中心, 桐乡市场, 萧山区政府: the name goes on.
NAME_GOES_ON = frozenset("场民政域府人第")
EdgeList = list[tuple[int, str, float]]
# 龙港镇, 萧山街道, 龙华新区: what follows belongs to another name.
SHORT_GOES_ON = re.compile("[镇乡村街路市区县巷]|大道|新区|开发区")
Ends = dict[int, list[tuple[int, str, float]]]
HitList = list[tuple[int, tuple[Spelling, ...]]]


class Lattice:
    """Reads name text; `hint` are division prefixes to prefer when several divisions have one name."""

    def __init__(self, divisions: DivisionNames, known: KnownNames | None) -> None:
        self.divisions = divisions
        self.known = known
        facts = knowledge()
        self.words, self.suffixes, self.cost = facts.words, facts.suffixes, facts.costs
        self._word_starts = frozenset(word[0] for word in facts.words)

    def read(self, text: str, codes: Prefixes, label: str, hint: Prefixes) -> tuple[Segment, ...]:
        """The cheapest reading of `text` after an element `label` in one of the divisions `codes`."""
        front = self._front(text, codes, RANK.get(label, 0), hint)
        if front:
            codes, label = front[-1].codes, front[-1].label
        start = front[-1].end if front else 0
        if start == len(text):
            return tuple(front)
        return (*front, *self._search(text, start, State(0.0, label, RANK.get(label, 0), codes, start, start, None), hint))

    def _front(self, text: str, codes: Prefixes, rank: int, hint: Prefixes) -> list[Segment]:
        """Full division names, each inside the one before it, that allow no other reading."""
        front: list[Segment] = []
        at = 0
        while rank < RANK["town"]:
            step = self._front_step(text, at, codes, rank, hint)
            if step is None:
                break
            front.append(step)
            at, codes, rank = step.end, step.codes, RANK[step.label]
        return front

    def _front_step(self, text: str, at: int, codes: Prefixes, rank: int, hint: Prefixes) -> Segment | None:
        for end, meanings in self.divisions.starting(text, at):
            if meanings[0].quality != "full" or text[end : end + 1] in NAME_GOES_ON:
                return None
            how, found = fit(meanings, codes)
            best = preferred([m for m in found if m.quality == "full"], hint) if how == WITHIN else []
            if not best or len({m.label for m in best}) > 1 or RANK[best[0].label] <= rank or best[0].label == "devzone":
                return None
            return Segment(at, end, best[0].label, tuple(m.prefix for m in best))
        return None

    def _search(self, text: str, start: int, first: State, hint: Prefixes) -> list[Segment]:
        ends = self._suffix_ends(text, start)
        hits = self._division_hits(text, start, first.codes)
        words = self._word_hits(text, start)
        nodes = sorted({start, len(text), *ends, *hits, *words, *_ends_of(hits), *_ends_of(words)})
        stops = {len(text), *hits, *words}
        inside = _swallowed(text, ends, hits if first.rank < RANK["road"] else {}, words, self.cost, first.codes)
        states: dict[int, list[State]] = {start: [first]}
        for at in nodes:
            if at == len(text):
                break
            here = _cheapest(states.pop(at, ()))
            plain = self._plain_edges(at, nodes, ends, stops, inside) + words.get(at, [])
            for state in here:
                self._extend(states, state, plain)
                for end, meanings in hits.get(at, ()):
                    self._extend_division(states, state, text, end, meanings, hint)
                for step in village_steps(self.divisions, self.cost, text, state, hint):
                    if step.end not in nodes:
                        nodes.append(step.end)
                    states.setdefault(step.end, []).append(step)
            nodes.sort()
        return segments_of(min(states[len(text)], key=_cost_of))

    def _division_hits(self, text: str, start: int, codes: Prefixes) -> dict[int, HitList]:
        """Where division names begin; once divisions are known, only names that have to do with them."""
        hits: dict[int, HitList] = {}
        for at in range(start, len(text) - 1):
            for end, meanings in self.divisions.starting(text, at):
                kept = _relevant(meanings, codes)
                if kept:
                    hits.setdefault(at, []).append((end, kept))
        return hits

    def _word_hits(self, text: str, start: int) -> dict[int, EdgeList]:
        hits: dict[int, EdgeList] = {}
        for at in range(start, len(text)):
            if text[at] in self._word_starts:
                for end in range(min(at + LONGEST_WORD, len(text)), at, -1):
                    word = self.words.get(text[at:end])
                    if word is not None:
                        hits.setdefault(at, []).append((end, *word))
            if self.known is not None:
                for end, label in self.known.starting(text, at):
                    hits.setdefault(at, []).append((end, label, self.cost["registry_name"]))
        return hits

    def _suffix_ends(self, text: str, start: int) -> Ends:
        """End position → (length of the suffix, label, cost) of the suffixes that end there."""
        ends: Ends = {}
        for match in suffix_pattern().finditer(text, start):
            suffix = match[1]
            for label, cost in self.suffixes[suffix]:
                ends.setdefault(match.start() + len(suffix), []).append((len(suffix), label, cost))
        return ends

    def _plain_edges(
        self, at: int, nodes: list[int], ends: Ends, stops: set[int], inside: list[float]
    ) -> EdgeList:
        edges: EdgeList = []
        for end in nodes:
            if at < end <= at + LONGEST_SEGMENT:
                if end in stops:
                    edges.append((end, "place", self._bare_place(end - at) + inside[end - 1] - inside[at]))
                for length, label, cost in ends.get(end, ()):
                    if end - at >= length:
                        swallowed = max(0.0, inside[end - length] - inside[at])
                        edges.append((end, label, cost + swallowed + self._stem(end - at - length, label)))
        return edges

    def _bare_place(self, length: int) -> float:
        cost = self.cost
        price = cost["place_base"] + cost["place_character"] * length + cost["long_place"] * max(0, length - FREE_PLACE)
        return price + (cost["place_single"] if length == 1 else 0.0)

    def _stem(self, stem: int, label: str) -> float:
        cost = self.cost
        if label in ("sub_road", "sub_place"):
            return 0.0 if stem == 0 else cost["no_stem"] * 2
        if stem == 0:
            return cost["no_stem_devzone" if label == "devzone" else "no_stem"]
        if label == "place":
            price = cost["place_suffixed_character"] * stem + cost["long_suffixed_place"] * max(0, stem - FREE_SUFFIXED)
            return price + (cost["short_stem"] / 2 if stem == 1 else 0.0)
        return cost["short_stem"] if stem == 1 else cost["long_stem"] * max(0, stem - FREE_STEM)

    def _extend(self, states: dict[int, list[State]], state: State, edges: EdgeList) -> None:
        for end, label, price in edges:
            rank = RANK.get(label)
            cost = state.cost + price + (0.0 if rank is None else self._order(state, label, rank))
            states.setdefault(end, []).append(
                State(cost, label, state.rank if rank is None else rank, state.codes, state.end, end, state)
            )

    def _order(self, state: State, label: str, rank: int) -> float:
        if label == "sub_place" and state.label not in ("place", "sub_place"):
            return self.cost["sub_place_first"]
        if rank > state.rank:
            return 0.0
        if rank < state.rank:
            return self.cost["backwards_division" if rank <= RANK["county"] else "backwards"]
        return self.cost.get(SECOND.get(label, ""), 0.0)

    def _extend_division(
        self, states: dict[int, list[State]], state: State, text: str, end: int, meanings: tuple[Spelling, ...], hint: Prefixes
    ) -> None:
        cost = self.cost
        how, found = fit(meanings, state.codes)
        goes_on = SHORT_GOES_ON.match(text, end) is not None
        for label in dict.fromkeys(m.label for m in found):
            named = [m for m in found if m.label == label]
            codes, rank, price, shown = state.codes, RANK[label], self._quality(named, label), label
            if how == WITHIN:
                named = preferred(named, hint)
                codes = tuple(m.prefix for m in named)
                price = self._quality(named, label) + (cost["division_ambiguous"] if len(named) > 1 else 0.0)
                if named[0].quality == "short":
                    price += cost["short_goes_on"] if goes_on else -cost["short_within"] if state.codes else 0.0
            elif how in (REPEATED, AROUND):
                price += cost["division_repeated"] + (cost["division_late"] if state.rank >= RANK["road"] else 0.0)
                shown = f"again:{label}" if rank <= state.rank else label
            elif how == OUTSIDE:
                price += cost["town_conflict"] if label in ("town", "devzone") else cost["division_conflict"]
            if shown == label:
                price += self._order(state, label, rank)
            rank = max(rank, state.rank) if shown != label else rank
            states.setdefault(end, []).append(State(state.cost + price, shown, rank, codes, state.end, end, state))

    def _quality(self, found: list[Spelling], label: str) -> float:
        quality = found[0].quality
        return self.cost[f"short_{label}" if quality == "short" else f"division_{quality}"]


SECOND = {"road": "second_road", "place": "second_place", "community": "second_community"}


def _swallowed(
    text: str, ends: Ends, hits: dict[int, HitList], words: dict[int, EdgeList], cost: dict[str, float], codes: Prefixes
) -> list[float]:
    """Running sum of what it costs a segment to reach over the end of a likely name: 兴庄路|清泉花园 are two."""
    weight = [0.0] * (len(text) + 1)
    for end, suffixes in ends.items():
        weight[end] = max(cost.get(f"over_{label}", 0.0) for _, label, _ in suffixes)
    for found in hits.values():
        for end, meanings in found:
            if meanings[0].quality != "short":
                weight[end] = max(weight[end], cost["over_division"])
    total = 0.0
    for at, one in enumerate(weight):
        total += one
        weight[at] = total
    return weight


def _over(meaning: Spelling, codes: Prefixes, cost: dict[str, float]) -> float:
    """A short name counts when the text has named a division around it."""
    if meaning.quality != "short":
        return cost["over_division"]
    known = len(codes[0]) if codes else 0
    if meaning.label == "county":
        return cost["over_division"] if known else 0.0
    return cost["over_short_town"] if known >= COUNTY_DIGITS else 0.0


def _relevant(meanings: tuple[Spelling, ...], codes: Prefixes) -> tuple[Spelling, ...]:
    """Inside or around the divisions named before; elsewhere only counties and cities by their full names."""
    if not codes:
        return meanings
    near = tuple(m for m in meanings if m.prefix.startswith(codes) or any(c.startswith(m.prefix) for c in codes))
    if near:
        return near
    return tuple(m for m in meanings if m.quality == "full" and m.label not in ("town", "devzone"))


def _ends_of(hits: dict[int, HitList] | dict[int, EdgeList]) -> set[int]:
    return {hit[0] for found in hits.values() for hit in found}


def _cheapest(states: object) -> list[State]:
    """The few cheapest states, and only the cheapest of those that differ in nothing that matters later."""
    kept: dict[tuple[str, Prefixes], State] = {}
    for state in sorted(states, key=_cost_of):  # type: ignore[call-overload]
        kept.setdefault((state.label, state.codes), state)
        if len(kept) == STATES_KEPT:
            break
    return list(kept.values())


def _cost_of(state: State) -> float:
    return state.cost
