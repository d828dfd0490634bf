"""Houses 房: what stands at a room or building, and how it is used."""

from __future__ import annotations

from addressbook.errors import FieldError
from addressbook.masking import mask_numbers
from addressbook.model import ElementKind, Role
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields
from loaders.kinds.draft import Draft, Element, Kind, placements

LARGEST_FLOOR_AREA_M2 = 10_000_000
HIGHEST_RENT_YUAN = 100_000_000
EARLIEST_YEAR, LATEST_YEAR = 600, 2100


def read(fields: Fields, secret: Secret, source: str) -> Draft:
    """A house keyed by its number within the source, or by its address where it has none."""
    source_key = fields.text("source_key") or mask_numbers(fields.text("address"))
    year = fields.number("built_year", EARLIEST_YEAR, LATEST_YEAR)
    rent, flags = _rent(fields)
    columns = {
        "use": fields.text("use"),
        "floor_area_m2": fields.number("floor_area_m2", 0, LARGEST_FLOOR_AREA_M2),
        "built_year": int(year) if year else None,
        "occupancy": fields.text("occupancy"),
        "monthly_rent_yuan": rent,
    }
    key = secret.element_key("house", f"{source}\0{source_key}")
    element = Element(ElementKind.HOUSE, key, fields.text("use") or fields.text("category"), columns)
    where, since = placements(fields, address=Role.LOCATED_AT), fields.date("valid_from")
    return Draft(source_key, element, where, valid_from=since, flags=flags)


def _rent(fields: Fields) -> tuple[float | None, list[str]]:
    """Yuan a month. What is no number (面议) is no reason to refuse the house: it is told by a flag."""
    try:
        return fields.number("monthly_rent_yuan", 0, HIGHEST_RENT_YUAN), []
    except FieldError:
        return None, ["rent_unreadable"]


KIND = Kind("houses", ElementKind.HOUSE, {"地址 address": ("address", "town", "community")}, frozenset(), read)
