"""Events 事: what happened where and when."""

from __future__ import annotations

from addressbook.masking import mask_numbers
from addressbook.model import ElementKind, Role
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields
from loaders.kinds.draft import Draft, Element, Kind, month_of, placements


def read(fields: Fields, secret: Secret, source: str) -> Draft:
    """An event keyed by its number within the source, or by day, title and place where it has none."""
    occurred = fields.date("occurred_on")
    title = mask_numbers(fields.text("title"))
    source_key = fields.text("source_key") or f"{occurred} {title} {mask_numbers(fields.text('address'))}"
    columns = {"title": title, "status": fields.text("status"), "occurred_on": occurred}
    key = secret.element_key("event", f"{source}\0{source_key}")
    element = Element(ElementKind.EVENT, key, fields.text("category"), columns)
    return Draft(source_key, element, placements(fields, address=Role.OCCURRED_AT), month_of(occurred), occurred)


KIND = Kind(
    "events",
    ElementKind.EVENT,
    {"地址 address": ("address", "town", "community", "county")},
    frozenset(),
    read,
)
