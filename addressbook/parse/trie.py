"""Names as a trie over code points in one flat array, so that compiled code can walk it; it grows as names are added.

`array[base]` is the number of slots, a power of two; behind it a pair for every slot (a node with a character, the
node below), then what ends at every node, NOTHING where no name does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from addressbook.parse.compiled import cell, compiled, entry, fetch

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint32]
ROOT = 0
NOTHING = -1
FIRST_SLOTS = 1 << 8
MIXED = 0x9E3779B97F4A7C1


def empty(slots: int = FIRST_SLOTS) -> Ints:
    """A trie with room for half as many nodes as `slots`, a power of two."""
    array = np.zeros(2 + 2 * slots + slots // 2, np.int64)
    array[0] = slots
    array[1 + 2 * slots :] = NOTHING
    return array


class Growing:
    """A trie that grows: `array` is replaced when it is full, so ask for it at every use."""

    def __init__(self, slots: int = FIRST_SLOTS) -> None:
        self.array = empty(slots)
        self.nodes = 1

    def put(self, names: Sequence[str], payloads: Iterable[int], root: int = ROOT) -> None:
        """Set what ends at each name; setting NOTHING forgets it."""
        buffer, offsets = flat(names)
        self._make_room(len(buffer))
        values = np.fromiter(payloads, np.int64, len(names))
        self.nodes = insert(self.array, self.nodes, buffer, offsets, values, root)

    def branch(self, number: int) -> int:
        """The node below the root for a number that is no character of any name: a trie of its own."""
        self._make_room(1)
        before = self.nodes
        self.nodes = insert(self.array, before, *_one(number), np.array([NOTHING]), ROOT)
        return before

    def _make_room(self, characters: int) -> None:
        wanted = self.nodes + characters + 1
        slots = int(self.array[0])
        if wanted >= slots // 2:
            bigger = empty(1 << (2 * wanted + 1).bit_length())
            payload = self.array[1 + 2 * slots :]
            start = 1 + 2 * int(bigger[0])
            bigger[start : start + len(payload)] = payload
            rehash(self.array, bigger)
            self.array = bigger


def _one(number: int) -> tuple[Codes, Ints]:
    return np.array([number], np.uint32), np.array([0, 1])


def flat(texts: Sequence[str]) -> tuple[Codes, Ints]:
    """All texts as one array of code points, and where each begins (one entry more than texts)."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=offsets[1:])
    return np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32), offsets


@compiled
def _slot(array, base, key):
    mask = array[base] - 1
    slot = (key * MIXED >> 20) & mask
    at = base + 1 + 2 * slot
    while array[at] != 0 and array[at] != key:
        slot = (slot + 1) & mask
        at = base + 1 + 2 * slot
    return at


@compiled
def step(trie, base, node, character):
    """The node below `node` for a character, or NOTHING; `trie` is where the array lies in memory."""
    key = (np.int64(node) << 21) + np.int64(character) + 1
    base += 1
    mask = cell(trie, base - 1) - 1
    slot = (key * MIXED >> 20) & mask
    found = cell(trie, base + 2 * slot)
    while found != 0 and found != key:
        slot = (slot + 1) & mask
        found = cell(trie, base + 2 * slot)
    return cell(trie, base + 2 * slot + 1) if found == key else NOTHING


@compiled
def ahead(trie, base, node, character):
    """Have what `step` reads first at hand when it is asked."""
    key = (np.int64(node) << 21) + np.int64(character) + 1
    fetch(trie, base + 1 + 2 * ((key * MIXED >> 20) & (cell(trie, base) - 1)))


@compiled
def payload(trie, base, node):
    """What ends at a node, or NOTHING."""
    return cell(trie, base + 1 + 2 * cell(trie, base) + node)


@entry
def find(array, buffer):
    """What ends at a name in a trie that begins at its first place, or NOTHING."""
    node = ROOT
    for character in buffer:
        place = _slot(array, 0, (np.int64(node) << 21) + np.int64(character) + 1)
        if array[place] == 0:
            return NOTHING
        node = array[place + 1]
    return array[1 + 2 * array[0] + node]


@entry
def insert(array, nodes, buffer, offsets, payloads, root):
    """Put names into a trie that has room for them; how many nodes it has then."""
    for name in range(len(payloads)):
        node = root
        for at in range(offsets[name], offsets[name + 1]):
            key = (np.int64(node) << 21) + np.int64(buffer[at]) + 1
            place = _slot(array, 0, key)
            if array[place] == 0:
                array[place] = key
                array[place + 1] = nodes
                nodes += 1
            node = array[place + 1]
        array[1 + 2 * array[0] + node] = payloads[name]
    return nodes


@entry
def rehash(array, bigger):
    """Move the slots of a trie to a bigger one."""
    for at in range(1, 1 + 2 * array[0], 2):
        if array[at] != 0:
            place = _slot(bigger, 0, array[at])
            bigger[place] = array[at]
            bigger[place + 1] = array[at + 1]
