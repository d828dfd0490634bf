"""The documents against the program: every setting, command and route is explained, every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import SecretStr
from typer.core import TyperGroup

from addressbook.cli import app as command_line
from addressbook.cli.files import files
from addressbook.config import PREFIX, Settings
from api import create_app
from tests.source_tree import ROOT, expect_none

UNWATCHED = frozenset({".venv", "node_modules", "build", "dist", ".git"})
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^(```|~~~)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)<>\s]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
ROUTES_WITHOUT_TEXT = frozenset({"/openapi.json", "/{path:path}"})


@cache
def documents() -> dict[str, str]:
    """Every Markdown file by its path from the repository's root."""
    paths = [path.relative_to(ROOT) for path in sorted(ROOT.rglob("*.md"))]
    return {str(path): (ROOT / path).read_text("utf-8") for path in paths if UNWATCHED.isdisjoint(path.parts)}


def manual() -> str:
    """What a user reads: the READMEs and docs/."""
    return "\n".join(text for path, text in documents().items() if path in READMES or path.startswith("docs/"))


def commands() -> Iterator[str]:
    """Every command as it is typed after `addressbook`, e.g. `export bridge`."""
    yield from _commands(typer.main.get_command(command_line), ())


def _commands(command: object, above: tuple[str, ...]) -> Iterator[str]:
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from _commands(command.get_command(context, name), (*above, name))
    else:
        yield " ".join(above)


def api_routes() -> Iterator[tuple[str, str]]:
    """Method and path of every route that answers with data."""
    app = create_app(Settings(database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none")), files())
    for route in app.routes:
        if isinstance(route, APIRoute) and route.path not in ROUTES_WITHOUT_TEXT:
            yield from ((method, route.path) for method in sorted(route.methods or ()))


def commands_typed(text: str) -> Iterator[str]:
    """Lines of code blocks that call `addressbook`, without the program's name."""
    for _, block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            words = line.strip().removeprefix("$ ").split()
            if words[:1] == ["addressbook"]:
                yield " ".join(words[1:])


def test_every_setting_is_documented() -> None:
    text = manual()
    names = [f"{PREFIX}{field}".upper() for field in Settings.model_fields]
    expect_none(name for name in names if not re.search(rf"\b{name}\b", text))


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {f"{PREFIX}{field}".upper() for field in Settings.model_fields}
    named = {name for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b", manual()) if not name.endswith("_")}
    expect_none(sorted(named - known))


def test_every_command_is_documented() -> None:
    text = manual()
    expect_none(f"addressbook {name}" for name in commands() if not documented_command(name, text))


def documented_command(name: str, text: str) -> bool:
    """Whether a document has `addressbook name`, or `name` in a list that begins with another command of ours."""
    return re.search(rf"\baddressbook {name}\b|`addressbook [^\n]*[,、|/] ?`{name}\b", text) is not None


def test_every_route_is_documented() -> None:
    text = manual()
    found = list(api_routes())
    assert len(found) >= 9
    expect_none(f"{method} {path}" for method, path in found if not documented_route(method, path, text))


def documented_route(method: str, path: str, text: str) -> bool:
    """Whether a document has `GET /addresses/{aid}`: the method, the path, and nothing that makes it a longer path."""
    return re.search(rf"\b{method}\W+{re.escape(path)}(?![\w/{{])", text) is not None


@pytest.mark.parametrize("readme", READMES)
def test_the_commands_of_a_readme_exist(readme: str) -> None:
    assert readme in documents(), f"{readme} is missing"
    known = set(commands())
    typed = list(commands_typed(documents()[readme]))
    expect_none(
        f"{readme}: addressbook {line}" for line in typed if not re.match(r"-", line) and not calls_any(line, known)
    )


def calls_any(line: str, known: set[str]) -> bool:
    words = line.split()
    return bool({" ".join(words[:1]), " ".join(words[:2])} & known)


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    expect_none(fault for path, text in documents().items() for fault in dead_links(Path(path), text))


def dead_links(path: Path, text: str) -> Iterator[str]:
    prose = INLINE_CODE.sub("", FENCE.sub("", text))
    for target in (first or second for first, second in LINK.findall(prose)):
        if ELSEWHERE.match(target):
            continue
        file, _, heading = unquote(target).partition("#")
        found = ROOT / path.parent / file if file else ROOT / path
        if not found.exists():
            yield f"{path}: {target} leads to no file"
        elif heading and found.suffix == ".md" and heading not in anchors(found.read_text("utf-8")):
            yield f"{path}: {target} leads to no heading"


def anchors(text: str) -> set[str]:
    """The anchors of headings, made as GitHub makes them."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("[a](pyproject.toml) ![b](docs/none.png) [c](https://example.org/none)", ["docs/none.png leads to no file"]),
        ("# Two words: 两词\n[here](#two-words-两词) [gone](#three-words)", ["#three-words leads to no heading"]),
        ('<img src="none.svg" alt="">', ["none.svg leads to no file"]),
        ("`[not](alink)`\n```\n[nor](this)\n```\n", []),
    ],
)
def test_a_dead_link_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, faults: list[str]
) -> None:
    monkeypatch.setattr("tests.test_docs.ROOT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "A.md").write_text(text, encoding="utf-8")
    assert list(dead_links(Path("A.md"), text)) == [f"A.md: {fault}" for fault in faults]


def test_a_command_that_does_not_exist_is_found_out() -> None:
    text = "```sh\n$ addressbook lod people x.csv\naddressbook export \\\n  bridge --source a\nmake demo\n```\n"
    typed = list(commands_typed(text))
    assert [calls_any(line, set(commands())) for line in typed] == [False, True]


def test_a_command_is_documented_by_itself_or_in_a_list_and_not_by_a_longer_one() -> None:
    assert documented_command("export bridge", "```\naddressbook export bridge --source a\n```")
    assert documented_command("down", "| `addressbook up`, `down` | start, stop |")
    assert not documented_command("load", "`addressbook loads`; `down`load it")


def test_a_route_is_not_documented_by_a_longer_one() -> None:
    assert not documented_route("GET", "/areas/{code}", "`GET /areas/{code}/view`")
    assert not documented_route("POST", "/resolve", "`GET /resolve?text=`")
    assert documented_route("GET", "/resolve", "| `GET` | `/resolve?text=` |")
