"""What is shown of personal fields, and of free texts in which somebody has written them."""

from __future__ import annotations

from addressbook.masking.forms import MASK, mask_identity, mask_name, mask_phone
from addressbook.masking.numbers import mask_numbers
from addressbook.masking.own import NOBODY, Masked, Own, mask_text, masked

__all__ = [
    "MASK",
    "NOBODY",
    "Masked",
    "Own",
    "mask_identity",
    "mask_name",
    "mask_numbers",
    "mask_phone",
    "mask_text",
    "masked",
]
