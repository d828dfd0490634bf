"""Two installable peers on the same queries: rapidfuzz over normalised texts, and TF-IDF of character n-grams."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from addressbook.normalise import normalise
from benchmarks.dirty import Query
from benchmarks.matching_work import Answered
from benchmarks.matching_world import Filled
from benchmarks.world import console, print_table

ENOUGH = 0.96


def run_peers(here: Filled, queries: Sequence[Query], ours: Answered, number: int) -> None:
    """Print for each peer how many answerable queries it answers right first, and its rate beside ours."""
    asked = [(n, query) for n, query in enumerate(queries) if query.answerable][:number]
    rows = [row for row in here.rows if row.source_key in here.aids]
    texts = [normalise(row.address).normal for row in rows]
    keys = [row.source_key for row in rows]
    right = sum(ours.answers[n].first == here.aids[query.key] for n, query in asked) / len(asked)
    results: list[tuple[str, float, float]] = []
    for name, peer in (("rapidfuzz ratio, brute force", _rapidfuzz), ("TF-IDF of 1- to 3-grams", _tfidf)):
        found, rate = peer(texts, [query.text for _, query in asked])
        good = sum(keys[at] == query.key for at, (_, query) in zip(found, asked, strict=True))
        results.append((name, good / len(asked), rate))
    shown: list[tuple[object, ...]] = [("addressbook", f"{100 * right:.1f} %", f"{ours.rate:,.0f}", "")]
    shown += [(n, f"{100 * good:.1f} %", f"{rate:,.0f}", f"{ours.rate / rate:,.0f} times") for n, good, rate in results]
    print_table(
        f"Peers, the same {len(asked)} answerable queries", ["", "right first", "a second a core", "ours is"], shown
    )
    good_enough = [rate for _, good, rate in results if good >= ENOUGH]
    if not good_enough:
        console.print(
            f"no peer of the two is {100 * ENOUGH:.0f} % right; the bar is 20 times the fastest that is (aim 45)"
        )


def _rapidfuzz(texts: list[str], queries: list[str]) -> tuple[list[int], float]:
    begun = time.process_time()
    found = [process.extractOne(normalise(query).normal, texts, scorer=fuzz.ratio)[2] for query in queries]
    return [int(at) for at in found], len(queries) / (time.process_time() - begun)


def _tfidf(texts: list[str], queries: list[str]) -> tuple[list[int], float]:
    """Building the matrix is not counted, only asking it."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), dtype=np.float32)
    matrix = vectors.fit_transform(texts).T.tocsr()
    begun = time.process_time()
    found: list[int] = []
    for start in range(0, len(queries), 50):
        asked = vectors.transform([normalise(query).normal for query in queries[start : start + 50]])
        scores = asked @ matrix
        found += [int(scores[row].indices[scores[row].data.argmax()]) for row in range(scores.shape[0])]
    return found, len(queries) / (time.process_time() - begun)
