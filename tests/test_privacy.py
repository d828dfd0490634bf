"""What privacy promises: sealed values stay with their row, masks hide, the wrong key file is refused."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from addressbook.errors import CodeError, SettingError
from addressbook.masking import mask_identity, mask_name, mask_phone
from addressbook.privacy.sealing import FIRST_MARK, NONCE_BYTES, NONCES_DRAWN, Secret

SECRET = Secret(bytes(range(32)))
OTHER = Secret(bytes(32))


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_is_sealed_opens_with_its_own_row_only(plain: bytes, aad: bytes) -> None:
    sealed = SECRET.seal(plain, aad)
    assert SECRET.open(sealed, aad) == plain
    with pytest.raises(CodeError):
        SECRET.open(sealed, aad + b"x")
    with pytest.raises(CodeError):
        OTHER.open(sealed, aad)


@given(st.binary(max_size=60))
def test_sealing_twice_gives_two_texts_and_an_altered_one_does_not_open(plain: bytes) -> None:
    first, second = SECRET.seal(plain, b""), SECRET.seal(plain, b"")
    assert first != second
    with pytest.raises(CodeError):
        SECRET.open(first[:-1] + bytes([first[-1] ^ 1]), b"")


def nonces(number: int) -> list[bytes]:
    return [SECRET.seal(b"x", b"")[len(FIRST_MARK) :][:NONCE_BYTES] for _ in range(number)]


def test_no_two_processes_seal_with_the_same_nonce() -> None:
    number = NONCES_DRAWN + 2
    mine = nonces(2)  # what was drawn with these is at hand when the others begin
    with multiprocessing.get_context("fork").Pool(2) as pool:
        theirs = pool.map(nonces, [number] * 4, chunksize=1)
    drawn = [*mine, *nonces(number), *(nonce for some in theirs for nonce in some)]
    assert len(set(drawn)) == len(drawn) == 2 + 5 * number


def test_keyed_hashes_differ_by_use_kind_and_secret() -> None:
    keys = {
        SECRET.element_key("person", "1"),
        SECRET.element_key("house", "1"),
        SECRET.row_key("person", "1"),
        SECRET.digest(b"person\x001"),
        OTHER.element_key("person", "1"),
    }
    assert len(keys) == 5
    assert SECRET.element_key("person", "1") == Secret(bytes(range(32))).element_key("person", "1")


def test_a_secret_file_is_made_once_private_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret.key"
    made = Secret.from_file(path, create=True)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Secret.from_file(path, create=True).fingerprint() == made.fingerprint()
    assert made.fingerprint()[:8] in repr(made)
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"not base64!", b"c2hvcnQ="])
def test_a_file_that_is_no_secret_is_a_setting_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingError, match="bytes in base64"):
        Secret.from_file(path)


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    Secret.from_file(path, create=True)
    path.chmod(0o640)
    with pytest.raises(SettingError, match="chmod 600"):
        Secret.from_file(path)


def test_an_absent_secret_is_named_and_not_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        Secret.from_file(tmp_path / "secret.key")
    assert not (tmp_path / "secret.key").exists()


@given(st.text(min_size=2, max_size=20))
def test_a_masked_name_shows_one_character_at_most(name: str) -> None:
    assert len(mask_name(name).replace("*", "")) <= 1


@given(st.text("0123456789X", max_size=18))
def test_a_masked_identity_shows_four_characters_at_most(identity: str) -> None:
    masked = mask_identity(identity)
    assert len(masked) == len(identity)
    assert len(masked.replace("*", "")) <= 4


@given(st.text("0123456789-+ ", max_size=20))
def test_a_masked_phone_hides_four_digits_or_more(phone: str) -> None:
    assert mask_phone(phone).count("*") >= min(4, len(phone.strip()))
