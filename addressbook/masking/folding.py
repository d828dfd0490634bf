"""Free text as numbers and names are looked for in it: any script's digits as ASCII, one separator of each sort."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

SEPARATORS = {
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "-": "_＿‐‑‒–—―−﹘﹣－",
    ".": "．·•‧∙⋅・･",
    "/": "／∕⁄",
}
"""What people write between the groups of a number, by the character that it is folded to."""
INVISIBLE = (
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff"
)
"""What nobody sees between two digits: folded to nothing."""
_FOLDED = {written: plain for plain, several in SEPARATORS.items() for written in several}
_FOLDED.update(dict.fromkeys(INVISIBLE, ""))


class Folded(NamedTuple):
    """A folded text, and of each character of it the place in the text as it was written."""

    text: str
    places: list[int]

    def end(self, at: int) -> int:
        """Where in the text as written a stretch ends that ends at `at` in the folded text."""
        return self.places[at - 1] + 1


def folded(text: str, *, dropped: str = "") -> Folded:
    """The text folded, without invisible characters and what is `dropped`.

    >>> folded("ＩＤ１１０－٣ x").text, folded("张　 三", dropped=" ").text
    ('ID110-3 x', '张三')
    """
    pairs = [(plain, at) for at, written in enumerate(text) if (plain := _plain(written)) and plain not in dropped]
    return Folded("".join([plain for plain, _ in pairs]), [at for _, at in pairs])


@lru_cache(maxsize=20_000)
def _plain(written: str) -> str:
    """One character or none."""
    if written.isascii():
        return "-" if written == "_" else " " if written == "\t" else written
    known = _FOLDED.get(written)
    if known is not None:
        return known
    digit = unicodedata.decimal(written, None)
    if digit is not None:
        return str(digit)
    normal = unicodedata.normalize("NFKC", written)
    return normal if len(normal) == 1 else written
