"""Suggestions for what is being typed: names of the registry and of divisions in memory, found in every spelling."""

from addressbook.search.asking import Asked, Coordinates, ask
from addressbook.search.finding import How
from addressbook.search.meaning import Meaning, Meant, meaning_of
from addressbook.search.names import Hit, SearchNames

__all__ = ["Asked", "Coordinates", "Hit", "How", "Meaning", "Meant", "SearchNames", "ask", "meaning_of"]
