"""Identity codes (AID 身份编码): mint, clean, check, parse, print; and the checks of 统一社会信用代码 and 公民身份号码.

An AID is 12 characters `L RRRRRRRRRR C`, printed `B7K3-M9QX-W2HF`: a kind letter, ten random symbols and the check
character of GB 32100-2015 over the 31 symbols `0123456789ABCDEFGHJKLMNPQRTUWXY`. Nothing of a place, a date or a
sequence is in it, so nothing can ever force it to change.
"""

from __future__ import annotations

import secrets
from operator import mul
from string import ascii_uppercase, digits

from addressbook.errors import CodeError
from addressbook.model import AddressKind

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AID_LENGTH = 12
USCC_LENGTH = 18
IDENTITY_LENGTH = 18
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_MODULUS = 31
_BODIES = _MODULUS ** (AID_LENGTH - 2)
_WEIGHTS = tuple(pow(3, position, _MODULUS) for position in range(USCC_LENGTH))
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECK = "10X98765432"
_ZERO_TOTAL = ord("0") * sum(_IDENTITY_WEIGHTS)
_MISREAD = {"O": "0", "I": "1", "S": "5", "Z": "2"}
_HYPHENS = "-‐‑‒–—―−－"  # what keyboards and word processors make of one
_FULL_WIDTH = ord("Ａ") - ord("A")
_TYPED = str.maketrans(
    {
        **{chr(ord(letter) + _FULL_WIDTH): _MISREAD.get(letter, letter) for letter in digits + ascii_uppercase},
        **_MISREAD,
        **dict.fromkeys(_HYPHENS),
    }
)
_KIND_LETTERS = frozenset(kind.value for kind in AddressKind)


def check_character(body: str) -> str:
    """The GB 32100-2015 check character of `body`: (31 - Σ value·3^(i-1) mod 31) mod 31.

    Raises CodeError when a symbol is outside the alphabet.

    >>> check_character("91330109143438704")
    '1'
    """
    try:
        total = sum(map(mul, map(_VALUE.__getitem__, body), _WEIGHTS))
    except KeyError as fault:
        raise CodeError(
            f"symbol {fault.args[0]!r} is not one of the 31 of GB 32100.",
            zh=f"字符“{fault.args[0]}”不是代码允许的字符。",
        ) from None
    return ALPHABET[-total % _MODULUS]


def mint(kind: AddressKind) -> str:
    """A new random code of `kind`. Uniqueness is the registry's to check: redraw on collision."""
    return mint_many(kind, 1)[0]


def mint_many(kind: AddressKind, count: int) -> list[str]:
    """`count` new codes of `kind`, distinct among themselves; drawn together they cost a tenth."""
    codes: set[str] = set()
    while len(codes) < count:
        codes.update(_drawn(kind, count - len(codes)))
    return list(codes)


def _drawn(kind: AddressKind, most: int) -> list[str]:
    """At most `most` codes from the operating system's random numbers, of which every body is equally likely."""
    import numpy as np  # only who mints many needs it

    numbers = np.frombuffer(secrets.token_bytes(16 * most), dtype=np.uint64) >> np.uint64(64 - _BODIES.bit_length())
    numbers = numbers[numbers < _BODIES][:most]
    symbols = np.empty((len(numbers), AID_LENGTH), dtype=np.int64)
    symbols[:, 0] = _VALUE[kind.value]
    for place in range(AID_LENGTH - 2, 0, -1):
        numbers, symbols[:, place] = np.divmod(numbers, np.uint64(_MODULUS))
    symbols[:, -1] = -(symbols[:, :-1] @ np.array(_WEIGHTS[: AID_LENGTH - 1])) % _MODULUS
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)[symbols]
    return [code.decode() for code in letters.view(f"S{AID_LENGTH}").ravel().tolist()]


def clean(text: str) -> str:
    """What a person typed: upper case, half width, no spaces or hyphens, O→0 I→1 S→5 Z→2. Checks nothing.

    >>> clean("b7k3-m9qx ｗ２ｈｆ")
    'B7K3M9QXW2HF'
    """
    return "".join(text.upper().split()).translate(_TYPED)


def parse(text: str) -> str:
    """The twelve characters of a code as typed; raises CodeError saying whether length, letter or check is wrong."""
    code = clean(text)
    if len(code) != AID_LENGTH:
        raise CodeError(
            f"an identity code has 12 characters, {text.strip()!r} has {len(code)}.",
            zh=f"身份编码应为12位，收到{len(code)}位。",
            remedy="Copy the whole code.",
        )
    if code[0] not in _KIND_LETTERS:
        raise CodeError(
            f"an identity code starts with one of {''.join(sorted(_KIND_LETTERS))}, not {code[0]!r}.",
            zh=f"身份编码首字母应为 {''.join(sorted(_KIND_LETTERS))} 之一。",
        )
    if check_character(code[:-1]) != code[-1]:
        raise CodeError(
            f"the check character of {printed(code)} is wrong: one character is mistyped or two are swapped.",
            zh=f"身份编码 {printed(code)} 校验不符：可能输错一个字符或颠倒两个字符。",
            remedy="Compare it with the original.",
        )
    return code


def is_valid(text: str) -> bool:
    """Whether `text` is an identity code as far as its form and check character tell."""
    try:
        parse(text)
    except CodeError:
        return False
    return True


def printed(code: str) -> str:
    """A code in groups of four, as shown to people.

    >>> printed("B7K3M9QXW2HF")
    'B7K3-M9QX-W2HF'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def kind_of(code: str) -> AddressKind:
    """The kind a code was minted for."""
    return AddressKind(code[0])


def number_of(code: str) -> int:
    """The ten random symbols as a number below 31^10 (fits a bigint): the `site_id` of a topmost address."""
    value = 0
    for symbol in code[1:-1]:
        value = value * _MODULUS + _VALUE[symbol]
    return value * 8 + "RCDBEFHP".index(code[0])


def is_valid_uscc(code: str) -> bool:
    """Whether an upper-case 统一社会信用代码 has 18 symbols of the alphabet and the right check (GB 32100-2015).

    >>> is_valid_uscc("913301091434387041")
    True
    """
    if len(code) != USCC_LENGTH or any(symbol not in _VALUE for symbol in code):
        return False
    return check_character(code[:-1]) == code[-1]


def is_identity_number(number: str) -> bool:
    """Whether it has 18 ASCII characters and the right check character (GB 11643-1999); its date is not looked at.

    >>> is_identity_number("110101199003070097"), is_identity_number("110101199003070098")
    (True, False)
    """
    if len(number) != IDENTITY_LENGTH or not (number[:-1].isascii() and number[:-1].isdigit()):
        return False
    total = sum(map(mul, number[:-1].encode(), _IDENTITY_WEIGHTS)) - _ZERO_TOTAL
    return _IDENTITY_CHECK[total % 11] == number[-1]
