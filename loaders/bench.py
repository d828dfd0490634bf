"""What every load works with: the connection, the resolver over the current names, the secret and the boundaries."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from sqlalchemy import Connection

from addressbook.divisions import Gazetteer
from addressbook.errors import BusyError
from addressbook.match import NameIndex, Resolver
from addressbook.model import Level
from addressbook.privacy.sealing import Secret
from addressbook.store.boundaries import read_division_outlines
from addressbook.store.gazetteer import newest_division_event
from addressbook.store.names import read_changes, read_names
from loaders.points import Boundaries, Boundary


@dataclass(slots=True)
class Bench:
    """One connection and what is read from it once; `refresh` brings the names up to what others have minted since."""

    connection: Connection
    secret: Secret
    gazetteer: Gazetteer
    index: NameIndex
    resolver: Resolver
    boundaries: Boundaries
    newest_event: int
    division_event: int

    @classmethod
    def open(cls, connection: Connection, secret: Secret, gazetteer: Gazetteer) -> Bench:
        """Read names and boundaries."""
        names, newest = read_names(connection)
        index = NameIndex(names, gazetteer)
        return cls(
            connection, secret, gazetteer, index, Resolver(gazetteer, index), read_boundaries(connection), newest,
            newest_division_event(connection),
        )  # fmt: skip

    def refresh(self) -> None:
        """Follow what was minted, renamed, retired or withdrawn since the last look, by this process or another."""
        changes = read_changes(self.connection, self.newest_event)
        self.index.follow(changes.gone, changes.added)
        self.newest_event = changes.newest

    def need_same_divisions(self) -> None:
        """Raise BusyError once the divisions have changed: what this load knows of them holds no longer.

        The caller holds the lock of links or of minting, so that they stay as they are until its chunk is stored.
        """
        if newest_division_event(self.connection) != self.division_event:
            raise BusyError(
                "the divisions have changed while this load ran.", zh="载入期间区划已变更。",
                remedy="Run the same command again: it goes on where it was.",
            )  # fmt: skip


def read_boundaries(connection: Connection) -> Boundaries:
    """The outlines of the divisions that have one."""
    rows = read_division_outlines(connection)
    outlines = shapely.from_wkb([row.outline for row in rows]) if rows else []
    return Boundaries(
        [Boundary(row.code, Level(row.level), outline) for row, outline in zip(rows, outlines, strict=True)]
    )
