"""Invented firms with 统一社会信用代码 that pass GB 32100-2015 and GB 11714-1997, of a region that does not exist."""

from __future__ import annotations

from addressbook.identity import ALPHABET, check_character
from loaders.sample.drawing import Draw
from loaders.sample.tables import words

_UNASSIGNED_REGION = "91999999"
"""91: enterprises registered by 市场监督管理; 999999: no such region."""
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUE = {symbol: int(symbol, 36) for symbol in ALPHABET}
_STEP = 7_654_321_003
"""Prime, so it visits every number below 31^7 once."""


def invent_code(serial: int) -> str:
    """The 18 characters of the firm with a serial number; different serials below 31^7 give different codes.

    >>> invent_code(1)
    '91999999MP606BK88E'
    """
    organisation = f"M{_symbols(serial * _STEP % 31**7)}"
    total = sum(_ORGANISATION_VALUE[s] * w for s, w in zip(organisation, _ORGANISATION_WEIGHTS, strict=True))
    check = "0123456789X0"[11 - total % 11]
    body = f"{_UNASSIGNED_REGION}{organisation}{check}"
    return body + check_character(body)


def invent_firm(draw: Draw, city: str) -> tuple[str, str]:
    """A name and its trade."""
    trade, form = draw.pick(words("firm_trades")), draw.pick(words("firm_forms"))
    head = city if draw.random() < 0.7 else "萧山"
    return f"{head}{draw.pick(words('firm_first'))}{draw.pick(words('firm_second'))}{trade}{form}", trade


def _symbols(number: int) -> str:
    text = ""
    for _ in range(7):
        number, digit = divmod(number, len(ALPHABET))
        text += ALPHABET[digit]
    return text
