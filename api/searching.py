"""A text typed into the search box, as addresses: a code, or what the matcher makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from addressbook import identity
from addressbook.errors import NotFoundError
from addressbook.model import Resolution
from addressbook.views.addresses import AddressQuery, address_feature, address_page
from addressbook.views.resolution import reason_entry
from api.resolving import SharedResolver

RETIRED = "retired"
"""The reason of a text whose address was retired."""


def found_by_text(
    connection: Connection, resolver: SharedResolver, query: AddressQuery
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The features that `query.name` names, best first, and what has to be said of them.

    Filters of the query hold, but for a code, which names one. By the text of a retired address comes what is there
    today, and then the retired one, with a note that tells when it was retired and by which event.
    """
    text = query.name or ""
    if identity.is_valid(text):
        return _by_code(connection, text), []
    resolution = resolver.resolve(connection, [text], query.division)[0]
    aids = _aids(resolution)
    features, _ = address_page(connection, replace(query, name=None, aids=aids, after=None)) if aids else ([], None)
    notes = [reason_entry(why) for why in resolution.reasons if why.code == RETIRED]
    return sorted(features, key=lambda feature: aids.index(feature["id"])), notes


def _by_code(connection: Connection, text: str) -> list[dict[str, Any]]:
    try:
        return [address_feature(connection, identity.parse(text))]
    except NotFoundError:
        return []


def _aids(resolution: Resolution) -> tuple[str, ...]:
    ranked = [resolution.aid, *(candidate.aid for candidate in resolution.candidates), resolution.anchor]
    if any(why.code == RETIRED for why in resolution.reasons):
        ranked.insert(0, resolution.anchor)
    return tuple(dict.fromkeys(aid for aid in ranked if aid))
