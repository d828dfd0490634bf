"""Scratch arrays of the compiled reading, made once per batch, and the facts it is given."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from addressbook.parse.costs import LABEL_COUNT, LENGTH_OF, LENGTHS, OVER, SEEN, costs
from addressbook.parse.lexicon import Table
from addressbook.parse.trie import Ints

LONGEST_TEXT = 300
"""Characters of normal text that are read; what lies beyond is labelled other."""
STATES = 6
"""Readings kept at every place of a text."""
EDGES, FEATURES, HITS, CONTEXTS, ARENA = 30_000, 24, 4_000, 4_000, 60_000
SUFFIXES_AT = 5
REMEMBERED = 64
"""Places for whether a meaning is worth reading in a context; a power of two."""
Floats = npt.NDArray[np.float64]
Scratch = npt.NDArray[np.void]

SEPARATOR, DIGIT, LETTER, NAME, OPEN, CLOSE = range(6)
"""Classes of characters."""
PLAIN, SILENT, BRACKETED, MARK, OPENING, CLOSING = range(6)
"""Kinds of edges; silent ones leave no trace on what is read after them, bracketed ones are silent and stand only
in brackets, marks cost the same everywhere."""
(
    COUNT_EDGES, COUNT_MADE, COUNT_CONTEXTS, ARENA_USED, COUNT_HITS, COUNT_WORDS, COUNT_KNOWN, WANTED_COUNTY, STEPS,
    TUNING, TRACING, COUNTS,
) = range(12)  # fmt: skip
"""Places in `WORK.counts`. STEPS counts what the reading did: the measure of tests that must not read a clock.
TUNING is set while the costs are tuned: then readings other than the wanted spans cost more.
COUNT_MADE counts edges as they are made, also those that are given back.
TRACING keeps with every edge which costs it pays."""


class Facts(NamedTuple):
    """The names that are known before a text is read, as tries and tables of whole numbers."""

    table: Ints
    villages: Ints
    village_values: Ints
    registry: Ints


class Addresses(NamedTuple):
    """Where the arrays of `Facts` lie in memory; they stay there while a text is read."""

    table: int
    villages: int
    village_values: int
    registry: int


COST_BLOCKS = ("transitions", "history", "roles", "lengths", "numbers", "parse_costs", "over", "division", "suffixes")
TABLE_PARTS = (
    "words", "words_first", "word_label", "word_place", "word_before", "word_after", "word_cost", "backwards_first",
    "suffix_id", "suffix_label", "suffix_company", "units", "guard_first", "guards", "names", "names_first",
    "meaning_label", "meaning_quality", "meaning_telling", "code_first", "code", "span", "backwards", "role_first",
    "role_label", "number_first", "number_label",
)  # fmt: skip
PLACES = (*COST_BLOCKS, "shapes", "no_unit", *TABLE_PARTS)
MOST_HINTS = 512
"""Counties a registry may cover and still say where a text without divisions is likely to lie."""
MOST_WEIGHTS = 8192


_N = LONGEST_TEXT + 2
WORK = np.dtype(
    [
        *((f"at_{name}", np.int64) for name in PLACES), ("weights", np.float64, (MOST_WEIGHTS,)),
        ("history", np.float64, (1 << len(SEEN), LABEL_COUNT)), ("bare_least", np.float64, (LENGTHS,)),
        ("ahead_bare", np.float64), ("hint_count", np.int64),
        ("hint_code", np.int64, (MOST_HINTS,)), ("hint_span", np.int64, (MOST_HINTS,)),
        ("counts", np.int64, (COUNTS,)), ("characters", np.uint32, (_N,)), ("classes", np.uint8, (_N,)),
        ("stop", np.uint8, (_N,)), ("inside", np.uint8, (_N,)), ("name_end", np.int32, (_N,)),
        ("over", np.int32, (_N, len(OVER))),
        ("over_cost", np.float64, (_N,)), ("letters", np.int32, (_N,)), ("names", np.int32, (_N,)),
        ("suffix_count", np.int8, (_N,)), ("suffix_id", np.int32, (_N, SUFFIXES_AT)),
        ("suffix_length", np.int32, (_N, SUFFIXES_AT)), ("hit_first", np.int64, (_N,)),
        ("hit_end", np.int32, (HITS,)), ("hit_name", np.int32, (HITS,)), ("hit_goes_on", np.int8, (HITS,)),
        ("word_first", np.int64, (_N,)), ("word_end", np.int32, (HITS,)), ("word", np.int32, (HITS,)),
        ("known_first", np.int64, (_N,)), ("known_end", np.int32, (HITS,)), ("known_label", np.int8, (HITS,)),
        ("edge_end", np.int32, (EDGES + 1,)), ("edge_label", np.int8, (EDGES + 1,)),
        ("edge_kind", np.int8, (EDGES + 1,)), ("edge_cost", np.float64, (EDGES + 1,)),
        ("edge_shadow", np.uint8, (EDGES + 1,)),
        ("edge_village", np.int64, (EDGES + 1,)), ("edge_count", np.int8, (EDGES + 1,)),
        ("edge_latest", np.int32, (_N,)), ("edge_from", np.int32, (EDGES + 1,)),
        ("edge_least", np.float64, (EDGES + 1,)), ("edge_next", np.int32, (EDGES + 1,)),
        ("edge_feature", np.int32, (EDGES + 1, FEATURES)),
        ("context_start", np.int64, (CONTEXTS,)), ("context_length", np.int64, (CONTEXTS,)),
        ("context_hash", np.int64, (CONTEXTS,)), ("arena_code", np.int64, (ARENA,)), ("arena_span", np.int64, (ARENA,)),
        ("state_count", np.int8, (_N,)), ("state_cost", np.float64, (_N, STATES)),
        ("state_key", np.int64, (_N, STATES)), ("state_least", np.float64, (_N,)), ("state_bound", np.float64, (_N,)),
        ("state_dearest", np.int8, (_N,)), ("live", np.int64, (_N, STATES)), ("live_count", np.int64, (_N,)),
        ("ahead", np.float64, (_N, STATES, LABEL_COUNT)), ("ahead_least", np.float64, (LABEL_COUNT,)),
        ("state_link", np.int64, (_N, STATES)), ("length", np.int64), ("place", np.int64), ("bracket_at", np.int64),
        ("village_at", np.int64), ("village_county", np.int64),
        ("text", np.int64), ("worth_key", np.int64, (REMEMBERED,)), ("worth", np.uint8, (REMEMBERED,)),
        ("wanted_end", np.int32, (_N,)), ("wanted_label", np.int8, (_N,)),
    ],
    align=True,
)  # fmt: skip
"""Costs, and scratch for one text at a time. `at_…` say where tables begin.

`hit_…` are names of divisions, `word_…` fixed words, `known_…` names of the registry; those that begin at a place lie
from its `…_first` to that of the next.
A state is (place, slot); an edge is one way to read on from a place; the last of all is a draft of others.
"""


def workspace(table: Table) -> Scratch:
    """Scratch with the shipped costs in it, and where the parts of them and of a table of names begin."""
    scratch = np.zeros(1, WORK)
    given = costs()
    for name in COST_BLOCKS:
        scratch[f"at_{name}"] = given.blocks[name].start
    scratch["at_shapes"] = given.blocks["numbers"].start + len(given.units) * LABEL_COUNT
    scratch["at_no_unit"] = given.units.index("no unit")
    for name in TABLE_PARTS:
        scratch[f"at_{name}"] = table.at[name]
    set_weights(scratch, given.weights)
    return scratch


def set_weights(scratch: Scratch, weights: Floats) -> None:
    """Other costs than the shipped ones, in the same order: for tuning."""
    scratch["weights"][0, : len(weights)] = weights
    start, rows, columns = costs().blocks["history"]
    table = weights[start : start + len(rows) * len(columns)].reshape(len(rows), len(columns))
    seen = np.arange(1 << len(SEEN))[:, None] >> np.arange(len(SEEN)) & 1
    scratch["history"][0] = seen @ table.T
    start = costs().blocks["lengths"].start
    lengths = weights[start : start + LENGTHS * len(LENGTH_OF)].reshape(LENGTHS, len(LENGTH_OF))
    scratch["bare_least"][0] = lengths[:, [name.startswith("bare_") for name in LENGTH_OF]].min(axis=1)


def set_hint(scratch: Scratch, code: Ints, span: Ints) -> None:
    """Where texts that name no division are likely to lie; too many counties say nothing."""
    count = len(code) if len(code) <= MOST_HINTS else 0
    scratch["hint_count"] = count
    scratch["hint_code"][0, :count] = code[:count]
    scratch["hint_span"][0, :count] = span[:count]
