"""A person's columns: sealed, masked beside it, and hashed for equality; made here whoever writes them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from addressbook.masking import mask_identity, mask_name, mask_phone
from addressbook.privacy.sealing import Secret

_NOT_DIGITS = re.compile(r"\D")


def person_columns(secret: Secret, key: UUID, name: str, identity: str, phone: str) -> dict[str, Any]:
    """Name, identity number and phone as table person keeps them, bound to the person and the column."""
    bound_to, digits = key.bytes, _NOT_DIGITS.sub("", phone)
    return {
        "name_masked": mask_name(name),
        "name_sealed": secret.seal(name.encode(), bound_to + b"name"),
        "identity_masked": mask_identity(identity),
        "identity_sealed": secret.seal(identity.encode(), bound_to + b"identity") if identity else None,
        "phone_masked": mask_phone(digits),
        "phone_sealed": secret.seal(digits.encode(), bound_to + b"phone") if digits else None,
        "phone_hash": secret.phone_hash(digits) if digits else None,
    }


def person_fields(secret: Secret, row: Any) -> dict[str, str]:
    """Name, identity number and phone in plain, of a row with its `key` and sealed columns; "" where there is none."""
    return {
        name: secret.open(sealed, row["key"].bytes + name.encode()).decode()
        if (sealed := row[f"{name}_sealed"])
        else ""
        for name in ("name", "identity", "phone")
    }
