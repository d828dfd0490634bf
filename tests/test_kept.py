"""What is made once a machine is made again where it is missing or broken, and never half read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from addressbook.parse import kept as keeping

MADE = {"names": np.arange(1000), "code": np.array([330109000000])}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keeping, "directory", lambda: tmp_path / "made")
    return tmp_path / "made"


def refused() -> keeping.Arrays:
    raise AssertionError("made again")


def same(found: keeping.Arrays) -> bool:
    return {name: values.tolist() for name, values in found.items()} == {n: v.tolist() for n, v in MADE.items()}


def test_what_was_made_once_is_not_made_again(folder: Path) -> None:
    assert same(keeping.kept("a", lambda: MADE))
    assert same(keeping.kept("a", refused))
    assert [path.name for path in folder.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("left", [0, 1, 100, -1])
def test_a_broken_file_is_made_again(folder: Path, left: int) -> None:
    keeping.kept("a", lambda: MADE)
    path = folder / "a.npz"
    path.write_bytes(path.read_bytes()[:left])
    assert same(keeping.kept("a", lambda: MADE))
    assert same(keeping.kept("a", refused))


def test_other_data_are_another_name(folder: Path) -> None:
    keeping.kept("a", lambda: {"names": np.arange(3)})
    assert same(keeping.kept("b", lambda: MADE))


def test_where_nothing_can_be_kept_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "directory", lambda: None)
    assert same(keeping.kept("a", lambda: MADE))


def test_a_disk_that_refuses_is_no_error(folder: Path) -> None:
    folder.write_text("a file where the directory should be")
    assert same(keeping.kept("a", lambda: MADE))
