"""Decisions as clerks write them, in a sheet or in a command: 选1, 都不是, 新建, 不是地址, 以后再说, or a code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from addressbook.errors import CodeError, RuleError
from addressbook.identity import parse
from addressbook.registry.review import VERDICTS_ZH, Judgement, Verdict

_RANK = re.compile(r"选?([0-9]{1,3})")
_ENGLISH = {
    Verdict.NONE: "none", Verdict.REGISTERED: "new", Verdict.NOT_AN_ADDRESS: "not-an-address", Verdict.LATER: "later",
}  # fmt: skip
WORDS = {word: verdict for verdict, english in _ENGLISH.items() for word in (english, VERDICTS_ZH[verdict])}
"""What may be written for the verdicts that need no code."""
CHOICES = tuple(VERDICTS_ZH[verdict] for verdict in _ENGLISH)


def judgement_of(words: str, candidates: Sequence[str]) -> Judgement:
    """What the words say of an item with these candidates (codes, in order). Raises RuleError for other words.

    >>> judgement_of("选 １", ["B7K3M9QXW2HF"]).aid, judgement_of("都不是", []).verdict.value
    ('B7K3M9QXW2HF', 'none')
    """
    plain = "".join(unicodedata.normalize("NFKC", words).split()).strip("。.").lower()
    if plain in WORDS:
        return Judgement(verdict=WORDS[plain])
    rank = _RANK.fullmatch(plain)
    if rank is not None:
        return Judgement(verdict=Verdict.CHOSEN, aid=_candidate(int(rank[1]), candidates))
    try:
        return Judgement(verdict=Verdict.CHOSEN, aid=parse(plain))
    except CodeError:
        raise RuleError(
            "word", f"{words!r} is no decision.", zh=f"“{words}”不是可识别的决定。",
            remedy="Write 选1 (选2 …), 都不是, 新建, 不是地址, 以后再说, or an identity code.",
        ) from None  # fmt: skip


def _candidate(rank: int, candidates: Sequence[str]) -> str:
    if not 1 <= rank <= len(candidates):
        raise RuleError(
            "choice", f"there is no candidate {rank}; there are {len(candidates)}.",
            zh=f"没有第 {rank} 个候选地址，共有 {len(candidates)} 个。",
        )  # fmt: skip
    return candidates[rank - 1]
