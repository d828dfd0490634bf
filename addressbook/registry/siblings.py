"""No two live addresses share a place: a path within a site, a number on a street, a name as the top of a site."""

from __future__ import annotations

from collections.abc import Iterator
from string import digits

from addressbook.registry import rules
from addressbook.registry.records import AddressRecord, Changes, RegistryReader

TOWN = slice(6, 9)
"""Where the town stands in a division code."""


def need_free(record: AddressRecord, reader: RegistryReader, changes: Changes) -> None:
    """Nobody else may be where the address is to be, once these changes are stored. Raises RuleError."""
    for other in occupants(record, reader, changes):
        raise rules.taken(other)


def need_apart(record: AddressRecord, reader: RegistryReader) -> None:
    """The top of a site may not be told from another by nothing but digits at the end of its name.

    宝石苑 381幢 and 宝石苑38 1幢 are one text. Raises RuleError.
    """
    if record.path or record.kind not in rules.NAMED:
        return
    for other in reader.numbered(record.name.rstrip(digits), record.division_code):
        if other.aid != record.aid and other.name != record.name:
            raise rules.runs_together(record.name, other)


def occupants(record: AddressRecord, reader: RegistryReader, changes: Changes) -> Iterator[AddressRecord]:
    """The others that are where the address is to be, once these changes are stored."""
    stored = (changes.now(other) for other in _claimants(record, reader))
    for other in (*stored, *changes.at_place(record)):
        if other.aid != record.aid and other.is_live and _same_place(record, other):
            yield other


def _claimants(record: AddressRecord, reader: RegistryReader) -> Iterator[AddressRecord]:
    """Those that may be there now."""
    if record.path:
        found = reader.at_path(record.site_id, record.path)
        if found is not None:
            yield found
    elif record.kind in rules.NAMED:
        yield from reader.tops(record.kind, record.name, record.division_code)
    if record.road_aid:
        yield from reader.plates(record.road_aid, record.plate_no)


def _same_place(record: AddressRecord, other: AddressRecord) -> bool:
    """Whether two addresses would be one to whoever looks for them."""
    if record.path and (record.site_id, record.path) == (other.site_id, other.path):
        return True
    if record.road_aid and (record.road_aid, record.plate_no) == (other.road_aid, other.plate_no):
        return _one_town(record.division_code, other.division_code)
    alike = (record.kind, record.name, record.division_code) == (other.kind, other.name, other.division_code)
    return alike and not record.path and not other.path and record.kind in rules.NAMED


def _one_town(code: str, other: str) -> bool:
    """Whether two divisions may be one town: streets cross towns, and each numbers for itself."""
    here, there = code[TOWN], other[TOWN]
    return here == there or "000" in (here, there)
