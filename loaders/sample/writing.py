"""Writes a whole sample: addresses site by site, and what is at them while the site is at hand."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from addressbook.divisions import Gazetteer
from addressbook.errors import InputError
from loaders.sample.building_sites import SiteStream
from loaders.sample.district import District
from loaders.sample.drawing import Draw
from loaders.sample.elements import Elements
from loaders.sample.faults import FAULTS
from loaders.sample.files import KINDS, SampleFiles, write_areas
from loaders.sample.naming import Names
from loaders.sample.rents import Rents
from loaders.sample.sites import Site
from loaders.sample.writing_wrong import Pen

Progress = Callable[[str, int, int], None]
_ROWS_BETWEEN_COLLECTIONS = 200_000
SHARE_OF_ELEMENTS = {"residents": 0.5, "houses": 0.2, "enterprises": 0.1, "events": 0.1, "things": 0.1}


def write_sample(
    out: Path, *, addresses: int, seed: int, elements: int | None = None, progress: Progress | None = None
) -> None:
    """Write a fictitious district of exactly `addresses` addresses, and the rows about them, to the folder `out`.

    There are about `elements` rows in all five files of elements together (None: as many as addresses). The same
    numbers give the same bytes. Memory does not grow with them. `progress` is called with ("addresses", done, total).
    Raises InputError when `addresses` is not positive.
    """
    if addresses < 1:
        raise InputError(
            f"a sample needs at least one address, not {addresses}.", zh=f"样例至少要有一条地址，收到{addresses}。"
        )
    draw = Draw(seed)
    names = Names(draw)
    district = District(Gazetteer.shipped(), names, draw)
    makers = Elements(Pen(district, draw, FAULTS), draw, Rents(seed))
    each = 1.0 if elements is None else elements / addresses
    owed = dict.fromkeys(KINDS, 0.0)
    out.mkdir(parents=True, exist_ok=True)
    write_areas(out / "areas.geojson", district.geography.outlines)
    with SampleFiles(out) as files, _rare_garbage_collection():
        for site, done in sites_up_to(SiteStream(district, names, draw, addresses=addresses), addresses):
            files.write_addresses(site.rows)
            for kind in KINDS:
                owed[kind] += SHARE_OF_ELEMENTS[kind] * each * len(site.rows)
                records = list(makers.of(kind, site, int(owed[kind])))
                owed[kind] -= len(records)
                files.write(kind, records)
            if progress is not None:
                progress("addresses", done, addresses)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Rows hold no cycles and die by themselves: looking for cycles every 700 of them costs much and finds nothing."""
    before = gc.get_threshold()
    gc.set_threshold(_ROWS_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def sites_up_to(sites: SiteStream, addresses: int) -> Iterator[tuple[Site, int]]:
    """Sites until they hold exactly `addresses` rows, the last one cut short, with the number of rows so far."""
    done = 0
    for site in sites:
        site.cut(addresses - done)
        done += len(site.rows)
        yield site, done
        if done == addresses:
            return
