"""A run of name text (no numbers) → labelled segments: all readings side by side, the cheapest path wins.

Division names at the front that allow only one reading are taken at once; for the rest, nodes are the places where a
known name begins or ends or a suffix ends, so the lattice stays small. The costs are data/matching/parse_costs.csv.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from addressbook.parse.division_names import DivisionNames, Meaning
from addressbook.parse.division_steps import (
    AROUND,
    FAR_TOWNS,
    OUTSIDE,
    REPEATED,
    WITHIN,
    fit,
    moved_town,
    preferred,
    village_states,
    worth_reading,
)
from addressbook.parse.edges import EdgeList, Edges, HitMap, alone_starts
from addressbook.parse.reading import AGAIN, RANK, KnownNames, Prefixes, Segment, State, segments_of

STATES_KEPT = 4
LONG_TEXT = 60
# 杭州市民中心, 桐乡市场, 萧山区政府: the name goes on.
NAME_GOES_ON = frozenset("场民政域府人第")
# 龙港镇, 萧山街道, 龙华新区: what follows belongs to another name.
SHORT_GOES_ON = re.compile("[镇乡村街路市区县巷]|大道|新区|开发区")
SECOND = {"road": "second_road", "place": "second_place", "community": "second_community"}
States = dict[int, list[State]]


class Lattice:
    """Reads name text; `hint` are division prefixes to prefer when several divisions have one name."""

    def __init__(self, divisions: DivisionNames, known: KnownNames | None) -> None:
        self.divisions = divisions
        self.edges = Edges(known)
        self.cost = self.edges.cost

    def read(self, text: str, codes: Prefixes, label: str, hint: Prefixes) -> tuple[Segment, ...]:
        """The cheapest reading of `text` after an element `label` in one of the divisions `codes`."""
        front = self._front(text, codes, RANK.get(label, 0), hint)
        if front:
            codes, label = front[-1].codes, front[-1].label
        start = front[-1].end if front else 0
        if start == len(text):
            return tuple(front)
        first = State(0.0, label, RANK.get(label, 0), codes, start, start, None)
        return (*front, *self._search(text, start, first, hint))

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
            full = [m for m in meanings if m.quality == "full"]
            if self.edges.known_beyond(text, at, end):
                return None
            if len(full) != 1 or text[end : end + 1] in NAME_GOES_ON:
                return None
            label = full[0].label
            how, found = fit(full[0].prefixes, codes)
            if how != WITHIN or RANK[label] <= rank or label == "devzone":
                return None
            return Segment(at, end, label, preferred(found, hint))
        return None

    def _search(self, text: str, start: int, first: State, hint: Prefixes) -> list[Segment]:
        edges = self.edges
        ends, words = edges.suffix_ends(text, start), edges.words(text, start)
        hits = self._division_hits(text, start, first.codes, hint)
        stops = {len(text), *hits, *words, *alone_starts(ends)}
        nodes = sorted({start, *stops, *ends, *_ends_of(hits.values()), *_ends_of(words.values())})
        keep = STATES_KEPT if len(text) <= LONG_TEXT else 2
        over = edges.over(text, ends, hits if first.rank < RANK["road"] else {}, words, first.codes)
        states: States = {start: [first]}
        for at in nodes:  # grows while it is walked: the ends of villages are known only then
            if at == len(text):
                break
            here = _cheapest(states.pop(at, ()), keep)
            plain = edges.plain(at, nodes, ends, stops, over) + words.get(at, []) if here else []
            for state in here:
                self._extend(states, state, plain)
                for end, meaning in hits.get(at, ()):
                    self._extend_division(states, state, text, end, meaning, hint)
                self._extend_villages(states, state, text, hint, nodes)
        return segments_of(min(states[len(text)], key=_cost_of))

    def _division_hits(self, text: str, start: int, codes: Prefixes, hint: Prefixes) -> HitMap:
        """Where division names begin."""
        hits: HitMap = {}
        for at in range(start, len(text) - 1):
            for end, meanings in self.divisions.starting(text, at):
                kept = [(end, meaning) for meaning in meanings if worth_reading(meaning, codes, hint)]
                if kept:
                    hits.setdefault(at, []).extend(kept)
        return hits

    def _extend(self, states: States, state: State, edges: EdgeList) -> None:
        for end, label, price in edges:
            rank = RANK.get(label)
            if rank is None:
                rank = state.rank
            elif rank <= state.rank or label == "sub_place":
                price += self._order(state, label, rank)
            new = State(state.cost + price, label, rank, state.codes, state.end, end, state)
            states.setdefault(end, []).append(new)

    def _order(self, state: State, label: str, rank: int) -> float:
        if label == "sub_place":
            return 0.0 if state.label in ("place", "sub_place") else self.cost["sub_place_first"]
        if rank > state.rank:
            return 0.0
        if rank < state.rank:
            return self.cost["backwards_division" if rank <= RANK["county"] else "backwards"]
        return self.cost.get(SECOND.get(label, ""), 0.0)

    def _extend_division(
        self, states: States, state: State, text: str, end: int, meaning: Meaning, hint: Prefixes
    ) -> None:
        cost, label, rank = self.cost, meaning.label, RANK[meaning.label]
        how, found = fit(meaning.prefixes, state.codes)
        codes, shown = state.codes, label
        price = cost[f"short_{label}" if meaning.quality == "short" else f"division_{meaning.quality}"]
        if how == WITHIN:
            codes = preferred(found, hint)
            price += cost["division_ambiguous"] if len(codes) > 1 else 0.0
            price += self._short(text, end, bool(state.codes)) if meaning.quality == "short" else 0.0
        elif how in (REPEATED, AROUND):
            price += cost["division_repeated"] + (cost["division_late"] if state.rank >= RANK["road"] else 0.0)
            shown = label if rank > state.rank else AGAIN + label
        elif how == OUTSIDE:
            moved = moved_town(meaning, state.codes)
            price += cost["town_moved" if moved else "town_conflict" if label in FAR_TOWNS else "division_conflict"]
            codes = moved or codes
        if shown == label:
            price += self._order(state, label, rank)
        states.setdefault(end, []).append(
            State(
                state.cost + price,
                shown,
                max(rank, state.rank) if shown != label else rank,
                codes,
                state.end,
                end,
                state,
            )
        )

    def _short(self, text: str, end: int, named: bool) -> float:
        """What a short name costs more (it goes on: 龙港|镇) or less (a division around it was named)."""
        if SHORT_GOES_ON.match(text, end):
            return self.cost["short_goes_on"]
        return -self.cost["short_within"] if named else 0.0

    def _extend_villages(self, states: States, state: State, text: str, hint: Prefixes, nodes: list[int]) -> None:
        new = village_states(self.divisions, self.cost, text, state, hint)
        for village in new:
            states.setdefault(village.end, []).append(village)
            if village.end not in nodes:
                nodes.append(village.end)
        if new:
            nodes.sort()


def _ends_of(hits: Iterable[Iterable[tuple[int, object] | tuple[int, str, float]]]) -> set[int]:
    return {hit[0] for found in hits for hit in found}


def _cheapest(states: Iterable[State], keep: int) -> list[State]:
    """The few cheapest states, and only the cheapest of those that differ in nothing that matters later."""
    kept: dict[tuple[str, Prefixes], State] = {}
    for state in sorted(states, key=_cost_of):
        kept.setdefault((state.label, state.codes), state)
        if len(kept) == keep:
            break
    return list(kept.values())


def _cost_of(state: State) -> float:
    return state.cost
