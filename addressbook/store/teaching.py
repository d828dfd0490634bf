"""What a text teaches when a person says which address it means: the same for the command line and the service."""

from __future__ import annotations

from sqlalchemy import Connection

from addressbook.errors import InputError
from addressbook.masking import MASK
from addressbook.match import NameIndex
from addressbook.match.learning import Lesson, lesson_of
from addressbook.match.names import is_generic
from addressbook.model import AddressKind
from addressbook.normalise import normal_name
from addressbook.parse import Parser
from addressbook.store.aliases import Chosen, chosen_address, is_in_force, is_taken
from addressbook.store.batches import lock_minting
from addressbook.store.engine import write_through

BARE_NAMES = "RCP"
"""The kinds of which a text of one element may be the other name itself."""
NAMED_KINDS = frozenset(AddressKind(letter) for letter in BARE_NAMES)
SHORTEST_NAME = 2
"""A name of one character would be found inside every other text."""


def hold_addresses(connection: Connection) -> None:
    """Wait for whoever is changing addresses, and let nobody change them until this transaction ends."""
    write_through(connection)
    lock_minting(connection)


def lesson_for(connection: Connection, parser: Parser, index: NameIndex, aid: str, words: str) -> Lesson:
    """The alias that `words` give of the address `aid`, or of the place it lies in; nothing is stored.

    From here to the end of the transaction the address stays what it is: what is decided of it is stored of it.
    Raises NotFoundError when no such address is in use, InputError when the text cannot be read to its end or teaches
    nothing that the registry does not know.
    """
    hold_addresses(connection)
    chosen = chosen_address(connection, aid)
    parsed = parser.parse(words)
    if parsed.first("other") is not None:
        raise InputError("this text could not be read to its end.", zh="这段文字未能完整识别，不能作为别名。")
    lesson = lesson_of(parsed, chosen.address, chosen.top, chosen.street, index)
    if lesson is None and len(parsed.elements) == 1 and chosen.address.kind.value in BARE_NAMES:
        lesson = _bare_name(chosen, words, index)
    if lesson is None:
        raise InputError("this text teaches nothing new about that address.", zh="这段文字没有可记住的别名。")
    if not lesson.path and len(lesson.name) < SHORTEST_NAME:
        raise InputError("a name of one character is no alias.", zh="一个字的名称不能作为别名。")
    if not lesson.path and is_generic(lesson.name):
        raise InputError(
            f"{lesson.name} is no name: other addresses are told by the same words.",
            zh=f"“{lesson.name}”不是名称，其他地址也会这样写，不能作为别名。",
        )
    return lesson


def safe_lesson_for(connection: Connection, parser: Parser, index: NameIndex, aid: str, words: str) -> Lesson | None:
    """The same where nobody asked for an alias: None unless it would be that of no other address, and is new.

    A text in which something is masked teaches nothing: what is left of it (南岸明珠司**) would be read as a name.
    Raises NotFoundError when no such address is in use.
    """
    try:
        lesson = lesson_for(connection, parser, index, aid, words)
    except InputError:
        return None
    if MASK in words:
        return None
    code = chosen_address(connection, aid).address.division_code
    others = [named for named in index.find(lesson.name, NAMED_KINDS, code) if named.aid != lesson.aid]
    taken = others if not lesson.path else is_taken(connection, lesson)
    return None if taken or is_in_force(connection, lesson) else lesson


def _bare_name(chosen: Chosen, words: str, index: NameIndex) -> Lesson | None:
    """The words themselves as a name, unless the address is called that already."""
    name, address = normal_name(words), chosen.address
    known = index.find(name, frozenset({address.kind}), address.division_code)
    if any(named.aid == address.aid for named in known):
        return None
    return Lesson(address.aid, address.site_id, name)
