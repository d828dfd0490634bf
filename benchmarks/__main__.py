"""`make bench`: loading, then the views of what was loaded, on the sizes that the project promises."""

from __future__ import annotations

import sys

from benchmarks import bench_load, bench_views
from benchmarks.world import world


def main(addresses: int) -> None:
    """Load a sample, then measure the view routes on it."""
    with world("bench") as here:
        bench_load.run(here, addresses, seed=7)
        here.engine.dispose()
        bench_views.measure(here.settings, 200)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
