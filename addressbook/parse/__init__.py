"""Addresses as text or columns → labelled elements (DESIGN section 4). Pure."""

from addressbook.parse.columns import parsed_from_columns
from addressbook.parse.parser import Parser

__all__ = ["Parser", "parsed_from_columns"]
