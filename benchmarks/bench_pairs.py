"""Real pairs of texts (../shared/data/address_pairs): same, part or different, and which candidate comes first.

Half of the queries (by a hash of the text) may be looked at and tuned on; the other half is only measured. Ties are
worth their share: a true match among three that score alike counts as a third, whatever their order in the file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from addressbook.divisions import Gazetteer
from addressbook.match.compare import Comparison, Verdict, compare
from addressbook.parse import Parser

PAIRS = Path("../shared/data/address_pairs/pairs.csv")
VERDICT_OF = {verdict.zh: verdict for verdict in Verdict}
ORDER = tuple(Verdict)
TIE = 1e-9
THRESHOLDS = [step / 100 for step in range(10, 100, 4)]
COMMONEST = 10


class Pair(NamedTuple):
    """One row of the file."""

    query_id: str
    query: str
    candidate: str
    gold: Verdict


class Scored(NamedTuple):
    """A pair with an answer."""

    pair: Pair
    verdict: Verdict
    score: float
    comparison: Comparison | None = None


def read_pairs(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Pair(row["query_id"], row["query"], row["candidate"], VERDICT_OF[row["label"]])
            for row in csv.DictReader(file)
        ]


def is_tuned_on(pair: Pair) -> bool:
    return int(hashlib.sha256(pair.query.encode()).hexdigest(), 16) % 2 == 0


def ours(pairs: Sequence[Pair]) -> list[Scored]:
    parser = Parser(Gazetteer.shipped(), None)
    answers = [compare(parser.parse(pair.query), parser.parse(pair.candidate)) for pair in pairs]
    return [Scored(pair, a.verdict, a.score, a) for pair, a in zip(pairs, answers, strict=True)]


def by_ratio(pairs: Sequence[Pair], tuned_on: Sequence[Pair]) -> list[Scored]:
    """The peer: one similarity, with the two thresholds that are best on the half that is tuned on."""
    low, high = max(
        ((low, high) for low in THRESHOLDS for high in THRESHOLDS if low < high),
        key=lambda limits: macro_f1(_ratio_scored(tuned_on, *limits)),
    )
    return _ratio_scored(pairs, low, high)


def _ratio_scored(pairs: Sequence[Pair], low: float, high: float) -> list[Scored]:
    scores = [fuzz.ratio(pair.query, pair.candidate) / 100 for pair in pairs]
    return [
        Scored(pair, ORDER[(score < high) + (score < low)], score) for pair, score in zip(pairs, scores, strict=True)
    ]


def f1(scored: Sequence[Scored], verdict: Verdict) -> float:
    right = sum(s.verdict is s.pair.gold is verdict for s in scored)
    named = sum(s.verdict is verdict for s in scored) + sum(s.pair.gold is verdict for s in scored)
    return 2 * right / max(1, named)


def macro_f1(scored: Sequence[Scored]) -> float:
    return sum(f1(scored, verdict) for verdict in ORDER) / len(ORDER)


def first_rank(scored: Sequence[Scored]) -> tuple[float, int]:
    """How many queries with a true match have it first, ties shared, and how many there are."""
    queries: defaultdict[str, list[Scored]] = defaultdict(list)
    for s in scored:
        queries[s.pair.query_id].append(s)
    answerable = [group for group in queries.values() if any(s.pair.gold is Verdict.SAME for s in group)]
    return sum(map(_first, answerable)), len(answerable)


def _first(group: Sequence[Scored]) -> float:
    best = max(s.score for s in group)
    leaders = [s for s in group if s.score >= best - TIE]
    return sum(s.pair.gold is Verdict.SAME for s in leaders) / len(leaders)


def print_table(rows: dict[str, list[Scored]]) -> None:
    print(f"{'':34} {'macro-F1':>8} {'same':>6} {'part':>6} {'differ':>6} {'pairs':>6}   true match first")
    for name, scored in rows.items():
        each = " ".join(f"{f1(scored, verdict):6.3f}" for verdict in ORDER)
        first, queries = first_rank(scored)
        share = first / max(1, queries)
        print(f"{name:34} {macro_f1(scored):8.3f} {each} {len(scored):6}   {share:.3f} ({first:.1f} of {queries})")


def print_confusion(scored: Sequence[Scored]) -> None:
    count = Counter((s.pair.gold, s.verdict) for s in scored)
    print(f"\n{'gold':>12} | " + " ".join(f"{verdict:>10}" for verdict in ORDER))
    for gold in ORDER:
        print(f"{gold:>12} | " + " ".join(f"{count[gold, verdict]:10}" for verdict in ORDER))


def kind_of_fault(s: Scored) -> str:
    """Gold, answer, and the findings that decided most: two for and two against."""
    reasons = sorted(s.comparison.reasons, key=lambda r: r.cost) if s.comparison else []
    codes = [r.code for r in reasons if r.element != "text"]
    told = ", ".join(dict.fromkeys([*codes[:1], *codes[-2:]])) or "the wording alone"
    return f"{s.pair.gold} taken for {s.verdict}: {told}"


def print_faults(scored: Sequence[Scored]) -> None:
    wrong = Counter(kind_of_fault(s) for s in scored if s.verdict is not s.pair.gold)
    print(f"\nThe commonest of {wrong.total()} faults")
    for kind, number in wrong.most_common(COMMONEST):
        print(f"{number:6}  {kind}")


def print_failures(scored: Sequence[Scored], kind: str, number: int, seed: int) -> None:
    """Texts to look at, of one kind of confusion (same-part); never of the half that is only measured."""
    gold, verdict = (Verdict(word) for word in kind.split("-"))
    wrong = [s for s in scored if s.pair.gold is gold and s.verdict is verdict]
    for s in random.Random(seed).sample(wrong, min(number, len(wrong))):
        print(f"- {s.score:.3f} {s.pair.query} | {s.pair.candidate}")
        print(f"    {'；'.join(s.comparison.sentences()) if s.comparison else ''}")


def timed(function: Callable[[], list[Scored]]) -> tuple[list[Scored], float]:
    started = time.process_time()
    found = function()
    return found, time.process_time() - started


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path, default=PAIRS)
    options.add_argument("--failures", help="print texts of one confusion, e.g. same-part")
    options.add_argument("--number", type=int, default=50)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    pairs = read_pairs(arguments.file)
    tuned_on = [pair for pair in pairs if is_tuned_on(pair)]
    measured = [pair for pair in pairs if not is_tuned_on(pair)]
    scored, seconds = timed(lambda: ours(pairs))
    if arguments.failures:
        print_failures([s for s in scored if is_tuned_on(s.pair)], arguments.failures, arguments.number, arguments.seed)
        return
    halves = {
        name: [s for s in scored if is_tuned_on(s.pair) is half]
        for name, half in (("measured", False), ("tuned on", True))
    }
    peer = by_ratio(measured, tuned_on)
    print_table(
        {
            "compare, the half not looked at": halves["measured"],
            "compare, the half tuned on": halves["tuned on"],
            "compare, all": scored,
            "rapidfuzz ratio, not looked at": peer,
        }
    )
    first, peers = (first_rank(rows)[0] for rows in (halves["measured"], peer))
    print(
        f"\nratio to rapidfuzz: macro-F1 {macro_f1(halves['measured']) / macro_f1(peer):.2f}, first {first / peers:.2f}"
    )
    print(f"{len(pairs) / seconds:,.0f} pairs a second of one core, parsing both texts included")
    print_confusion(halves["measured"])
    print_faults(halves["measured"])


if __name__ == "__main__":
    main()
