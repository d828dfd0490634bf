"""Disclosure control: how many persons there are, for readers who may not see persons. One policy for every view.

Counts are published as sums of a fixed set of small parts, each with noise of its own. A part is a division's own
count, a square of a quarter of a kilometre, or a building; nothing that is published depends on anything smaller. The
noise is drawn by the secret from the part and from what is counted: the same question has always the same answer, so
asking again averages nothing out, and no answer tells more than the noisy parts do, whatever is subtracted from what.
docs/privacy.md says what this protects from, and what not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

from addressbook.model import AddressKind, Role
from addressbook.privacy.policy import SMALLEST_COUNT_SHOWN
from addressbook.privacy.sealing import Secret

ODDS = 3.0
"""Of all answers together: they make it at most so many times likelier that one link of a person is there than not."""
CELLS_OF_A_LINK = 6
"""In so many noisy cells one link of a person is counted: by role, and by category, of its division and of its square;
and in all at its building and at the top of its site."""
SCALE = math.log(ODDS) / CELLS_OF_A_LINK
"""Of the noise, two-sided geometric: each step away from 0 is rarer by e to this."""
ROLES = (Role.RESIDENCE, Role.HOUSEHOLD_REGISTRATION)
"""What persons do at an address: every part has all of them, lest it told which there are."""
Cell = tuple[str, str]
"""`role` and which, or `category` and which."""
_HALF_BITS = 64
PARTS_KEPT = 1 << 14
"""So many parts are remembered with their noise, some 30 MB."""


class Noise:
    """The noise of every part, from the secret."""

    def __init__(self, secret: Secret) -> None:
        self._draw = secret.noise
        self.part = lru_cache(maxsize=PARTS_KEPT)(self._part)
        """Cells of a part with their noise, in their order, from the counts of those that are not empty: drawn once for
        as long as the counts stay, for a county has hundreds of parts."""

    def counted(self, part: str, cell: str, count: int) -> int:
        """The count of a cell of a part, with its noise: the same for the same count, below zero where it falls so."""
        drawn = self._draw(f"{part}\0{cell}\0{count}".encode())
        return count + _steps(drawn >> _HALF_BITS) - _steps(drawn & (2**_HALF_BITS - 1))

    def _part(self, part: str, counts: tuple[tuple[Cell, int], ...], cells: tuple[Cell, ...]) -> tuple[int, ...]:
        given = dict(counts)
        return tuple([self.counted(part, f"{what} {name}", given.get((what, name), 0)) for what, name in cells])


@lru_cache(maxsize=4)
def noise_of(secret: Secret) -> Noise:
    """The noise that a secret draws: one for all who ask."""
    return Noise(secret)


def _steps(drawn: int) -> int:
    """A geometric variable from 64 uniform bits; the difference of two is two-sided."""
    return int(-math.log((drawn + 1) / 2**_HALF_BITS) / SCALE)


def shown(noisy: int) -> int | None:
    """A noisy count as it is published; None where it is small, for then it is mostly noise."""
    return noisy if noisy >= SMALLEST_COUNT_SHOWN else None


def all_shown(noisy: Mapping[str, int]) -> dict[str, int | None]:
    """Noisy counts as they are published."""
    return {name: shown(count) for name, count in noisy.items()}


def at_address(noise: Noise | None, aid: str, kind: str, count: int, *, is_top: bool) -> int | None:
    """How many links of persons an address has, at it or below it: of buildings and tops of sites only.

    None without noise, and where a count would be smaller than any part.
    """
    if noise is None or not (is_top or kind == AddressKind.BUILDING):
        return None
    return shown(noise.counted(f"address {aid}", "all", count))


def added(parts: Iterable[tuple[int, ...]], width: int) -> list[int]:
    """Noisy parts of so many cells put together: the sum of the parts is the whole, always."""
    return list(map(sum, zip(*parts, strict=True))) or [0] * width
