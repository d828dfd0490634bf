"""People 人: who lives or is registered where."""

from __future__ import annotations

from datetime import date

from addressbook.errors import FieldError
from addressbook.masking import Own
from addressbook.model import ElementKind, Role
from addressbook.privacy.persons import person_columns
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields
from loaders.kinds.draft import Draft, Element, Kind, placements

_SEXES = {"男": "male", "女": "female", "m": "male", "f": "female", "male": "male", "female": "female"}


def read(fields: Fields, secret: Secret, source: str) -> Draft:
    """A person keyed by the identity number, or by name and birth within the source where there is none."""
    name, identity = fields.text("name"), fields.identity_number("identity")
    if not name:
        raise FieldError("name_missing", "name", "the name is empty.", zh="姓名为空。", remedy="Fill it in.")
    born = fields.date("birth_date") or _born(identity)
    own_key = fields.text("source_key")
    phone = fields.text("phone")
    natural = identity or f"{source}\0{own_key or (name, str(born), phone)}"
    key = secret.element_key("person", natural)
    columns = {
        **person_columns(secret, key, name, identity, phone),
        "sex": _SEXES.get(fields.text("sex").lower(), ""),
        "birth_year": born.year if born else None,
    }
    element = Element(ElementKind.PERSON, key, fields.text("category"), columns)
    where = placements(fields, residence=Role.RESIDENCE, household_registration=Role.HOUSEHOLD_REGISTRATION)
    source_key = key.hex if identity or not own_key else own_key
    own = Own(name, identity, phone)
    return Draft(source_key, element, where, valid_from=fields.date("valid_from"), own=own)


def _born(identity: str) -> date | None:
    if not identity:
        return None
    try:
        return date(int(identity[6:10]), int(identity[10:12]), int(identity[12:14]))
    except ValueError:
        raise FieldError(
            "identity_number_wrong",
            "identity",
            "the identity number holds a day that does not exist.",
            zh="身份证号码中的出生日期不存在。",
            remedy="Compare it with the card.",
        ) from None


KIND = Kind(
    "people",
    ElementKind.PERSON,
    {"姓名 name": ("name",), "地址 address": ("residence", "household_registration", "town", "community")},
    frozenset({"name", "identity", "phone", "birth_date", "remark"}),
    read,
)
