"""Identity codes: whoever mistypes one is told, whoever copies one arrives, and no two are the same."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given, strategies as st

from addressbook import identity
from addressbook.errors import CodeError
from addressbook.identity import ALPHABET, check_character, clean, is_valid, is_valid_uscc, mint, parse, printed
from addressbook.model import AddressKind

CONFUSED = {"0": "O", "1": "I", "5": "S", "2": "Z"}
LETTERS = "".join(AddressKind)
MANY = 300
# From public registers, except the first: the example of GB 32100-2015 itself.
PUBLISHED = (
    "91350100M000100Y43", "91330100799655058B", "9144030071526726XG", "914403001922038216", "91110000802100433B",
)  # fmt: skip

kinds = st.sampled_from(list(AddressKind))
symbols = st.text(ALPHABET, min_size=identity.AID_LENGTH - 2, max_size=identity.AID_LENGTH - 2)


@st.composite
def codes(draw: st.DrawFn) -> str:
    """Any valid code, likely ones and unlikely ones alike."""
    body = draw(kinds).value + draw(symbols)
    return body + check_character(body)


@st.composite
def usccs(draw: st.DrawFn) -> str:
    body = draw(st.text(ALPHABET, min_size=identity.USCC_LENGTH - 1, max_size=identity.USCC_LENGTH - 1))
    return body + check_character(body)


def substituted(code: str) -> Iterator[str]:
    """Every code that differs from this one in one symbol."""
    for place, symbol in enumerate(code):
        yield from (code[:place] + other + code[place + 1 :] for other in ALPHABET if other != symbol)


def swapped(code: str) -> Iterator[str]:
    """Every code that has two different neighbours of this one the other way round."""
    for place, (first, second) in enumerate(pairwise(code)):
        if first != second:
            yield code[:place] + second + first + code[place + 2 :]


def minted(count: int) -> list[str]:
    kinds = list(AddressKind)
    return [mint(secrets.choice(kinds)) for _ in range(count)]


@given(codes())
def test_what_is_printed_is_read_back(code: str) -> None:
    assert parse(printed(code)) == code
    assert parse(code) == code


@given(kinds)
def test_what_is_minted_is_valid_and_keeps_its_kind(kind: AddressKind) -> None:
    code = mint(kind)
    assert parse(code) == code
    assert identity.kind_of(code) is kind
    assert set(code) <= set(ALPHABET)


def test_every_wrong_symbol_in_many_codes_is_caught() -> None:
    assert [wrong for code in minted(MANY) for wrong in substituted(code) if is_valid(wrong)] == []


def test_every_swap_of_different_neighbours_in_many_codes_is_caught() -> None:
    assert [wrong for code in minted(MANY * 10) for wrong in swapped(code) if is_valid(wrong)] == []


@given(codes())
def test_no_single_slip_is_ever_valid(code: str) -> None:
    assert not any(map(is_valid, substituted(code)))
    assert not any(map(is_valid, swapped(code)))


@given(usccs())
def test_no_single_slip_in_a_uscc_is_ever_valid(code: str) -> None:
    assert is_valid_uscc(code)
    assert not any(map(is_valid_uscc, substituted(code)))
    assert not any(map(is_valid_uscc, swapped(code)))


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_usccs_are_valid_and_their_slips_are_not(code: str) -> None:
    assert is_valid_uscc(code)
    assert not any(map(is_valid_uscc, substituted(code)))
    assert not any(map(is_valid_uscc, swapped(code)))


@pytest.mark.parametrize("wrong", ["", "9135010", PUBLISHED[0] + "3", PUBLISHED[0].lower(), "91350100M000100O43"])
def test_what_has_not_the_form_of_a_uscc_is_not_valid(wrong: str) -> None:
    assert not is_valid_uscc(wrong)


@given(st.text())
@example("-\t")
@example("ｏ－\u00a0ｉ")
@example("ß ŉ ﬁ")
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(codes(), st.randoms(use_true_random=False))
def test_a_code_typed_as_people_type_arrives(code: str, random: Random) -> None:
    """Lower case, letters for the digits they look like, full width, groups apart by whatever is at hand."""
    typed = "".join(typed_as(symbol, random) for symbol in code)
    assert parse(f"\t{typed}\n") == code


def typed_as(symbol: str, random: Random) -> str:
    symbol = random.choice([symbol, CONFUSED.get(symbol, symbol)])
    symbol = random.choice([symbol, symbol.lower()])
    full_width = chr(ord(symbol) + 0xFEE0)
    return random.choice([symbol, full_width]) + random.choice(["", "", " ", "-", "\u3000", "\u00a0", "－", "—"])


@given(st.text())
def test_parsing_anything_gives_a_code_or_says_what_is_wrong(text: str) -> None:
    if is_valid(text):
        assert parse(text) == clean(text)
        return
    with pytest.raises(CodeError) as caught:
        parse(text)
    assert "身份编码" in caught.value.zh or "字符" in caught.value.zh


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("B7K3-M9QX-W2H", "has 12 characters, 'B7K3-M9QX-W2H' has 11", "应为12位，收到11位"),
        ("", "has 12 characters, '' has 0", "收到0位"),
        ("A7K3-M9QX-W2HF", "starts with one of BCDEFHPR, not 'A'", "首字母应为 BCDEFHPR 之一"),
        ("B7K3-M9QV-W2HF", "symbol 'V' is not one of the 31", "字符“V”不是代码允许的字符"),
        ("B7K3-M9QX-W2HG", "check character of B7K3-M9QX-W2HG is wrong", "B7K3-M9QX-W2HG 校验不符"),
        ("B7K3-M9XQ-W2HF", "one character is mistyped or two are swapped", "可能输错一个字符或颠倒两个字符"),
    ],
)
def test_a_wrong_code_is_told_what_is_wrong_with_it(text: str, en: str, zh: str) -> None:
    with pytest.raises(CodeError) as caught:
        parse(text)
    assert en in caught.value.en
    assert zh in caught.value.zh


def test_a_hundred_thousand_draws_are_all_different_and_favour_no_symbol() -> None:
    drawn = [mint(AddressKind.BUILDING) for _ in range(100_000)]
    assert len(set(drawn)) == len(drawn)
    for place in range(1, identity.AID_LENGTH):
        counts = Counter(code[place] for code in drawn)
        assert chi_square(counts, len(drawn)) < 90, place


def chi_square(counts: Counter[str], total: int) -> float:
    """30 degrees of freedom: above 90 once in ten million fair draws."""
    expected = total / len(ALPHABET)
    return sum((counts[symbol] - expected) ** 2 / expected for symbol in ALPHABET)


def test_minting_many_gives_as_many_all_different() -> None:
    codes = identity.mint_many(AddressKind.ROOM, 5_000)
    assert len(set(codes)) == len(codes) == 5_000
    assert all(map(is_valid, codes))


@given(st.sets(codes(), min_size=2, max_size=20))
def test_two_codes_never_share_a_site(several: set[str]) -> None:
    sites = {identity.number_of(code) for code in several}
    assert len(sites) == len(several)
    assert all(0 <= site < 2**63 for site in sites)
