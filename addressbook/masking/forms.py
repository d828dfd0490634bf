"""Masked forms of personal fields, written beside the sealed value when a row is loaded: all that a view may show."""

from __future__ import annotations

MASK = "*"
_MOST_STARS_IN_A_NAME = 2
_MOBILE_DIGITS = 11
_MOST_DIGITS_OF_A_SERVICE_NUMBER = 5
_SHOWN_OF_IDENTITY = (3, 1)


def mask_name(name: str) -> str:
    """The first character of a name and at most two stars; long names do not show their length.

    >>> mask_name("王小明"), mask_name("欧阳"), mask_name("明")
    ('王**', '欧*', '*')
    """
    name = name.strip()
    if len(name) <= 1:
        return MASK * len(name)
    return name[0] + MASK * min(len(name) - 1, _MOST_STARS_IN_A_NAME)


def mask_identity(identity: str) -> str:
    """Three characters in front and one behind.

    More would not be a mask: the usual six and four leave about thirty numbers once sex and birth year are known.

    >>> mask_identity("330109199001011234")
    '330**************4'
    """
    identity = identity.strip()
    front, behind = _SHOWN_OF_IDENTITY
    if len(identity) <= 2 * (front + behind):
        return MASK * len(identity)
    return identity[:front] + MASK * (len(identity) - front - behind) + identity[-behind:]


def mask_phone(phone: str) -> str:
    """A mobile number without its middle four digits; of any other number only the last two.

    >>> mask_phone("13812345678"), mask_phone("0571-82345678"), mask_phone("110")
    ('138****5678', '***********78', '***')
    """
    phone = phone.strip()
    if len(phone) == _MOBILE_DIGITS and phone.isdigit() and phone[0] == "1":
        return f"{phone[:3]}****{phone[-4:]}"
    if len(phone) <= _MOST_DIGITS_OF_A_SERVICE_NUMBER:
        return MASK * len(phone)
    return MASK * (len(phone) - 2) + phone[-2:]
