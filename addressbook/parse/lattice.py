"""A run of name text (no numbers) → labelled segments: all readings side by side, the cheapest path wins.

Nodes are the places where a known name begins or ends or a suffix ends, so the lattice stays small; the costs are the
table data/matching/parse_costs.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from addressbook.parse.division_names import DivisionNames, NameTable, Spelling
from addressbook.parse.knowledge import Knowledge, knowledge, suffix_pattern

RANK = {
    "": 0, "country": 0, "province": 1, "city": 2, "county": 3, "devzone": 4, "town": 4, "community": 5, "road": 6,
    "sub_road": 6, "road_no": 7, "sub_road_no": 7, "place": 8, "sub_place": 8, "building": 9, "unit": 10, "floor": 11,
    "room": 12, "party": 13,
}  # fmt: skip
"""Reading order; labels without a rank (relation, redundant, other) do not move it."""

LEVEL_LABEL = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}
STATES_KEPT = 5
LONGEST_SEGMENT = 24
FREE_STEM = 4


class State(NamedTuple):
    """The cheapest way found to read the text up to `end`; `codes` are the divisions it may lie in (code prefixes)."""

    cost: float
    label: str
    rank: int
    codes: tuple[str, ...]
    start: int
    end: int
    previous: State | None


class Segment(NamedTuple):
    """A labelled piece of the name text, and the division prefixes known after it."""

    start: int
    end: int
    label: str
    codes: tuple[str, ...]


class KnownNames(Protocol):
    """What the parser needs of the registry's name index."""

    counties: set[str]
    version: int

    def starting(self, text: str, start: int) -> Iterator[tuple[int, str]]:
        """(end, element name) of every registry name that begins at `start`."""
        ...


class Lattice:
    """Reads name text; `hint` is the division prefix to prefer when several divisions have one name."""

    def __init__(self, divisions: DivisionNames, known: KnownNames | None) -> None:
        self.divisions = divisions
        self.known = known
        self.facts: Knowledge = knowledge()
        self.cost = self.facts.costs

    def read(self, text: str, codes: tuple[str, ...], label: str, hint: tuple[str, ...]) -> tuple[Segment, ...]:
        """The cheapest reading of `text` after an element `label` in one of the divisions `codes`."""
        ends = self._suffix_ends(text)
        hits = {at: found for at in range(len(text)) if (found := self._hits(text, at))}
        nodes = sorted({0, len(text), *ends, *hits, *(end for found in hits.values() for end, *_ in found)})
        states: dict[int, list[State]] = {0: [State(0.0, label, RANK.get(label, 0), codes, 0, 0, None)]}
        for at in nodes[:-1]:
            here = _cheapest(states.pop(at, []))
            for state in here:
                self._villages(text, state, hint, states, nodes)
            plain = self._plain_edges(text, at, nodes, ends)
            for state in here:
                for end, name, cost in plain:
                    self._step(states, state, end, name, cost)
                for end, kind, value in hits.get(at, ()):
                    self._step_hit(states, state, end, kind, value, hint)
        return _segments(min(states[len(text)])) if text else ()

    def _hits(self, text: str, at: int) -> list[tuple[int, str, object]]:
        found: list[tuple[int, str, object]] = [(e, "division", s) for e, s in self.divisions.table.starting(text, at)]
        for length in range(min(6, len(text) - at), 0, -1):
            word = self.facts.words.get(text[at : at + length])
            if word is not None:
                found.append((at + length, "word", word))
        if self.known is not None:
            found += [(end, "registry", label) for end, label in self.known.starting(text, at)]
        return found

    def _suffix_ends(self, text: str) -> dict[int, list[tuple[int, str, float]]]:
        """End position → (length of the suffix, label, cost) of the suffixes that end there."""
        ends: dict[int, list[tuple[int, str, float]]] = {}
        for match in suffix_pattern().finditer(text):
            suffix = match[1]
            for label, cost in self.facts.suffixes[suffix]:
                ends.setdefault(match.start() + len(suffix), []).append((len(suffix), label, cost))
        return ends

    def _plain_edges(
        self, text: str, at: int, nodes: list[int], ends: dict[int, list[tuple[int, str, float]]]
    ) -> list[tuple[int, str, float]]:
        edges = []
        for end in nodes:
            if at < end <= at + LONGEST_SEGMENT:
                edges.append((end, "place", self._bare_place(end - at)))
                for length, label, cost in ends.get(end, ()):
                    stem = end - at - length
                    if stem >= 0:
                        edges.append((end, label, cost + self._stem(stem, label)))
        return edges

    def _bare_place(self, length: int) -> float:
        cost = self.cost
        return cost["place_base"] + cost["place_character"] * length + (cost["place_single"] if length == 1 else 0.0)

    def _stem(self, stem: int, label: str) -> float:
        cost = self.cost
        if label == "sub_road":
            return 0.0 if stem == 0 else 3.0
        if stem == 0:
            return cost["no_stem"]
        if label == "place":
            return cost["place_suffixed_character"] * stem + (cost["short_stem"] if stem == 1 else 0.0)
        return cost["short_stem"] if stem == 1 else cost["long_stem"] * max(0, stem - FREE_STEM)

    def _step(self, states: dict[int, list[State]], state: State, end: int, label: str, cost: float) -> None:
        rank = RANK.get(label)
        if rank is None:
            rank = state.rank
        else:
            cost += self._order(state, label, rank)
        states.setdefault(end, []).append(State(state.cost + cost, label, rank, state.codes, state.end, end, state))

    def _order(self, state: State, label: str, rank: int) -> float:
        if rank > state.rank:
            return 0.0
        if rank < state.rank:
            return self.cost["backwards"] * (2 if rank <= RANK["county"] else 1)
        same = {"road": "second_road", "place": "second_place", "community": "second_community"}.get(label)
        return self.cost[same] if same else 0.0

    def _step_hit(
        self, states: dict[int, list[State]], state: State, end: int, kind: str, value: object, hint: tuple[str, ...]
    ) -> None:
        if kind == "word":
            label, cost = value  # type: ignore[misc]
            self._step(states, state, end, label, cost)
        elif kind == "registry":
            self._step(states, state, end, str(value), self.cost["registry_name"])
        else:
            self._step_division(states, state, end, value, hint)  # type: ignore[arg-type]

    def _step_division(
        self,
        states: dict[int, list[State]],
        state: State,
        end: int,
        meanings: tuple[Spelling, ...],
        hint: tuple[str, ...],
    ) -> None:
        for label in dict.fromkeys(m.label for m in meanings):
            found = [m for m in meanings if m.label == label]
            self._step_level(states, state, end, label, found, hint)

    def _step_level(
        self,
        states: dict[int, list[State]],
        state: State,
        end: int,
        label: str,
        found: list[Spelling],
        hint: tuple[str, ...],
    ) -> None:
        cost, rank, codes = self.cost, RANK[label], state.codes
        within = [m for m in found if any(m.prefix.startswith(code) for code in codes)] if codes else found
        if not within:
            self._step_outside(states, state, end, label, found)
            return
        if all(m.prefix in codes for m in within) and codes and rank <= state.rank:
            price = cost["division_repeated"] + (0.0 if within[0].quality == "full" else cost["division_short"])
            self._append(states, state, end, "redundant", state.rank, codes, price)
            return
        within = _preferred(within, hint)
        price = _quality(cost, within, label) + (cost["division_ambiguous"] if len(within) > 1 else 0.0)
        price += cost["division_late"] if state.rank >= RANK["road"] else 0.0
        price += self._order(state, label, rank)
        self._append(states, state, end, label, rank, tuple(m.prefix for m in within), price)

    def _step_outside(
        self, states: dict[int, list[State]], state: State, end: int, label: str, found: list[Spelling]
    ) -> None:
        """A division that contains the one named before repeats it; one that lies elsewhere contradicts it."""
        cost = self.cost
        if any(code.startswith(m.prefix) for m in found for code in state.codes):
            price = cost["division_repeated"] + (0.0 if found[0].quality == "full" else cost["division_short"])
            self._append(states, state, end, "redundant", state.rank, state.codes, price)
            return
        price = _quality(cost, found, label) + cost["division_conflict"] + self._order(state, label, RANK[label])
        if label == "town":
            price -= cost["division_conflict"] / 2 if found[0].quality == "full" else 0.0
        keep = state.codes if label == "town" or len(found) > 1 else (found[0].prefix,)
        self._append(states, state, end, label, RANK[label], keep, price)

    def _villages(
        self, text: str, state: State, hint: tuple[str, ...], states: dict[int, list[State]], nodes: list[int]
    ) -> None:
        """Villages of the county the text has named so far (or of the county given as context)."""
        counties = {code[:6] for code in state.codes or hint if len(code) >= 6}
        if len(counties) != 1 or state.rank > RANK["community"]:
            return
        table: NameTable = self.divisions.villages(counties.pop())
        for end, meanings in table.starting(text, state.end):
            within = [m for m in meanings if any(m.prefix.startswith(code) for code in state.codes)]
            full = meanings[0].quality == "full"
            price = self.cost["village_known" if full else "village_short"]
            price += 0.0 if within else self.cost["village_elsewhere"]
            price += self._order(state, "community", RANK["community"])
            codes = tuple(m.prefix for m in within) or state.codes
            self._append(states, state, end, "community", RANK["community"], codes, price)
            if end not in nodes:
                nodes.append(end)
                nodes.sort()

    @staticmethod
    def _append(
        states: dict[int, list[State]],
        state: State,
        end: int,
        label: str,
        rank: int,
        codes: tuple[str, ...],
        price: float,
    ) -> None:
        states.setdefault(end, []).append(State(state.cost + price, label, rank, codes, state.end, end, state))


def _cheapest(states: list[State]) -> list[State]:
    states.sort(key=_cost_of)
    return states[:STATES_KEPT]


def _cost_of(state: State) -> float:
    return state.cost


def _preferred(found: list[Spelling], hint: tuple[str, ...]) -> list[Spelling]:
    """Those that lie in (or contain) the division given as context, when there are any; full names before short ones."""
    near = [m for m in found if m.prefix.startswith(hint) or any(h.startswith(m.prefix) for h in hint)] or found
    return [m for m in near if m.quality == near[0].quality]


def _quality(cost: dict[str, float], found: list[Spelling], label: str) -> float:
    quality = found[0].quality
    return cost["division_town_short"] if quality == "short" and label == "town" else cost[f"division_{quality}"]


def _segments(state: State) -> tuple[Segment, ...]:
    segments = []
    while state.previous is not None:
        segments.append(Segment(state.start, state.end, state.label, state.codes))
        state = state.previous
    return tuple(reversed(segments))
