"""When a request is sent again, and when a refusal is final."""

from __future__ import annotations

from dataclasses import dataclass

from addressbook.client.asking import Answer, Asked, Conversation, Found, Pause, Question
from addressbook.client.problems import problem_of, retry_after_s

TRY_AGAIN = frozenset({429, 503})
TOO_SLOW = "urn:addressbook:problem:too-slow"


@dataclass(frozen=True, slots=True)
class Patience:
    """At most so many tries, and no wait above the longest: what asks for more is a problem at once."""

    tries: int = 4
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0

    def wait_s(self, answer: Answer, tried: int) -> float | None:
        """The seconds until the next try; None where the refusal is final.

        >>> [Patience().wait_s(Answer(503, {}, b""), tried) for tried in (1, 2, 3, 4)]
        [0.5, 1.0, 2.0, None]
        >>> Patience().wait_s(Answer(429, {"retry-after": "7"}, b""), 1)
        7.0
        """
        if answer.status not in TRY_AGAIN or tried >= self.tries:
            return None
        if problem_of(answer).type == TOO_SLOW:  # it would take as long again
            return None
        asked_for = retry_after_s(answer)
        wait = self.first_wait_s * 2 ** (tried - 1) if asked_for is None else asked_for
        return wait if wait <= self.longest_wait_s else None


def patiently(question: Question[Found], patience: Patience) -> Conversation[Found]:
    """A question that waits where it is told to, and raises Problem where it is refused."""
    try:
        asked = next(question)
        while True:
            answer = yield from _answered(asked, patience)
            asked = question.send(answer)
    except StopIteration as end:
        found: Found = end.value
        return found


def _answered(asked: Asked, patience: Patience) -> Conversation[Answer]:
    tried = 0
    if asked.after_s:
        yield Pause(asked.after_s)
    while True:
        answer = yield asked
        assert answer is not None  # noqa: S101 - transports answer what is asked
        tried += 1
        if 200 <= answer.status < 300:
            return answer
        wait_s = patience.wait_s(answer, tried)
        if wait_s is None:
            raise problem_of(answer)
        yield Pause(wait_s)
