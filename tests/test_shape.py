"""The measures of DESIGN section 10: short functions, short modules, thin route handlers, nothing unexplained."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.source_tree import ROOT, Module, expect_none, modules, read_module

Function = ast.FunctionDef | ast.AsyncFunctionDef
MEDIAN_LINES, NINETIETH_LINES, MOST_LINES = 8, 30, 60
MODULE_LINES = 300
HANDLER_LINES = 15
METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "api_route"})


def functions(module: Module) -> Iterator[Function]:
    yield from (node for node in ast.walk(module.tree) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Lines from the first statement after the docstring to the last, blank ones and comments included."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


def is_handler(function: Function) -> bool:
    """Whether it answers a route: decorated with `router.get(…)`, `app.post(…)` and the like."""
    calls = [d.func for d in function.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in METHODS for call in calls)


def sizes(wanted: Callable[[Function], bool] = bool) -> list[tuple[int, str]]:
    """Body lines and place of every function that is wanted, longest first."""
    found = [
        (body_lines(function), f"{module.path}:{function.lineno} {function.name}")
        for module in modules()
        for function in functions(module)
        if wanted(function)
    ]
    return sorted(found, reverse=True)


def too_long(found: list[tuple[int, str]], most: int) -> list[str]:
    return [f"{place}: {lines} lines" for lines, place in found if lines > most]


def test_no_function_is_longer_than_anyone_can_hold_in_mind() -> None:
    expect_none(too_long(sizes(), MOST_LINES))


def test_nine_functions_in_ten_fit_on_a_screen() -> None:
    found = sizes()
    longest_tenth = found[: math.floor(len(found) / 10)]
    ninetieth = found[len(longest_tenth)][0]
    assert ninetieth <= NINETIETH_LINES, longest_tenth


def test_half_of_the_functions_are_short() -> None:
    found = sizes()
    assert median(lines for lines, _ in found) <= MEDIAN_LINES, found[:50]


def test_no_module_is_long() -> None:
    lengths = sorted(((len(module.text.splitlines()), str(module.path)) for module in modules()), reverse=True)
    expect_none(too_long(lengths, MODULE_LINES))


def test_route_handlers_only_hand_on() -> None:
    handlers = [
        (body_lines(f), f"{m.path}:{f.lineno} {f.name}") for m in modules() for f in functions(m) if is_handler(f)
    ]
    assert len(handlers) >= 8
    assert too_long(sorted(handlers, reverse=True), HANDLER_LINES) == []


def undocumented(module: Module) -> Iterator[str]:
    """What can be named from outside and has no docstring; an empty `__init__` explains itself."""
    if module.text.strip() and ast.get_docstring(module.tree) is None:
        yield f"{module.path}: the module"
    for node in public_nodes(module.tree):
        if ast.get_docstring(node) is None:
            yield f"{module.path}:{node.lineno} {node.name}"


def public_nodes(holder: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | Function]:
    """The public classes and functions of a module, and the public methods of its public classes."""
    for node in holder.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_") and not is_overload(node):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_nodes(node)


def is_overload(node: ast.ClassDef | Function) -> bool:
    """Whether it only gives types to what follows it under the same name."""
    return any(isinstance(decorator, ast.Name) and decorator.id == "overload" for decorator in node.decorator_list)


def test_everything_public_says_what_it_is() -> None:
    expect_none(name for module in modules() for name in undocumented(module))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("def f():\n    '''Words\n    and words.'''\n    return 1\n", 1),
        ("def f(\n    a,\n    b,\n):\n    x = 1\n\n    # why\n    return [\n        x,\n    ]\n", 6),
        ("def f():\n    '''Nothing but words.'''\n", 0),
        ("async def f():\n    pass\n", 1),
    ],
)
def test_lines_are_counted_without_signature_and_docstring(source: str, lines: int) -> None:
    (function,) = functions(read_module(Path("api/new.py"), source))
    assert body_lines(function) == lines


def test_what_is_undocumented_is_found_out() -> None:
    source = "class A:\n    def f(self): ...\n    def _g(self): ...\nclass _B:\n    def h(self): ...\ndef k(): ...\n"
    found = [sentence.split()[-1] for sentence in undocumented(read_module(Path("api/new.py"), source))]
    assert found == ["module", "A", "f", "k"]


def test_no_module_of_the_page_is_long() -> None:
    sources = sorted(path for kind in ("*.ts", "*.css") for path in (ROOT / "web" / "src").rglob(kind))
    assert len(sources) >= 20
    lengths = [(len(path.read_text("utf-8").splitlines()), str(path.relative_to(ROOT))) for path in sources]
    expect_none(too_long(sorted(lengths, reverse=True), MODULE_LINES))
