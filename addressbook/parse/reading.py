"""What the parser and those who use it agree on."""

from __future__ import annotations

from typing import Protocol

from addressbook.parse.lexicon import RegistryNames

AGAIN = "again:"
"""Before the label of a division that was named before; the parser settles which of the two counts."""
ANEW = "anew:"
"""Before the label of what begins the address anew: the divisions named before it belong to another one."""

Prefixes = tuple[str, ...]
"""Code prefixes of the divisions a text may lie in; several while a name is ambiguous, none when nothing is known."""


class KnownNames(Protocol):
    """What the parser needs of the registry's name index."""

    @property
    def counties(self) -> set[str]:
        """The counties (6 digits) that the registry covers."""

    @property
    def version(self) -> int:
        """A number that changes whenever the names do."""

    @property
    def lexicon(self) -> RegistryNames:
        """The names, ready to be found in a text."""
