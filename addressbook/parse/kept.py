"""What takes seconds to make of the shipped data: kept as arrays beside the machine code, once a machine."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from addressbook.parse.compiled import directory
from addressbook.parse.trie import Ints

Arrays = Mapping[str, Ints]


def kept(name: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays kept under `name`, which says all they are made of; made where none that are whole are kept."""
    folder = directory()
    if folder is None:
        return make()
    path = folder / f"{name}.npz"
    with (
        suppress(OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile),
        np.load(path, allow_pickle=False) as file,
    ):
        return {key: file[key] for key in file.files}
    arrays = make()
    with suppress(OSError):  # a full disk: the next process makes them again
        _keep(path, arrays)
    return arrays


def _keep(path: Path, arrays: Arrays) -> None:
    """Write beside the place and rename: who reads meanwhile, or after a kill, meets a whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
