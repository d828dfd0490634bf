"""Area views over a real socket: of a division, and of a circle drawn freely with many people in it.

Run: python -m benchmarks.bench_areas [PEOPLE], on the database of ADDRESSBOOK_HOME or ADDRESSBOOK_DATABASE_URL.
The circle grows around the place where most addresses stand until at least PEOPLE (100,000) persons are linked inside.
The floor is the county's own view, whose counts are kept; both alternate, and the circle moves a little. For an
analyst, and for the public, to whom persons are told as sums of noisy parts.
"""

from __future__ import annotations

import statistics
import sys

import orjson
from sqlalchemy import Connection, text

from addressbook.config import read_settings
from addressbook.privacy.policy import AccessRole
from benchmarks.bench_search import figures
from benchmarks.bench_views import timed_ms
from benchmarks.serving import Client, serving
from benchmarks.world import console, print_table, processors

LABEL = "bench_areas"
COUNTY = "330109000000"
CIRCLES, STEP_M, MOST_M, MOVED = 30, 250, 10_000, 0.0001
FULLEST = text(
    "SELECT avg(ST_X(geom)), avg(ST_Y(geom)) FROM address WHERE geom IS NOT NULL"
    " GROUP BY floor(ST_X(geom) * 50), floor(ST_Y(geom) * 50) ORDER BY count(*) DESC LIMIT 1"
)


def main(people: int) -> None:
    """Print the table for the registry of the settings."""
    for role in (AccessRole.ANALYST, AccessRole.PUBLIC):
        with serving(read_settings(), LABEL, role) as (client, connection):
            report(client, connection, people, role)


def report(client: Client, connection: Connection, people: int, role: AccessRole) -> None:
    lon, lat = connection.execute(FULLEST).one()
    width, inside = next(
        (metres, inside)
        for metres in range(STEP_M, MOST_M + 1, STEP_M)
        if (inside := people_inside(client, lon, lat, metres)) >= people or metres == MOST_M
    )
    county, circle = [], []
    for moved in range(CIRCLES):
        county.append(timed_ms(lambda: client.get(f"/areas/{COUNTY}/view")))
        place = lon + moved * MOVED
        circle.append(timed_ms(lambda place=place: people_inside(client, place, lat, width)))
    rows = [
        ("a county", *figures(county)),
        (f"a circle of {width:,} m with {inside:,} persons in it", *figures(circle)),
    ]
    print_table(f"Area views for {role}, {processors()}, milliseconds", ["area", "median", "95 %", "worst"], rows)
    console.print(f"1 : {statistics.median(circle) / statistics.median(county):.1f} of the circle to the county")


def people_inside(client: Client, lon: float, lat: float, metres: int) -> int:
    """Links of persons in the circle."""
    asked = {"geometry": {"type": "Point", "coordinates": [lon, lat]}, "buffer_m": metres}
    return int(orjson.loads(client.post("/areas/view", asked).body)["elements"]["person"]["total"])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
