"""What a row says of its own person, masked in the texts of that row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from addressbook.masking.folding import folded
from addressbook.masking.forms import MASK, mask_identity, mask_name, mask_phone
from addressbook.masking.numbers import SHORT_RUN, Found, mask_numbers, numbers_in, replaced
from addressbook.normalise import normalise

_SHORT_NAME = 2
_FEWEST_DIGITS = 7
"""Of a phone number that is looked for: fewer are the number of a house as well."""
_MOBILE_DIGITS = 11
_NOT_DIGITS = re.compile(r"\D")
_DIGITS = re.compile(r"\d+")
_SEVERAL = re.compile("[/、,，;；]")
_BETWEEN = "[-./ ]{0,3}"
_NAMES = re.compile(r"[^\s()（）\[\]【】/、,，;；+&]{2,}")
"""The names in the cell of a name: 王小明（户主）, 王小明、李红."""
_MAKES_A_PLACE = re.compile("[路街巷弄村庄桥镇乡]|大道|大桥|新村|小区|社区|大厦|广场|公寓|花园|故居|纪念")
_ENDS_BEFORE = re.compile(r"(?:^|[^\w]|\d|[室号户楼层房座幢栋]|单元|[户业]主|收[件货]人|联系人|姓名|房东|租客|住户)$")
_SAYS_WHO = re.compile(r"收(?![费购储])|电话|手机|先生|女士|同志")
_BEFORE_A_NUMBER = re.compile(r"[^\w]*[A-Za-z]{0,3}[^\w]*")
_MOST_BEFORE_A_NUMBER = 5
_BEGINS_BEHIND = re.compile(r"$|[^\w]|[转户家]|座机|本人")


class Own(NamedTuple):
    """Of the person of a row: the name, and identity and phone number, as the row writes them; "" where it has none."""

    name: str = ""
    identity: str = ""
    phone: str = ""


NOBODY = Own()


class Masked(NamedTuple):
    """A text as it is kept, and what to hide where something quotes it: a parser reads numbers in pieces of its own."""

    text: str
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def quote(self, words: str) -> str:
        """Words that were read from the text as it came, without what is masked in it.

        >>> masked("3幢139-1234-5679").quote("139单元1234-5679室")
        '139单元****-5679室'
        """
        if not words or not (self.numbers or self.names):
            return words
        for cell in self.names:
            words = replaced(words, _names_in(words, cell, None))
        readable = f"{folded(self.text).text} {normalise(self.text).normal}"  # 三组 is quoted as 3组
        shown = {_significant(run) for run in _DIGITS.findall(readable)}
        return _DIGITS.sub(lambda run: self._digits(run[0], shown), mask_numbers(words))

    def _digits(self, run: str, shown: set[str]) -> str:
        plain = _significant(folded(run).text)
        told = plain in shown or not any(plain in number for number in self.numbers)
        return run if told else MASK * len(run)


def _significant(digits: str) -> str:
    return digits.lstrip("0") or "0"


def mask_text(text: str, own: Own = NOBODY) -> str:
    """A free text of a row as it is kept: `masked` without the rest."""
    return masked(text, own).text


def masked(text: str, own: Own = NOBODY) -> Masked:
    """A free text of a row, with what it says of the row's own person masked, and the numbers of any other.

    A name of three characters or more is masked wherever it stands, unless what follows makes it a place; one of
    two only where it stands by itself: an address may well hold the same two characters.

    >>> masked("3幢502室欧阳测试（电话13812345678）", Own("欧阳测试")).text
    '3幢502室欧**（电话138****5678）'
    >>> masked("高桥村3组5号高桥收", Own("高桥")).text
    '高桥村3组5号高*收'
    """
    numbers: list[Found] = []
    if SHORT_RUN.search(text) is not None:
        numbers = (_own_numbers(text, own) if own.phone or own.identity else []) + numbers_in(text)
    names = _names_in(text, own.name, {one.start for one in numbers}) if own.name else []
    if not names and not numbers:
        return Masked(text)
    digits = tuple([_NOT_DIGITS.sub("", folded(text[one.start : one.end]).text) for one in numbers])
    return Masked(replaced(text, [*names, *numbers]), digits, (own.name,) if names else ())


def _names_in(text: str, cell: str, numbers: set[int] | None) -> list[Found]:
    """Where the names of a cell stand in a text, however they are spaced; most texts are told at once to have none.

    `numbers`: where numbers of persons begin; None where every such word is a name.
    """
    if cell.isalpha() and not cell.isascii() and not all(character in text for character in cell):
        return []
    plain = folded(text, dropped=" ")
    words, found = plain.text.lower(), list[Found]()
    if len(words) != len(plain.text):  # a letter whose small form is two: rare, and then the case has to agree
        words = plain.text
    for name in _NAMES.findall(cell) or [cell]:  # 张 三 is one name
        wanted = folded(name, dropped=" ").text.lower()
        for start in _places_of(words, wanted):
            end = start + len(wanted)
            here = Found(plain.places[start], plain.end(end), mask_name(name))
            if numbers is None or _is_the_person(text, here, wanted, numbers):
                found.append(here)
    return found


def _places_of(words: str, wanted: str) -> Iterator[int]:
    start = words.find(wanted) if len(wanted) >= _SHORT_NAME else -1
    while start >= 0:
        yield start
        start = words.find(wanted, start + len(wanted))


def _is_the_person(text: str, here: Found, name: str, numbers: set[int]) -> bool:
    """Whether a name in a text is the person's, and not a part of the address or of another word."""
    before, behind = text[max(0, here.start - 3) : here.start], text[here.end : here.end + 12]
    if name[0].isascii() and before[-1:].isascii() and before[-1:].isalnum():
        return False
    if name[-1].isascii() and behind[:1].isascii() and behind[:1].isalnum():
        return False
    if len(name) > _SHORT_NAME:
        return _MAKES_A_PLACE.match(behind) is None
    for start in range(here.end, here.end + _MOST_BEFORE_A_NUMBER + 1):
        if start in numbers and _BEFORE_A_NUMBER.fullmatch(text, here.end, start):
            return True
    by_itself = _ENDS_BEFORE.search(before) is not None and _BEGINS_BEHIND.match(behind) is not None
    return by_itself or _SAYS_WHO.match(behind) is not None


def _own_numbers(text: str, own: Own) -> list[Found]:
    """Where the person's own numbers stand, in whatever groups; long ones also where other digits touch them."""
    plain, found = folded(text), list[Found]()
    digits = _NOT_DIGITS.sub("", plain.text)
    phones = [_NOT_DIGITS.sub("", folded(part).text) for part in _SEVERAL.split(own.phone)]
    for number, mask in ((own.identity, mask_identity), *((phone, mask_phone) for phone in phones)):
        if len(number) < _FEWEST_DIGITS or number.rstrip("Xx") not in digits:
            continue
        parts = _BETWEEN.join(number.upper())
        pattern = parts if len(number) >= _MOBILE_DIGITS else f"(?<![0-9]){parts}(?![0-9])"
        found += [
            Found(plain.places[at.start()], plain.end(at.end()), mask(number))
            for at in re.finditer(pattern, plain.text, re.IGNORECASE)
        ]
    return found
