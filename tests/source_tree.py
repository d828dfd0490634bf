"""The project's own Python as syntax trees, for the tests of its architecture."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("addressbook", "api", "loaders")


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its dotted name, its path from the repository's root, its text and its syntax."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    def within(self, *packages: str) -> bool:
        """Whether it is one of these packages or modules, or in one."""
        return within(self.name, *packages)


def within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of these, or below one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the three packages."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return tuple(read_module(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths)


def read_module(path: Path, text: str) -> Module:
    """The module of a text that would be at `path`."""
    parts = path.with_suffix("").parts
    return Module(".".join(parts[:-1] if parts[-1] == "__init__" else parts), path, text, ast.parse(text))


def imports_of(module: Module) -> Iterator[tuple[str, int]]:
    """What a module imports, wherever in it, with the line: `a.b` for `import a.b`, `a.b.c` for `from a.b import c`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def expect_none(offenders: Iterable[str]) -> None:
    """Fail with every offender on a line of its own."""
    found = list(offenders)
    if found:
        pytest.fail("\n".join([f"{len(found)} found:", *found]), pytrace=False)
