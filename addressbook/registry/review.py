"""The review desk's pure part: what clerks may decide, which texts are twins, what tells candidates apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from addressbook.errors import FieldError, RuleError
from addressbook.identity import parse, printed
from addressbook.match.names import is_generic
from addressbook.model import AddressKind, TreePlan
from addressbook.normalise import normalise
from addressbook.registry.requests import Register

KEY_BYTES = 16
DESK_REASON = "经审核台核定 decided at the review desk"
"""Why, where a clerk gives no reason of his own."""
FIRST_YEAR, LAST_YEAR = 2000, 9998
"""Of a day to put an item off to: whatever its zone, the database can tell it."""
LEASE_MINUTES = 30
"""How long an item is a clerk's own, unless said otherwise."""
_WORDS = re.compile(r"[0-9A-Za-z]+|.", re.DOTALL)
_NUMBERS_ALONE = re.compile(r"[0-9A-Za-z\-#号幢栋座楼单元层室之、,/() ]*")


class Verdict(StrEnum):
    """What a clerk says of an item."""

    CHOSEN = "chosen"
    NONE = "none"
    REGISTERED = "registered"
    NOT_AN_ADDRESS = "not_an_address"
    LATER = "later"


VERDICTS_ZH = {
    Verdict.CHOSEN: "选定", Verdict.NONE: "都不是", Verdict.REGISTERED: "新建", Verdict.NOT_AN_ADDRESS: "不是地址",
    Verdict.LATER: "以后再说",
}  # fmt: skip


REFUSALS: dict[Verdict, tuple[str, str, str]] = {
    Verdict.NONE: ("none_of_the_candidates", "a clerk found that no address fits.", "经人工审核，没有对应的地址。"),
    Verdict.NOT_AN_ADDRESS: (
        "not_an_address",
        "a clerk found that this is no address.",
        "经人工审核，该文字不是地址。",
    ),
}
"""Verdicts that leave a row without any link, with the reason that it is refused for: code, English, Chinese."""


def refusal(verdict: Verdict) -> FieldError:
    """The fault of a row that a clerk's verdict leaves without any link."""
    code, en, zh = REFUSALS[verdict]
    return FieldError(code, "address", en, zh=zh, remedy="Undo the decision if it is wrong.")


def refusal_called(code: str) -> FieldError | None:
    """The same by the reason code that is stored with the row; None of any other code."""
    return next((refusal(verdict) for verdict, (known, *_) in REFUSALS.items() if known == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict with what it needs: the code chosen, the address to register, or until when it is put off."""

    verdict: Verdict
    aid: str | None = None
    register: Register | None = None
    until: datetime | None = None

    def checked(self) -> Judgement:
        """The same with every code read. Raises CodeError, or RuleError where it lacks what its verdict needs."""
        if self.verdict is Verdict.CHOSEN and not self.aid:
            raise RuleError("choice", "say which address it is.", zh="请说明选定哪个地址。")
        if self.aid and self.verdict is not Verdict.CHOSEN:
            raise RuleError("choice", "only a chosen address has a code.", zh="只有选定地址时才给出身份编码。")
        if self.until is not None and not FIRST_YEAR <= self.until.year <= LAST_YEAR:
            raise RuleError(
                "choice", f"{self.until} is no day to put it off to.", zh=f"不能缓办到 {self.until}。",
                remedy="Give a day to come.",
            )  # fmt: skip
        return replace(self, aid=parse(self.aid) if self.aid else None)


class Scored(NamedTuple):
    """A candidate as far as teaching asks."""

    aid: str
    score: float


def text_key(words: str, row_key: UUID | None = None) -> UUID:
    """The key that texts share which are one when normalised.

    Given its row a text that names nothing has a key of its own: what one row means by it says nothing of another.

    >>> text_key("市心北路260号三幢") == text_key("市心北路２６０號3幢") != text_key("市心北路260号13幢")
    True
    >>> one, other = UUID(int=1), UUID(int=2)
    >>> text_key("同上", one) == text_key("同上", other), text_key("市心北路1号", one) == text_key("市心北路1号", other)
    (False, True)
    """
    normal = normalise(words).normal
    own = row_key.bytes if row_key and names_nothing(normal) else b""
    return UUID(bytes=blake2b(normal.encode("utf-8", "replace"), digest_size=KEY_BYTES, key=own).digest())


def names_nothing(normal: str) -> bool:
    """Whether a normal text is numbers and their units alone, or words that are no names: 同上, 见附件, 3幢502室."""
    return _NUMBERS_ALONE.fullmatch(normal) is not None or is_generic(normal)


def told_apart(texts: Sequence[str]) -> list[str]:
    """Of each text what the others do not share with it, numbers whole; nothing where there is only one.

    >>> told_apart(["南岸明珠3幢502室", "南岸明珠13幢502室"])
    ['3', '13']
    >>> told_apart(["萧山区市心北路12号", "萧山区市心北路112号"])
    ['12', '112']
    """
    words = [_WORDS.findall(text) for text in texts]
    shortest = min(map(len, words), default=0)
    front = next((at for at in range(shortest) if len({one[at] for one in words}) > 1), shortest)
    back = next((at for at in range(shortest - front) if len({one[-1 - at] for one in words}) > 1), shortest - front)
    if len(texts) < len(("one", "other")):
        return [""] * len(texts)
    return ["".join(one[front : len(one) - back]) for one in words]


def stands_alone(candidates: Sequence[Scored], aid: str) -> bool:
    """Whether no other candidate fits the text as well: only then may the text become an alias of `aid`.

    >>> stands_alone([Scored("a", 0.7), Scored("b", 0.7)], "a"), stands_alone([Scored("a", 0.7)], "b")
    (False, True)
    """
    own = max((candidate.score for candidate in candidates if candidate.aid == aid), default=None)
    return own is None or all(candidate.score < own for candidate in candidates if candidate.aid != aid)


def suggestion(plan: TreePlan | None, anchor: tuple[str, str] | None) -> Register | None:
    """The one address that a text names and the registry lacks: below the anchor, given as (code, path).

    None where there is no anchor, or where more than one step is lacking: those are registered one by one.
    """
    if plan is None or anchor is None:
        return None
    aid, path = anchor
    known = len([step for step in path.split("/") if step])
    lacking = plan.tail[known:]
    if len(lacking) != 1 or "/".join(map(str, plan.tail[:known])) != path:
        return None
    return Register(kind=lacking[0].kind, name=lacking[0].value, parent_aid=aid, provisional=True)


def shown_suggestion(request: Register) -> str:
    """What would be registered, as a clerk reads it: H 502 ← B7K3-M9QX-W2HF."""
    return f"{AddressKind(request.kind).value} {request.name} ← {printed(request.parent_aid or '')}"


def closed(review_id: int, state: str, by: str) -> RuleError:
    """The error of a decision on what is no longer open."""
    why = {"settled": (f"{by} decided it", f"{by} 已作出决定"),
           "withdrawn": ("a load no longer asks", "后来的载入已不再需要审核")}  # fmt: skip
    en, zh = why[state]
    return RuleError(
        "closed", f"item {review_id} is closed: {en}.", zh=f"审核项 {review_id} 已关闭：{zh}。",
        remedy="Undo that decision first, if it is wrong.",
    )  # fmt: skip


def claimed(review_id: int, by: str) -> RuleError:
    """The error of a decision on what another clerk has before him."""
    return RuleError(
        "claimed", f"{by} is working on item {review_id}.", zh=f"审核项 {review_id} 正由 {by} 处理。",
        remedy="Take the next one.",
    )  # fmt: skip


def asked_before(review_id: int) -> RuleError:
    """The error of a decision on what does not say which link it would make."""
    return RuleError(
        "reload", f"item {review_id} was asked by an earlier version.", zh=f"审核项 {review_id} 由旧版本产生。",
        remedy="Load its source again: the row is then linked, or asked about anew.",
    )  # fmt: skip


def built_on(decision_id: int, en: str, zh: str, remedy: str = "") -> RuleError:
    """The error of undoing what something later builds on."""
    return RuleError(
        "built_on", f"decision {decision_id} cannot be undone: {en}.", zh=f"决定 {decision_id} 不能撤销：{zh}。",
        remedy=remedy,
    )  # fmt: skip
