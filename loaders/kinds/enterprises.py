"""Enterprises 企: registered here, operating there."""

from __future__ import annotations

from addressbook.errors import FieldError
from addressbook.model import ElementKind, Role
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields
from loaders.kinds.draft import Draft, Element, Kind, month_of, placements


def read(fields: Fields, secret: Secret, source: str) -> Draft:
    """An enterprise keyed by its 统一社会信用代码, or by its name within the source where it has none."""
    name, uscc = fields.text("name"), fields.uscc("uscc")
    if not name:
        raise FieldError("name_missing", "name", "the name is empty.", zh="企业名称为空。", remedy="Fill it in.")
    source_key = fields.text("source_key") or uscc or name
    established = fields.date("established_on")
    columns = {
        "name": name,
        "uscc": uscc or None,
        "status": fields.text("status"),
        "established_on": established,
    }
    key = secret.element_key("enterprise", uscc or f"{source}\0{source_key}")
    element = Element(ElementKind.ENTERPRISE, key, fields.text("category"), columns)
    where = placements(fields, address=Role.REGISTERED, operating=Role.OPERATING)
    return Draft(source_key, element, where, month_of(established), established)


KIND = Kind(
    "enterprises",
    ElementKind.ENTERPRISE,
    {"企业名称 name": ("name",), "地址 address": ("address", "operating", "town", "community")},
    frozenset(),
    read,
)
