"""Small counts of persons, withheld from readers who may not see persons. The first layer: one table at a time.

What it does not do yet: protect a cell that follows from two different answers (a building less its other rooms).
"""

from __future__ import annotations

from collections.abc import Mapping

from addressbook.privacy.policy import SMALLEST_COUNT_SHOWN, Reader


def shown(count: int, reader: Reader) -> int | None:
    """The count of persons as this reader may see it; None where it is withheld."""
    return count if reader.sees_persons or count >= SMALLEST_COUNT_SHOWN else None


def shown_parts(parts: Mapping[str, int], reader: Reader) -> dict[str, int | None]:
    """Parts of one published total. A single withheld part would follow from the rest, so the next smallest goes too.

    >>> from addressbook.privacy.policy import AccessRole
    >>> shown_parts({"a": 3, "b": 9, "c": 50}, Reader(AccessRole.PUBLIC))
    {'a': None, 'b': None, 'c': 50}
    """
    answer = {name: shown(count, reader) for name, count in parts.items()}
    kept = [name for name, count in answer.items() if count is not None]
    if len(answer) - len(kept) == 1 and kept:
        answer[min(kept, key=lambda name: parts[name])] = None
    return answer
