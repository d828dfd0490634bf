"""Vector tiles over a real socket: median and 95th percentile by layer and zoom, beside a floor.

Run: python -m benchmarks.bench_tiles [TILES], on the database of ADDRESSBOOK_HOME or ADDRESSBOOK_DATABASE_URL.
The tiles are the TILES (50) with most addresses at each zoom. The floor is the same tile asked for again with its ETag:
the key and the data version are looked up, and 304 is answered; both alternate. For an analyst, and for the public, who
sees areas and heat only, and persons as sums of noisy parts.
"""

from __future__ import annotations

import statistics
import sys

from sqlalchemy import Connection, text

from addressbook.config import read_settings
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.views.tiles import LAYERS
from benchmarks.bench_search import figures
from benchmarks.bench_views import timed_ms
from benchmarks.serving import Client, serving
from benchmarks.world import console, print_table, processors

LABEL = "bench_tiles"
ZOOMS = (8, 10, 12, 14, 16)
FULLEST = text(
    "SELECT floor((ST_X(geom) + 180) / 360 * :side)::int AS x, floor((1 - ln(tan(radians(ST_Y(geom)))"
    " + 1 / cos(radians(ST_Y(geom)))) / pi()) / 2 * :side)::int AS y FROM address WHERE geom IS NOT NULL"
    " GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT :count"
)


def main(count: int) -> None:
    """Print the table for the registry of the settings."""
    for role in (AccessRole.ANALYST, AccessRole.PUBLIC):
        with serving(read_settings(), LABEL, role) as (client, connection):
            report(client, connection, count, role)


def report(client: Client, connection: Connection, count: int, role: AccessRole) -> None:
    rows, worst_size = [], 0
    counted = timed_ms(lambda: client.get("/ogc/collections/heat/tiles/WebMercatorQuad/0/0/0"))
    for zoom in ZOOMS:
        tiles = connection.execute(FULLEST, {"side": 2**zoom, "count": count}).all()
        for layer in LAYERS.values():
            if layer.first_zoom > zoom or not layer.may(Reader(role)):
                continue
            times, floor, sizes = [], [], []
            for x, y in tiles:
                path = f"/ogc/collections/{layer.name}/tiles/WebMercatorQuad/{zoom}/{y}/{x}"
                answer = client.get(path)
                sizes.append(len(answer.body))
                times.append(timed_ms(lambda path=path: client.get(path)))
                known = {"If-None-Match": answer.headers["etag"]}
                floor.append(timed_ms(lambda path=path, known=known: client.get(path, **known)))
            rows.append((zoom, layer.name, len(tiles), *figures(times), *figures(floor)[:2], f"{max(sizes):,}"))
            worst_size = max(worst_size, *sizes)
    title = f"Tiles for {role}, {processors()}, milliseconds"
    columns = ["zoom", "layer", "tiles", "median", "95 %", "worst", "floor", "floor 95 %", "largest, bytes"]
    print_table(title, columns, rows)
    ratio = statistics.median(float(row[3]) for row in rows) / statistics.median(float(row[6]) for row in rows)
    console.print(f"1 : {ratio:.1f} to the floor; heat counted in {counted / 1000:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
