"""A real PostGIS for the tests: one private cluster a run, one migrated template in it, a fresh database a test.

The cluster lives in a temporary home, is shared by the workers of pytest-xdist, and is removed at the end.
Only databases that carry this run's comment are ever dropped.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from addressbook import native

if "--native" not in sys.argv:
    native.leave()  # doctests are found in Python only; the commands and servers that tests start use machine code

from addressbook.errors import ClusterError
from addressbook.store import cluster
from tests.worlds import ESTATE_ROWS, World

if TYPE_CHECKING:
    from tests.district import ServedDistrict
    from tests.test_page import Launch

hypothesis.settings.register_profile("no test is about wall time", deadline=None)
hypothesis.settings.load_profile("no test is about wall time")

HOME_PREFIX = "addressbook-tests-"
DROPS_TRIED = 20
TEMPLATE = "addressbook_test_template"
NOT_DURABLE = {
    "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "256MB",
    "wal_level": "minimal", "max_wal_senders": "0", "checkpoint_timeout": "1h", "max_wal_size": "1GB",
    "autovacuum": "off",
}  # fmt: skip
"""What is lost when the machine stops may be lost; and no database lives long enough to be cleaned up behind."""
OBJECTS_BETWEEN_COLLECTIONS = 20_000
HOME_KEY = pytest.StashKey[Path]()
LONGEST = (
    "test_bad_input", "test_registry_killed", "test_every_writer_tells", "test_page_map", "test_native", "test_cluster",
    "test_page_drawing", "test_api_serving", "test_page", "test_division_changes_real", "test_sample",
    "test_page_lists", "test_access_table", "test_page_compare", "test_registry_transactions", "test_openapi_fuzzed",
    "test_cli", "test_changes", "test_loading", "test_division_changes", "test_map_doc", "test_files_service",
    "test_disclosure", "test_webhooks", "test_registry_replayed", "test_train", "test_page_search",
    "test_review_sheets", "test_subjects", "test_review_service", "test_resealing", "test_releases",
    "test_registry_storm", "test_review_storm",
)  # fmt: skip
"""Files that take longer than as many tests of others."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """--native: test the machine code of the matcher in place of its Python.

    --cluster: the home of a cluster that is up, of a run that starts this one.
    """
    parser.addoption("--native", action="store_true")
    parser.addoption("--cluster", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    """Draw this run's home; forget the developer's settings, which may name a database that matters."""
    gc.disable()  # what is imported lasts: until all is collected there is nothing to find
    for name in [name for name in os.environ if name.startswith("ADDRESSBOOK_")]:
        del os.environ[name]
    shared = _home_of_another(config)
    if shared is not None:
        config.stash[HOME_KEY] = shared
        return
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{HOME_PREFIX}{os.getpid()}-", dir="/tmp"))
    home.chmod(0o755)  # the server's user has to pass when root runs the tests
    config.stash[HOME_KEY] = home


def _home_of_another(config: pytest.Config) -> Path | None:
    """Where the cluster is that whoever started this process has brought up, and will remove."""
    told: dict[str, str] = getattr(config, "workerinput", {})
    given: Path | None = config.getoption("--cluster")
    return Path(told["cluster_home"]) if told else given


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Item) -> None:
    """Tell each worker of pytest-xdist where the one cluster is."""
    node.workerinput["cluster_home"] = str(node.config.stash[HOME_KEY])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cluster when the run, not merely a worker of it, is over."""
    if _home_of_another(config) is None and HOME_KEY in config.stash:
        _remove(config.stash[HOME_KEY])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with most tests: no worker is left with a long one when others are done.

    The tests of a file stay in their order.
    """
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (_place(item.path), -sizes[item.path], item.path))


def _place(path: Path) -> int:
    return LONGEST.index(path.stem) if path.stem in LONGEST else len(LONGEST)


def pytest_collection_finish() -> None:
    """Leave the modules and the tests out of garbage collection: services and loads collect again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    gc.enable()


def _sweep() -> None:
    """Remove what a killed run left behind."""
    for home in Path("/tmp").glob(f"{HOME_PREFIX}*"):  # noqa: S108
        pid = home.name.removeprefix(HOME_PREFIX).partition("-")[0]
        with suppress(OSError, ClusterError):  # another run sweeps too, and may be half through this one
            if home.stat().st_uid == os.geteuid() and not Path("/proc", pid).exists():
                _remove(home)


def _remove(home: Path) -> None:
    cluster.remove(home)
    for lock in home.glob("*.lock"):
        lock.unlink(missing_ok=True)
    if home.exists():
        home.rmdir()


class Databases:
    """Makes databases from a template, and drops none but those it made."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.mark = f"made by the tests in {home.name}"
        self.server = cluster.up(home, extra=NOT_DURABLE)
        self._numbers = itertools.count(1)

    def make(self, template: str, name: str | None = None) -> str:
        """A new database, a copy of `template`; returns its SQLAlchemy URL."""
        name = name or f"addressbook_test_{os.getpid()}_{next(self._numbers)}_{secrets.token_hex(3)}"
        copy = f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy()}'
        self._run(copy, f"COMMENT ON DATABASE \"{name}\" IS '{self.mark}'")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database that this run made; refuses any other."""
        name = make_url(url).database
        if self.comment(name) != self.mark:
            raise RuntimeError(f"{name} was not made by these tests, so they do not drop it")
        for left in reversed(range(DROPS_TRIED)):
            try:
                self._run(f'DROP DATABASE "{name}" WITH (FORCE)')
                break
            except ProgrammingError:  # a vacuum that is under way is the superuser's, and ends by itself
                if not left:
                    raise
                time.sleep(1)

    def comment(self, name: str | None) -> str | None:
        """The comment on a database; None when it has none or does not exist."""
        asked = text("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = :name")
        engine = create_engine(self.server, poolclass=NullPool)
        with engine.connect() as connection:
            found: str | None = connection.execute(asked, {"name": name}).scalar()
        return found

    def url(self, name: str) -> str:
        """The URL of a database in the tests' cluster."""
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)

    def template(self) -> str:
        """The name of the migrated template."""
        from addressbook.store.migrations import migrate

        return self.filled(TEMPLATE, "addressbook", migrate)

    def filled(self, name: str, template: str, fill: Callable[[str], object]) -> str:
        """`name`, a copy of `template` to copy in its turn: `fill` is given its URL by whichever worker comes first."""
        with (self.home / f"{name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.comment(name) is None:
                self._run(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
                fill(self.url(name))
                self._run(f"COMMENT ON DATABASE \"{name}\" IS '{self.mark}'")  # last: a half-filled one has none
        return name

    def _strategy(self) -> str:
        # Twice as fast where nothing is flushed; PostgreSQL before 15 knows no other and not the word.
        with create_engine(self.server, poolclass=NullPool).connect() as connection:
            version: int = connection.execute(text("SELECT current_setting('server_version_num')::int")).scalar_one()
        return "STRATEGY file_copy" if version >= 150000 else ""

    def _run(self, *statements: str) -> None:
        engine = create_engine(make_url(self.server).set(database="postgres"), poolclass=NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The run's private cluster as a maker of databases."""
    return Databases(request.config.stash[HOME_KEY])


@pytest.fixture(scope="session")
def make_database(databases: Databases) -> Callable[[], str]:
    """Make a migrated database and return its URL; for fixtures that share one among the tests of a module.

    It goes with the cluster: to drop dozens at the end of a run would take half a minute.
    """
    return lambda: databases.make(databases.template())


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, migrated database."""
    url = databases.make(databases.template())
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh database with the extensions and nothing else."""
    url = databases.make("addressbook")
    yield url
    databases.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A SQLAlchemy engine on a fresh, migrated database."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def served_district(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDistrict]:
    """The sample district behind the real service on a real socket; loaded once, served in each worker."""
    # Imported here because the loaders and the service take a second that most runs of one file need not pay.
    from tests.district import fill, serve_district

    folder = tmp_path_factory.mktemp("district")
    loaded = databases.filled("addressbook_test_district", databases.template(), lambda url: fill(url, folder))
    with serve_district(databases.make(loaded), folder) as district:
        yield district


@pytest.fixture(scope="module")
def launch() -> Iterator[Launch]:
    """Starts a browser with the arguments given, once for the tests of a module."""
    from tests.test_page import launching

    with launching() as launch:
        yield launch


@pytest.fixture(scope="module")
def database(make_database: Callable[[], str]) -> Iterator[Engine]:
    """One migrated database for a module's small worlds, which clear it."""
    engine = create_engine(make_database())
    yield engine
    engine.dispose()


@pytest.fixture
def world(database: Engine, tmp_path: Path) -> World:
    """An empty registry and a folder for files."""
    world = World(database, tmp_path)
    world.clear()
    return world


@pytest.fixture
def estate(world: World) -> World:
    """A world that knows the estate."""
    world.begin_as("estate", lambda: world.texts(ESTATE_ROWS))
    return world
