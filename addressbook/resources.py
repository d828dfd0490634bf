"""Where the data that ships with the project lies, and where what is made of the project once a machine is kept.

The data are in `data/` in a checkout, in `addressbook/_data` in a wheel.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from addressbook.errors import NotFoundError

PACKAGE = Path(__file__).resolve().parent


def data_path(*parts: str) -> Path:
    """The path of a shipped data file, e.g. `data_path("gazetteer", "divisions.parquet")`.

    Raises NotFoundError naming the file when the installation lacks it.
    """
    candidates = (PACKAGE.parent / "data" / Path(*parts), PACKAGE / "_data" / Path(*parts))
    found = next((path for path in candidates if path.exists()), None)
    if found is None:
        raise NotFoundError(
            f"data file {'/'.join(parts)} is not in this installation.", remedy="Reinstall addressbook."
        )
    return found


def kept_in(name: str) -> Path | None:
    """A directory of that name for what is made once a machine: beside the sources, else in the user's cache.

    None where neither can be written.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "addressbook"
    return next((place / name for place in (PACKAGE / "__pycache__", home) if _writable(place / name)), None)


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
