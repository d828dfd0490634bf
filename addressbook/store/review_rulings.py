"""What clerks have decided of rows that are loaded again: it holds as long as the row's text is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from addressbook.registry.review import Verdict
from addressbook.store.engine import driver_of
from addressbook.store.loading import uuids

RulingKey = tuple[UUID, str, UUID]
"""Row, role and the key of the text."""
# After `none` a link that a registry event asked about stays where it was recorded, whatever that is today.
_DECIDED = """
    SELECT DISTINCT ON (i.row_key, i.role, i.text_key) i.row_key, i.role, i.text_key, d.verdict, i.division_code, d.aid,
        CASE WHEN i.event_id IS NOT NULL AND d.verdict = 'none' THEN i.anchor_aid END
    FROM review_item i JOIN review_decision d ON d.decision_id = i.decision_id
    WHERE i.row_key = ANY(%s::uuid[]) AND i.state = 'settled' AND i.text_key IS NOT NULL
    ORDER BY i.row_key, i.role, i.text_key, d.decision_id DESC
"""
# A link that a load has made anew tells that the text changed; a row of an address list has no link.
_NOTE_TEXTS = """
    UPDATE review_item i SET row_was = CASE WHEN i.text_key = q.text_key THEN i.row_was - 'outdated'
        ELSE i.row_was || '{"outdated": true}' END
    FROM unnest(%s::uuid[], %s::uuid[]) AS q (row_key, text_key)
    WHERE i.row_key = q.row_key AND i.role = '' AND i.state = 'settled' AND i.row_was IS NOT NULL
        AND (i.text_key <> q.text_key) <> (i.row_was ? 'outdated')
"""
_ADDRESSES = """
    SELECT a.aid, a.site_id, a.division_code, a.state IN ('provisional', 'current')
    FROM address a JOIN aid_directory d ON d.aid = a.aid AND d.site_id = a.site_id WHERE d.aid = ANY(%s)
"""
_SUCCESSORS = "SELECT aid, successor_aid FROM address_succession WHERE aid = ANY(%s) AND until_event IS NULL"


class Place(NamedTuple):
    """An address as a link names it."""

    site_id: int
    aid: str
    division_code: str


class Ruling(NamedTuple):
    """What was decided: an address, or none, then perhaps a division; with neither the row is refused."""

    verdict: Verdict
    site_id: int = 0
    aid: str | None = None
    division_code: str = ""


def standing_rulings(connection: Connection, row_keys: Sequence[UUID]) -> dict[RulingKey, Ruling]:
    """The decisions about these rows that nobody has undone, each with where its address stands today.

    One whose address is no more, and was not followed by exactly one other, is left out: the row is asked about anew.
    """
    if not row_keys:
        return {}
    found = driver_of(connection).execute(_DECIDED, [uuids(row_keys)]).fetchall()
    today = places_today(connection, {row[5] for row in found if row[5]})
    kept = _places(connection, [row[6] for row in found if row[6]])
    rulings: dict[RulingKey, Ruling] = {}
    for row_key, role, text_key, verdict, division, aid, kept_aid in found:
        said = Verdict(verdict)
        if aid is None and kept_aid is None:
            known = division or "" if said is Verdict.NONE else ""
            rulings[row_key, role, text_key] = Ruling(said, division_code=known)
        elif aid in today or kept_aid in kept:
            place = kept[kept_aid][0] if kept_aid else today[aid]
            rulings[row_key, role, text_key] = Ruling(said, *place)
    return rulings


def note_texts(connection: Connection, texts: Mapping[UUID, UUID]) -> None:
    """Note with what was decided of rows of an address list whether they have that text still; its keys by row."""
    driver_of(connection).execute(_NOTE_TEXTS, [uuids(texts), uuids(texts.values())])


def places_today(connection: Connection, aids: Iterable[str]) -> dict[str, Place]:
    """(site, code, division) of the live address that each code leads to by itself."""
    leads = {aid: aid for aid in aids}
    standing: dict[str, Place] = {}
    asked = set(leads)
    while asked:
        live, ended = _looked_up(connection, sorted(asked))
        standing |= live
        leads = {aid: ended.get(now, now) for aid, now in leads.items()}
        asked = set(ended.values()).difference(standing)
    return {aid: standing[now] for aid, now in leads.items() if now in standing}


def _looked_up(connection: Connection, aids: list[str]) -> tuple[dict[str, Place], dict[str, str]]:
    """Those of the codes that are live, and for those that ended the only one that followed."""
    live = {aid: place for aid, (place, is_live) in _places(connection, aids).items() if is_live}
    followed: dict[str, list[str]] = {}
    for aid, successor in driver_of(connection).execute(_SUCCESSORS, [[aid for aid in aids if aid not in live]]):
        followed.setdefault(aid, []).append(successor)
    return live, {aid: successors[0] for aid, successors in followed.items() if len(successors) == 1}


def _places(connection: Connection, aids: list[str]) -> dict[str, tuple[Place, bool]]:
    """Where addresses are, and whether they are live."""
    rows = driver_of(connection).execute(_ADDRESSES, [aids]) if aids else ()
    return {aid: (Place(site, aid, division), is_live) for aid, site, division, is_live in rows}
