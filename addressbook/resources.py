"""Where the data that ships with the project lies, and where what is made of the project once a machine is kept.

The data are in `data/` in a checkout, in `addressbook/_data` in a wheel.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
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


def kept_in(name: str, *, writable: bool = False) -> Path | None:
    """A directory of that name for what is made once a machine: beside the sources, else in the user's cache.

    It need not exist. Unless it has to be `writable`, one that exists will do as it is: another user has made it. None
    where none exists and none can be made.
    """
    places = [PACKAGE / "__pycache__"]
    with suppress(RuntimeError):  # a user without a home
        places.append(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "addressbook")
    made = [] if writable else [place / name for place in places if (place / name).is_dir()]
    return next(iter(made), None) or next((place / name for place in places if _may_write(place, name)), None)


def _may_write(place: Path, name: str) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place / name if (place / name).is_dir() else place):
            return True
    except OSError:
        return False
