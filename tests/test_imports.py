"""Who may import whom (DESIGN section 5), where SQL may stand and who may read settings: told from the syntax alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.source_tree import Module, expect_none, imports_of, modules, read_module, within

# What each pure part may import of the project. Whatever it does not name, it may not.
BASE = ("addressbook.errors", "addressbook.model", "addressbook.resources", "addressbook.terms")
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "addressbook.errors": (),
    "addressbook.terms": (),
    "addressbook.model": ("addressbook.errors", "addressbook.terms"),
    "addressbook.masking": (*BASE, "addressbook.identity", "addressbook.normalise"),
    "addressbook.cells": (),
    "addressbook.processes": (),
    "addressbook.resources": ("addressbook.errors",),
    "addressbook.native": BASE,
    "addressbook.identity": BASE,
    "addressbook.divisions": BASE,
    "addressbook.normalise": BASE,
    "addressbook.parse": (*BASE, "addressbook.divisions", "addressbook.normalise"),
    "addressbook.match": (*BASE, "addressbook.divisions", "addressbook.normalise", "addressbook.parse"),
    "addressbook.search": (
        *BASE, "addressbook.identity", "addressbook.divisions", "addressbook.normalise", "addressbook.match",
    ),
    "addressbook.train": (*BASE, "addressbook.divisions", "addressbook.normalise", "addressbook.parse"),
    "addressbook.client": BASE,
    "addressbook.links": BASE,
    "addressbook.collections": BASE,
    "addressbook.registry": (
        *BASE, "addressbook.identity", "addressbook.divisions", "addressbook.normalise", "addressbook.parse",
        "addressbook.match",
    ),
}  # fmt: skip
OUTSIDE = ("sqlalchemy", "geoalchemy2", "alembic", "psycopg", "psycopg_pool", "fastapi", "starlette", "uvicorn")
COMPOSITION_ROOT = ("addressbook.cli", "addressbook.__main__")
ENTRY_POINTS = (*COMPOSITION_ROOT, "addressbook.config", "api.app", "api.serving")
STORE = "addressbook.store"
# Types that are passed along, and URLs that are taken apart; everything else of SQLAlchemy makes a statement.
PASSED_ALONG = (
    "sqlalchemy.Connection", "sqlalchemy.Engine", "sqlalchemy.engine.make_url", "sqlalchemy.exc.ArgumentError",
)  # fmt: skip
STATEMENT = re.compile(
    r"\s*(--.*\n\s*)*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|COPY|CREATE|ALTER|DROP|TRUNCATE|LOCK|GRANT|SET|ANALYZE)\s"
)
EXECUTING = ("execute", "executemany", "exec_driver_sql", "text", "copy", "SQL")
Rule = Callable[[Module], Iterator[str]]


def api_and_loaders_keep_apart(module: Module) -> Iterator[str]:
    for name, line in imports_of(module):
        if (module.within("api") and within(name, "loaders")) or (module.within("loaders") and within(name, "api")):
            yield f"{module.path}:{line} imports {name}"


def the_library_knows_no_edge(module: Module) -> Iterator[str]:
    if module.within("addressbook") and not module.within(*COMPOSITION_ROOT):
        for name, line in imports_of(module):
            if within(name, "api", "loaders", *COMPOSITION_ROOT):
                yield f"{module.path}:{line} imports {name}"


def pure_parts_import_only_what_lies_below(module: Module) -> Iterator[str]:
    part = next((part for part in MAY_IMPORT if module.within(part)), None)
    if part is None:
        return
    for name, line in imports_of(module):
        allowed = (part, "addressbook.__version__", *MAY_IMPORT[part])
        if within(name, *OUTSIDE, "api", "loaders") or (within(name, "addressbook") and not within(name, *allowed)):
            yield f"{module.path}:{line} imports {name}"


def only_entry_points_read_settings(module: Module) -> Iterator[str]:
    if module.within(*ENTRY_POINTS):
        return
    for name, line in imports_of(module):
        if within(name, "addressbook.config") and name != "addressbook.config.Settings":
            yield f"{module.path}:{line} imports {name}"
    for node in ast.walk(module.tree):
        match node:
            case ast.Constant(value=str(name)) if re.fullmatch(r"ADDRESSBOOK_[A-Z_]*", name):
                yield f"{module.path}:{node.lineno} looks up {name}"


def only_the_store_makes_statements(module: Module) -> Iterator[str]:
    if module.within(STORE):
        return
    for name, line in imports_of(module):
        if within(name, "psycopg", "psycopg_pool", "geoalchemy2", "alembic"):
            yield f"{module.path}:{line} imports {name}"
        if within(name, "sqlalchemy") and name not in PASSED_ALONG:
            yield f"{module.path}:{line} imports {name}"
    for line, words in texts_of(module.tree):
        if STATEMENT.match(words):
            yield f"{module.path}:{line} holds SQL: {words.strip()[:60]!r}"


def texts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string that is no docstring, f-strings by their first words, with its line."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def no_text_makes_sql(module: Module) -> Iterator[str]:
    for node in (node for node in ast.walk(module.tree) if isinstance(node, ast.expr)):
        if put_together(node) and STATEMENT.match(first_words(node)):
            yield f"{module.path}:{node.lineno} puts SQL together: {first_words(node)[:60]!r}"
        if isinstance(node, ast.Call) and called_name(node) in EXECUTING and module.within(STORE):
            for argument in node.args[:1]:
                if put_together(argument) and not STATEMENT.match(first_words(argument)):
                    yield f"{module.path}:{argument.lineno} executes what it puts together"


def put_together(node: ast.expr) -> bool:
    """Whether a text is made at run time: an f-string with values, `%`, `+` or `.format` on a plain string."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Mod | ast.Add)
    return isinstance(node, ast.Call) and called_name(node) in {"format", "join", "replace"} and bool(first_words(node))


def called_name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def first_words(node: ast.AST) -> str:
    """The constant text that a text put together begins with; '' where that is not known."""
    match node:
        case ast.Constant(value=str(words)):
            return words
        case ast.JoinedStr(values=[first, *_]):
            return first_words(first)
        case ast.BinOp(left=left):
            return first_words(left)
        case ast.Call(func=ast.Attribute(value=value)):
            return first_words(value)
    return ""


RULES: tuple[Rule, ...] = (
    api_and_loaders_keep_apart,
    the_library_knows_no_edge,
    pure_parts_import_only_what_lies_below,
    only_entry_points_read_settings,
    only_the_store_makes_statements,
    no_text_makes_sql,
)


def offences(rule: Rule, among: Iterable[Module]) -> list[str]:
    return [sentence for module in among for sentence in rule(module)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    expect_none(offences(rule, modules()))


def test_every_part_of_the_library_is_known_to_these_rules() -> None:
    """A new package is pure, or says here that it is not."""
    impure = {"config", "store", "views", "privacy", "cli", "__main__"}
    parts = {module.name.split(".")[1] for module in modules() if module.name.startswith("addressbook.")}
    assert parts == {name.removeprefix("addressbook.") for name in MAY_IMPORT} | impure


def test_no_two_packages_import_each_other() -> None:
    graph: dict[str, set[str]] = {}
    for module in modules():
        here = package_of(module.name)
        there = {package_of(name) for name, _ in imports_of(module) if within(name, "addressbook", "api", "loaders")}
        graph.setdefault(here, set()).update(there - {here, "addressbook"})
    assert [(a, b) for a in graph for b in graph[a] if a < b and a in graph.get(b, ())] == []


def package_of(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "addressbook" else parts[0]


STORED = "addressbook/store/new.py"
BREAKS: tuple[tuple[Rule, str, str], ...] = (
    (api_and_loaders_keep_apart, "api/new.py", "from loaders.tools import clean_file"),
    (api_and_loaders_keep_apart, "loaders/new.py", "def later():\n    import api.app"),
    (the_library_knows_no_edge, "addressbook/views/new.py", "from loaders import running"),
    (the_library_knows_no_edge, "addressbook/registry/new.py", "from addressbook.cli import ready"),
    (pure_parts_import_only_what_lies_below, "addressbook/normalise/new.py", "from addressbook.parse import Parser"),
    (pure_parts_import_only_what_lies_below, "addressbook/parse/new.py", "from addressbook.match import Resolver"),
    (pure_parts_import_only_what_lies_below, "addressbook/match/new.py", "from sqlalchemy import Connection"),
    (pure_parts_import_only_what_lies_below, "addressbook/registry/new.py", "from addressbook.store import minting"),
    (pure_parts_import_only_what_lies_below, "addressbook/identity.py", "from addressbook import config"),
    (pure_parts_import_only_what_lies_below, "addressbook/model.py", "from addressbook import identity"),
    (only_entry_points_read_settings, "loaders/new.py", "from addressbook.config import read_settings"),
    (only_entry_points_read_settings, "api/deps.py", "from addressbook import config"),
    (only_entry_points_read_settings, "api/deps.py", "import os\nos.environ.get('ADDRESSBOOK_HOME')"),
    (only_the_store_makes_statements, "api/new.py", "from sqlalchemy import select"),
    (only_the_store_makes_statements, "loaders/new.py", "import psycopg"),
    (only_the_store_makes_statements, "addressbook/views/new.py", "ASKED = 'SELECT 1'"),
    (only_the_store_makes_statements, "addressbook/views/new.py", "ASKED = '''\n  -- why\n  WITH q AS (VALUES (1))'''"),
    (only_the_store_makes_statements, "loaders/new.py", "def f(t):\n    return f'DELETE FROM {t}'"),
    (
        no_text_makes_sql,
        STORED,
        "def f(c, t): c.execute(f'DROP TABLE {t}')",
    ),
    (no_text_makes_sql, STORED, "def f(c, t): c.execute('{}'.format(t))"),
    (no_text_makes_sql, STORED, "def f(t): return 'SELECT * FROM ' + t"),
    (
        no_text_makes_sql,
        STORED,
        "def f(t): return 'SELECT * FROM %s' % t",
    ),
    (no_text_makes_sql, STORED, "def f(t): return text(f'a = {t}')"),
    (no_text_makes_sql, STORED, "def f(c, t): c.execute(ASKED + t)"),
    (no_text_makes_sql, STORED, "def f(t): return sql.SQL(f'a = {t}')"),
)


@pytest.mark.parametrize(("rule", "path", "source"), BREAKS, ids=lambda part: getattr(part, "__name__", None))
def test_a_module_that_breaks_a_rule_is_found_out(rule: Rule, path: str, source: str) -> None:
    assert offences(rule, [read_module(Path(path), source)]) != []


def test_what_is_allowed_is_not_reported() -> None:
    fine = {
        "addressbook/store/new.py": (
            '"""SELECT is no statement here."""\nfrom psycopg import sql\nfrom sqlalchemy import text\n'
            "ASKED = text('SELECT count(*) FROM link WHERE aid = :aid')\n"
            "def f(cursor, name):\n"
            "    cursor.execute(sql.SQL('TRUNCATE {}').format(sql.Identifier(name)))\n"
            "    cursor.execute('SELECT 1 WHERE 1 = %s', [name])\n"
        ),
        "loaders/new.py": "from sqlalchemy import Connection\nNOTE = 'SELECTED rows; Delete the file, set the path'\n",
        "addressbook/cli/new.py": "from api import serve\nfrom loaders import tools\n",
    }
    read = [read_module(Path(path), source) for path, source in fine.items()]
    assert [sentence for rule in RULES for sentence in offences(rule, read)] == []
