"""One normaliser for stored and queried text (DESIGN section 4). Pure and idempotent."""

from addressbook.normalise.text import Normalised, normal_name, normalise

__all__ = ["Normalised", "normal_name", "normalise"]
