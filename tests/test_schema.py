"""The schema as the database has it: fit for a cluster, equal to its description, and migrated safely."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook.store.migrations import is_current, migrate
from addressbook.store.tables import METADATA
from tests.cluster_rules import PLAN, RULES, broken_rules, read_catalogue

MIGRATE = "import sys; from addressbook.store.migrations import migrate; migrate(sys.argv[1])"
ADD_FOREIGN_KEY = "ALTER TABLE {} ADD CONSTRAINT fk FOREIGN KEY ({}) REFERENCES {} {}"
WITH_BTREE_GIST = "CREATE EXTENSION btree_gist; "
NOTHING = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"

BREAKS: dict[str, tuple[str, str]] = {
    "a table nobody named": (
        "CREATE TABLE stray (id int PRIMARY KEY)",
        "stray is named in 0 of DISTRIBUTION, REFERENCE and LOCAL",
    ),
    "a table that is missing": ("DROP TABLE meta", "meta is in no database"),
    "a big table without its column": (
        "ALTER TABLE rollup_total DROP COLUMN division_code",
        "rollup_total has no column division_code",
    ),
    "a big table without a primary key": (
        "ALTER TABLE link DROP CONSTRAINT pk_link",
        "link has no primary key",
    ),
    "a primary key without it": (
        "ALTER TABLE link DROP CONSTRAINT pk_link, ADD PRIMARY KEY (link_id)",
        "link_pkey of link is unique without site_id",
    ),
    "a unique constraint without it": (
        "ALTER TABLE address ADD CONSTRAINT uq UNIQUE (aid)",
        "uq of address is unique without site_id",
    ),
    "a unique index without it": (
        "CREATE UNIQUE INDEX uq ON person (source_id, source_key)",
        "uq of person is unique without element_key",
    ),
    "a unique index that only carries it along": (
        "CREATE UNIQUE INDEX uq ON address (aid) INCLUDE (site_id)",
        "uq of address is unique without site_id",
    ),
    "a unique index on an expression of it": (
        "CREATE UNIQUE INDEX uq ON address ((site_id + 1), aid)",
        "uq of address is unique without site_id",
    ),
    "a partial unique index without it": (
        "CREATE UNIQUE INDEX uq ON link (row_key) WHERE closed_at IS NULL",
        "uq of link is unique without site_id",
    ),
    "an exclusion without it": (
        "ALTER TABLE address ADD CONSTRAINT ex EXCLUDE (aid WITH =)",
        "ex of address is unique without site_id",
    ),
    "an exclusion that does not compare it for equality": (
        WITH_BTREE_GIST + "ALTER TABLE address ADD CONSTRAINT ex EXCLUDE USING gist (site_id WITH <>, aid WITH =)",
        "ex of address is unique without site_id",
    ),
    "a foreign key between big tables without it": (
        "CREATE UNIQUE INDEX uq ON address (aid); "
        + ADD_FOREIGN_KEY.format("address_alias", "aid", "address", "(aid)"),
        "fk of address_alias does not join site_id to site_id of address",
    ),
    "a foreign key that crosses it with another column": (
        "ALTER TABLE link ADD CONSTRAINT uq UNIQUE (link_id, site_id); "
        + ADD_FOREIGN_KEY.format("address_alias", "site_id, alias_id", "link", "(link_id, site_id)"),
        "fk of address_alias does not join site_id to site_id of link",
    ),
    "a foreign key between families": (
        ADD_FOREIGN_KEY.format("link", "element_key", "person", ""),
        "fk joins link, spread by site_id, to person, spread by element_key",
    ),
    "a foreign key between two types of it": (
        "ALTER TABLE external_identifier DROP CONSTRAINT fk_external_identifier_site_id_aid; "
        "ALTER TABLE external_identifier ALTER COLUMN site_id TYPE integer; "
        + ADD_FOREIGN_KEY.format("external_identifier", "site_id, aid", "address", ""),
        "fk joins site_id of external_identifier and address, which are of two types",
    ),
    "a foreign key from a reference table to a big one": (
        "ALTER TABLE registry_event ADD COLUMN aid text REFERENCES aid_directory",
        "registry_event_aid_fkey points from the small table registry_event to the big table aid_directory",
    ),
    "a foreign key from a local table to a big one": (
        ADD_FOREIGN_KEY.format("review_item", "row_key", "source_row", ""),
        "fk points from the small table review_item to the big table source_row",
    ),
    "a foreign key from a big table to a local one": (
        "ALTER TABLE link ADD COLUMN review_id bigint REFERENCES review_item",
        "link_review_id_fkey points from the big table link to the local table review_item",
    ),
    "ON DELETE SET NULL on it": (
        ADD_FOREIGN_KEY.format("link", "site_id, aid", "address", "ON DELETE SET NULL"),
        "fk of link has ON DELETE SET NULL on its distribution column",
    ),
    "ON DELETE SET DEFAULT on it": (
        ADD_FOREIGN_KEY.format("link", "site_id, aid", "address", "ON DELETE SET DEFAULT"),
        "fk of link has ON DELETE SET DEFAULT on its distribution column",
    ),
    "ON UPDATE CASCADE on it": (
        ADD_FOREIGN_KEY.format("link", "site_id, aid", "address", "ON UPDATE CASCADE"),
        "fk of link changes its distribution column on update",
    ),
    "a trigger on a big table": (
        f"{NOTHING}; CREATE TRIGGER history AFTER UPDATE ON address FOR EACH ROW EXECUTE FUNCTION nothing()",
        "address has the trigger history",
    ),
    "a random default": (
        "ALTER TABLE person ALTER COLUMN element_key SET DEFAULT gen_random_uuid()",
        "the default of person.element_key calls gen_random_uuid(), which is volatile",
    ),
    "a clock that does not stand still": (
        "ALTER TABLE link ALTER COLUMN opened_at SET DEFAULT date_trunc('second', clock_timestamp())",
        "the default of link.opened_at calls clock_timestamp(), which is volatile",
    ),
    "a serial": (
        "ALTER TABLE address ADD COLUMN number serial",
        "the default of address.number calls nextval(), which is volatile",
    ),
}


@pytest.fixture(scope="module")
def schema(make_database: Callable[[], str]) -> Iterator[Engine]:
    """A migrated database that nothing here changes for good."""
    engine = create_engine(make_database())
    yield engine
    engine.dispose()


@pytest.fixture
def scratch(schema: Engine) -> Iterator[Connection]:
    """A transaction in it that is rolled back."""
    with schema.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def test_the_migrated_schema_keeps_every_rule_of_a_cluster(scratch: Connection) -> None:
    assert broken_rules(scratch) == []


@pytest.mark.parametrize("fault", BREAKS)
def test_a_schema_that_breaks_a_rule_is_found_out(scratch: Connection, fault: str) -> None:
    statements, sentence = BREAKS[fault]
    scratch.exec_driver_sql(statements)
    assert [found for found in broken_rules(scratch) if sentence in found]


def test_a_table_of_two_families_or_of_none_is_found_out(scratch: Connection) -> None:
    twice = replace(PLAN, local=PLAN.local | {"link"})
    assert "link is named in 2 of DISTRIBUTION, REFERENCE and LOCAL" in broken_rules(scratch, twice)
    forgotten = replace(PLAN, reference=PLAN.reference - {"area"})
    assert "area is named in 0 of DISTRIBUTION, REFERENCE and LOCAL" in broken_rules(scratch, forgotten)


def test_every_rule_is_seen_to_fail(scratch: Connection) -> None:
    """A rule that no fault above breaks would be a rule nobody knows to work."""
    broken = set()
    for statements, _ in BREAKS.values():
        with scratch.begin_nested() as savepoint:
            scratch.exec_driver_sql(statements)
            catalogue = read_catalogue(scratch)
            broken |= {rule.__name__ for rule in RULES if list(rule(catalogue, PLAN))}
            savepoint.rollback()
    assert broken == {rule.__name__ for rule in RULES}


def test_a_trigger_on_a_small_table_is_allowed(scratch: Connection) -> None:
    scratch.exec_driver_sql(
        f"{NOTHING}; CREATE TRIGGER touch AFTER UPDATE ON source FOR EACH ROW EXECUTE FUNCTION nothing()"
    )
    assert broken_rules(scratch) == []


def test_the_description_of_the_tables_is_what_the_migrations_add_up_to(scratch: Connection) -> None:
    options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(scratch, opts=options)
    assert compare_metadata(context, METADATA) == []


def ours(_object: object, name: str | None, kind: str, reflected: bool, _compared: object) -> bool:
    return not (kind == "table" and reflected and name == "spatial_ref_sys")


def test_tables_made_from_the_description_are_to_the_letter_those_of_the_migrations(
    scratch: Connection, empty_database_url: str
) -> None:
    """Alembic compares neither conditions nor checks nor collations; PostgreSQL's own wording tells them all."""
    engine = create_engine(empty_database_url)
    METADATA.create_all(engine)
    with engine.connect() as described:
        words = wording(described)
        assert words["address: constraint ck_address_kind"].startswith("CHECK ((kind = ANY")
        assert words == wording(scratch)
    engine.dispose()


def wording(connection: Connection) -> dict[str, str]:
    """Every column, constraint and index of our tables as PostgreSQL words it."""
    wanted = text(
        """
        WITH ours AS (
            SELECT c.oid, c.relname FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'alembic_version'
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
        )
        SELECT t.relname || '.' || a.attname AS name, concat_ws(' ', format_type(a.atttypid, a.atttypmod), o.collname,
            a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), '--',
            col_description(t.oid, a.attnum)) AS words
        FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_collation o ON o.oid = a.attcollation
        UNION ALL
        SELECT t.relname || ': constraint ' || c.conname, pg_get_constraintdef(c.oid)
        FROM ours t JOIN pg_constraint c ON c.conrelid = t.oid WHERE c.contype <> 't'
        UNION ALL
        SELECT t.relname || ': index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)
        FROM ours t JOIN pg_index i ON i.indrelid = t.oid
        """
    )
    return {row.name: row.words for row in connection.execute(wanted)}


def test_migrating_a_second_time_does_nothing(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO source (name, kind) VALUES ('kept', 'people')"))
        before = state_of(connection)
    migrate(database_url)
    with engine.connect() as connection:
        assert state_of(connection) == before
        assert connection.execute(text("SELECT name FROM source")).scalars().all() == ["kept"]
    assert is_current(engine)


def test_two_migrations_at_once_give_one_schema(empty_database_url: str) -> None:
    command = [sys.executable, "-c", MIGRATE, empty_database_url]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(process.communicate()[1], process.returncode) for process in both]
    assert [code for _, code in ends] == [0, 0], ends
    engine = create_engine(empty_database_url)
    assert is_current(engine)
    with engine.connect() as connection:
        assert broken_rules(connection) == []
        assert len(connection.execute(text("SELECT * FROM alembic_version")).all()) == 1
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE link (somebody_elses int)"))
    with pytest.raises(Exception, match="link"):
        migrate(empty_database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT to_regclass('address')")).scalar() is None
    assert not is_current(engine)
    engine.dispose()


def state_of(connection: Connection) -> list[tuple[object, ...]]:
    """Which catalogue rows there are, and which transaction wrote each: a change of anything changes it."""
    states = "SELECT 'class', oid, xmin::text FROM pg_class UNION ALL SELECT 'attribute', attrelid, xmin::text"
    asked = text(f"{states} FROM pg_attribute UNION ALL SELECT version_num, 0, xmin::text FROM alembic_version")
    return sorted(tuple(row) for row in connection.execute(asked))
