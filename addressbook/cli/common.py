"""What the commands share: options that several of them have, and a database that is up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from addressbook.config import Settings, read_settings
from addressbook.errors import NotFoundError
from addressbook.privacy.keys import has_secret, secret_of
from addressbook.privacy.sealing import Secret
from addressbook.store import cluster
from addressbook.store.engine import make_engine, transaction, translated
from addressbook.store.migrations import migrate

File = Annotated[Path, typer.Argument(help="CSV, .xlsx or GeoJSON")]
Out = Annotated[Path, typer.Option("-o", "--out", help="file to write")]
CITY_DIGITS = 4


def division_code(code: str) -> str:
    """The code as it was given. Raises CodeError for what is none, NotFoundError for one in a city that is none.

    A registry may know counties of a city that the shipped gazetteer does not know yet.
    """
    from addressbook.divisions import Gazetteer, pad  # what most commands have no use for, and a fifth of their start

    gazetteer = Gazetteer.shipped()
    if gazetteer.get(full := pad(code)) is None and gazetteer.get(full[:CITY_DIGITS]) is None:
        raise NotFoundError(
            f"there is no division {code}.", zh=f"没有代码为{code}的行政区划。",
            remedy="Give the code of the county or town where texts lie that name none, e.g. --division 330109.",
        )  # fmt: skip
    return code


DivisionCode = Annotated[
    str | None,
    typer.Option("--division", parser=division_code, help="division code of texts that name none, e.g. 330109"),
]


@dataclass(frozen=True, slots=True)
class Ready:
    """A database that is up and current, and the secret that belongs to it."""

    settings: Settings
    engine: Engine
    secret: Secret


def settings_for_reading() -> Settings:
    """The settings; texts are read with the city's own cost tables from now on, where it has any."""
    settings = read_settings()
    if settings.tables.is_dir():
        from addressbook.parse.costs import use_tables  # brings the parser along, which few commands ask

        use_tables(settings.tables)
    return settings


def ready() -> Ready:
    """Start what must be started, migrate what must be migrated."""
    settings = settings_for_reading()
    url = cluster.database_url(settings)
    with translated():
        migrate(url)
    engine = make_engine(url)
    with transaction(engine) as connection:
        # A database that has a secret already must not be met with a new one because its file is mislaid.
        first_use = not has_secret(connection)
    return Ready(settings, engine, secret_of(settings, create=first_use))


__all__ = ["DivisionCode", "File", "Out", "Ready", "ready", "settings_for_reading"]
