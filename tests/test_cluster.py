"""The private PostGIS, on real clusters in temporary homes."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def test_a_database_of_the_private_cluster_has_postgis(empty_database_url: str) -> None:
    with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
        assert connection.execute(text("SELECT ST_AsText(ST_Point(120, 30))")).scalar() == "POINT(120 30)"
