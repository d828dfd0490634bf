"""A text typed into the search box, as addresses: a code, or what the matcher makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from addressbook import identity
from addressbook.errors import NotFoundError
from addressbook.model import Resolution
from addressbook.views.addresses import AddressQuery, address_feature, address_page
from api.resolving import SharedResolver


def found_by_text(connection: Connection, resolver: SharedResolver, query: AddressQuery) -> list[dict[str, Any]]:
    """The features that `query.name` names, best first; filters of the query hold, but for a code, which names one."""
    text = query.name or ""
    if identity.is_valid(text):
        return _by_code(connection, text)
    resolution = resolver.resolve(connection, [text], query.division)[0]
    aids = _aids(resolution)
    features, _ = address_page(connection, replace(query, name=None, aids=aids, after=None)) if aids else ([], None)
    return sorted(features, key=lambda feature: aids.index(feature["id"]))


def _by_code(connection: Connection, text: str) -> list[dict[str, Any]]:
    try:
        return [address_feature(connection, identity.parse(text))]
    except NotFoundError:
        return []


def _aids(resolution: Resolution) -> tuple[str, ...]:
    ranked = [resolution.aid, *(candidate.aid for candidate in resolution.candidates), resolution.anchor]
    return tuple(dict.fromkeys(aid for aid in ranked if aid))
