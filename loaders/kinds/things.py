"""Things 物: extinguishers, cameras, lifts, monuments."""

from __future__ import annotations

from addressbook.masking import mask_numbers
from addressbook.model import ElementKind, Role
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields
from loaders.kinds.draft import Draft, Element, Kind, month_of, placements


def read(fields: Fields, secret: Secret, source: str) -> Draft:
    """A thing keyed by its number within the source, or by name and place where it has none."""
    name = mask_numbers(fields.text("name"))
    source_key = fields.text("source_key") or f"{name} {mask_numbers(fields.text('address'))}"
    installed = fields.date("installed_on")
    columns = {"name": name, "installed_on": installed}
    key = secret.element_key("thing", f"{source}\0{source_key}")
    element = Element(ElementKind.THING, key, fields.text("category"), columns)
    return Draft(source_key, element, placements(fields, address=Role.LOCATED_AT), month_of(installed), installed)


KIND = Kind(
    "things",
    ElementKind.THING,
    {"位置 address": ("address", "town", "community", "lon")},
    frozenset(),
    read,
)
