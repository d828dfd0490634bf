"""Aliases as reviewers see them: dated, with who decided them and why, and with what each has linked."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from addressbook.identity import printed
from addressbook.privacy.log import TEXT_FIELDS, log_read
from addressbook.privacy.policy import Reader
from addressbook.store.aliases import AliasKey, Linked, MadeLinks, links_made, read_aliases, withdraw_alias
from addressbook.store.reading import Row, read_address
from addressbook.views.address import never_issued

LINKS_SHOWN = 50
"""Most links of one alias in one answer; `total` counts them all."""
BEFORE_ALL = (-1, -1)


def alias_page(
    connection: Connection, reader: Reader, *, aid: str | None, origin: str | None, after: tuple[int, int], limit: int
) -> Row:
    """A page of aliases: of one address, or of an origin; `next_after` is None on the last page.

    Raises NotFoundError for a code that was never issued. What it shows of persons' texts is logged.
    """
    if aid is not None and read_address(connection, aid) is None:
        raise never_issued(aid)
    rows = read_aliases(connection, aid=aid, origin=origin, after=after, limit=limit + 1)
    page = rows[:limit]
    keys = [AliasKey(row["site_id"], row["aid"], row["name"]) for row in page]
    made = links_made(connection, keys, LINKS_SHOWN)
    _log(connection, reader, aid or "aliases", (link for links in made for link in links.first))
    last = (page[-1]["site_id"], page[-1]["alias_id"]) if len(rows) > limit else None
    return {"items": [_entry(row, links) for row, links in zip(page, made, strict=True)], "next_after": last}


def withdrawn(connection: Connection, reader: Reader, aid: str, name: str, *, actor: str, reason: str) -> Row:
    """End an alias and say what it had linked, all of it; what that shows of persons' texts is logged.

    Raises NotFoundError when the address has no such alias in force.
    """
    linked = withdraw_alias(connection, aid, name, actor=actor, reason=reason)
    _log(connection, reader, aid, linked)
    return {"aid": aid, "printed": printed(aid), "name": name, "linked": _linked(MadeLinks(len(linked), linked))}


def _entry(row: Row, made: MadeLinks) -> Row:
    return {
        "aid": row["aid"],
        "printed": printed(row["aid"]),
        **{name: row[name] for name in ("standard_text", "name", "origin", "valid_from", "valid_to")},
        "decided": {"event": row["event_kind"], **{name: row[name] for name in ("actor", "reason")},
                    "at": row["decided_at"]},
        "linked": _linked(made),
    }  # fmt: skip


def _linked(made: MadeLinks) -> Row:
    return {
        "total": made.total,
        "truncated": made.total > len(made.first),
        "items": [link._asdict() for link in made.first],
    }


def _log(connection: Connection, reader: Reader, subject: str, links: Iterable[Linked]) -> None:
    persons = [link.element_key for link in links if link.element_kind == "person"]
    log_read(connection, reader, subject, persons, fields=TEXT_FIELDS)
