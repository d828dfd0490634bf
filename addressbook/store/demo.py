"""Which sample the database holds, and an address of it worth showing."""

from __future__ import annotations

from sqlalchemy import Connection, text

_LOADED = text("SELECT value FROM meta WHERE name = 'demo_sample'")
_REMEMBER = text(
    "INSERT INTO meta (name, value) VALUES ('demo_sample', :value)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_EXAMPLE = text(
    "SELECT b.aid, b.standard_text FROM address b JOIN address a ON a.site_id = b.site_id"
    " AND a.path >= b.path || '/' AND a.path < b.path || '0' JOIN link l ON l.site_id = a.site_id AND l.aid = a.aid"
    " WHERE b.kind = 'B' AND l.closed_at IS NULL GROUP BY 1, 2 ORDER BY count(*) DESC, b.aid LIMIT 1"
)


def loaded_sample(connection: Connection) -> str | None:
    """The mark of the sample that was loaded to its end; None when there is none."""
    found: str | None = connection.execute(_LOADED).scalar()
    return found


def remember_sample(connection: Connection, mark: str) -> None:
    """Note that the sample of this mark is loaded to its end."""
    connection.execute(_REMEMBER, {"value": mark})


def example_address(connection: Connection) -> tuple[str, str]:
    """Code and text of the building with the most linked below it; both empty when there is none."""
    found = connection.execute(_EXAMPLE).first()
    return (found.aid, found.standard_text) if found else ("", "")
