"""Parsed addresses → registry addresses (DESIGN section 4). Pure: the database is behind `model.PathLookup`."""

from addressbook.match.names import NameIndex
from addressbook.match.plan import tree_plan
from addressbook.match.reasons import sentence
from addressbook.match.resolver import Resolver
from addressbook.match.standard import standard_text, tail_text

__all__ = ["NameIndex", "Resolver", "sentence", "standard_text", "tail_text", "tree_plan"]
