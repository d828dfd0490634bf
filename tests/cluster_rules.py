"""The rules that let one schema run on one machine and on a Citus cluster, checked against a PostgreSQL catalogue.

`broken_rules(connection, plan)` reads what is really there, whatever made it, and says in a sentence each what
a cluster would refuse. The rules are those of DESIGN section 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from addressbook.store.tables import DISTRIBUTION, LOCAL, REFERENCE

OWN_BOOKKEEPING = frozenset({"alembic_version"})
LOSING = {"n": "SET NULL", "d": "SET DEFAULT"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where each table is meant to live."""

    distribution: Mapping[str, str]
    reference: AbstractSet[str]
    local: AbstractSet[str]


PLAN = Plan(DISTRIBUTION, REFERENCE, LOCAL)


@dataclass(frozen=True, slots=True)
class Key:
    """A primary key, unique index or exclusion; an expression among its columns is ''."""

    table: str
    name: str
    primary: bool
    columns: tuple[str, ...]
    unequal: tuple[str, ...]  # of an exclusion: columns compared by another operator than =


@dataclass(frozen=True, slots=True)
class ForeignKey:
    table: str
    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str
    on_update: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the rules look at. Tables that belong to an extension, and partitions, are left out."""

    tables: frozenset[str]
    columns: Mapping[tuple[str, str], str]
    keys: tuple[Key, ...]
    foreign_keys: tuple[ForeignKey, ...]
    triggers: tuple[tuple[str, str], ...]
    volatile_defaults: tuple[tuple[str, str, str], ...]


_TABLES = """
    SELECT c.oid FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
_COLUMNS = f"""
    SELECT c.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid IN ({_TABLES})
"""
_KEYS = f"""
    SELECT c.relname AS table_name, n.relname AS name, i.indisprimary AS is_primary,
        ARRAY(SELECT coalesce(a.attname, '') FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
            WHERE k.place <= i.indnkeyatts ORDER BY k.place)::text[] AS columns,
        ARRAY(SELECT a.attname FROM pg_constraint x, unnest(x.conkey, x.conexclop) AS k (attnum, operator)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            JOIN pg_operator o ON o.oid = k.operator AND o.oprname <> '='
            WHERE x.conindid = i.indexrelid AND x.contype = 'x')::text[] AS unequal
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class n ON n.oid = i.indexrelid
    WHERE c.oid IN ({_TABLES}) AND (i.indisunique OR i.indisexclusion)
"""
_NAMES = """ARRAY(SELECT a.attname FROM unnest({}) WITH ORDINALITY AS k (attnum, place)
    JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = k.attnum ORDER BY k.place)::text[]"""
_FOREIGN_KEYS = f"""
    SELECT c.relname AS table_name, f.conname AS name, {_NAMES.format("f.conkey", "f.conrelid")} AS columns,
        t.relname AS target, {_NAMES.format("f.confkey", "f.confrelid")} AS target_columns,
        f.confdeltype::text AS on_delete, f.confupdtype::text AS on_update
    FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class t ON t.oid = f.confrelid
    WHERE f.contype = 'f' AND f.conparentid = 0 AND c.oid IN ({_TABLES})
"""
_TRIGGERS = f"""
    SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.oid IN ({_TABLES}) AND NOT t.tgisinternal
"""
# The functions are in the default's expression tree; an identity column has no default, and now() is stable.
_VOLATILE = f"""
    SELECT DISTINCT c.relname, a.attname, p.proname
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
    JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    CROSS JOIN LATERAL regexp_matches(d.adbin::text, ':(?:op)?funcid (\\d+)', 'g') AS called (id)
    JOIN pg_proc p ON p.oid = called.id[1]::oid AND p.provolatile = 'v'
    WHERE c.oid IN ({_TABLES})
"""


def read_catalogue(connection: Connection) -> Catalogue:
    """The catalogue of the connection's database, schema public."""
    columns = {(r.table_name, r.column_name): r.type for r in connection.execute(text(_COLUMNS))}
    keys = [Key(r[0], r[1], r[2], tuple(r[3]), tuple(r[4])) for r in _rows(connection, _KEYS)]
    foreign_keys = [
        ForeignKey(r[0], r[1], tuple(r[2]), r[3], tuple(r[4]), r[5], r[6]) for r in _rows(connection, _FOREIGN_KEYS)
    ]
    tables = frozenset(table for table, _ in columns) - OWN_BOOKKEEPING
    triggers = tuple((r[0], r[1]) for r in _rows(connection, _TRIGGERS))
    volatile = tuple((r[0], r[1], r[2]) for r in _rows(connection, _VOLATILE))
    return Catalogue(tables, columns, tuple(keys), tuple(foreign_keys), triggers, volatile)


def _rows(connection: Connection, query: str) -> list[Any]:
    return list(connection.exec_driver_sql(query))


def broken_rules(connection: Connection, plan: Plan = PLAN) -> list[str]:
    """One sentence for each thing that a cluster would refuse; empty when the schema fits."""
    catalogue = read_catalogue(connection)
    return [sentence for rule in RULES for sentence in rule(catalogue, plan)]


def every_table_is_in_one_family(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for table in sorted(catalogue.tables | plan.distribution.keys() | plan.reference | plan.local):
        families = (table in plan.distribution) + (table in plan.reference) + (table in plan.local)
        if families != 1:
            yield f"{table} is named in {families} of DISTRIBUTION, REFERENCE and LOCAL"
        if table not in catalogue.tables:
            yield f"{table} is in no database"


def distribution_columns_exist(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for table, column in plan.distribution.items():
        if table in catalogue.tables and (table, column) not in catalogue.columns:
            yield f"{table} has no column {column} to be spread by"


def every_table_has_a_primary_key(catalogue: Catalogue, _plan: Plan) -> Iterator[str]:
    for table in sorted(catalogue.tables - {key.table for key in catalogue.keys if key.primary}):
        yield f"{table} has no primary key"


def unique_keys_contain_the_distribution_column(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for key in catalogue.keys:
        column = plan.distribution.get(key.table)
        if column is not None and (column not in key.columns or column in key.unequal):
            yield f"{key.name} of {key.table} is unique without {column}"


def foreign_keys_join_equal_distributions(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for key in catalogue.foreign_keys:
        here, there = plan.distribution.get(key.table), plan.distribution.get(key.target)
        if here is None or there is None:
            continue
        if here != there:
            yield f"{key.name} joins {key.table}, spread by {here}, to {key.target}, spread by {there}"
        elif (here, there) not in zip(key.columns, key.target_columns, strict=True):
            yield f"{key.name} of {key.table} does not join {here} to {there} of {key.target}"
        elif catalogue.columns[key.table, here] != catalogue.columns[key.target, there]:
            yield f"{key.name} joins {here} of {key.table} and {key.target}, which are of two types"


def foreign_keys_point_from_big_to_reference(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for key in catalogue.foreign_keys:
        if key.table not in plan.distribution and key.target in plan.distribution:
            yield f"{key.name} points from the small table {key.table} to the big table {key.target}"
        if key.table in plan.distribution and key.target in plan.local:
            yield f"{key.name} points from the big table {key.table} to the local table {key.target}"


def no_foreign_key_changes_the_distribution_column(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for key in catalogue.foreign_keys:
        if plan.distribution.get(key.table) not in key.columns:
            continue
        if key.on_delete in LOSING:
            yield f"{key.name} of {key.table} has ON DELETE {LOSING[key.on_delete]} on its distribution column"
        if key.on_update in {*LOSING, "c"}:
            yield f"{key.name} of {key.table} changes its distribution column on update"


def big_tables_have_no_triggers(catalogue: Catalogue, plan: Plan) -> Iterator[str]:
    for table, trigger in catalogue.triggers:
        if table in plan.distribution:
            yield f"{table} has the trigger {trigger}"


def no_default_is_volatile(catalogue: Catalogue, _plan: Plan) -> Iterator[str]:
    for table, column, function in catalogue.volatile_defaults:
        yield f"the default of {table}.{column} calls {function}(), which is volatile"


RULES: tuple[Callable[[Catalogue, Plan], Iterator[str]], ...] = (
    every_table_is_in_one_family,
    distribution_columns_exist,
    every_table_has_a_primary_key,
    unique_keys_contain_the_distribution_column,
    foreign_keys_join_equal_distributions,
    foreign_keys_point_from_big_to_reference,
    no_foreign_key_changes_the_distribution_column,
    big_tables_have_no_triggers,
    no_default_is_volatile,
)
