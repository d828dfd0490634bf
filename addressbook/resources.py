"""Where the data that ships with the project lies: `data/` in a checkout, `addressbook/_data` in a wheel."""

from __future__ import annotations

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
