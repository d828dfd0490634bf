"""Garbage collection while rows are loaded."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

MANY_OBJECTS = 1_000_000
"""More than a chunk makes: collecting garbage before there are so many new objects finds next to none."""


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Leave the gazetteer's and the index's objects out of garbage collection, and collect hardly ever.

    Otherwise the collector walks a hundred thousand lasting objects again and again: half of a load's time. A chunk's
    objects go without it, but for a handful. What somebody else of this process has left out already stays out.
    """
    thresholds, is_ours = gc.get_threshold(), not is_left_out_already()
    if is_ours:
        gc.freeze()
    gc.set_threshold(MANY_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if is_ours:
            gc.unfreeze()


@cache
def is_left_out_already() -> bool:
    """Whether objects were left out before the first load of this process: to count them walks them, each time."""
    return gc.get_freeze_count() > 0
