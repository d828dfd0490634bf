"""Commands by where they are: a module is imported when one of its commands is called, or all for the list of them."""

from __future__ import annotations

import gc
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

from typer.core import TyperGroup
from typer.main import get_group


class Place(NamedTuple):
    """Where a command is: the name of a module of this package, that of the typer in it, and whether it is a group."""

    module: str
    typer: str
    is_group: bool = False


PLACES: dict[str, Place] = {
    **dict.fromkeys(("up", "down", "status", "psql", "gazetteer"), Place("database", "database")),
    **dict.fromkeys(("load", "propose", "sample"), Place("loading", "loading")),
    "check": Place("database", "database"),
    **dict.fromkeys(("serve", "demo"), Place("serving", "serving")),
    "export": Place("loading", "exports", is_group=True),
    "key": Place("access", "keys", is_group=True),
    "audit": Place("audit", "audit", is_group=True),
    "secret": Place("secret", "secrets", is_group=True),
    "subject": Place("subjects", "subjects", is_group=True),
    "release": Place("releases", "releases", is_group=True),
    "purpose": Place("access", "purposes", is_group=True),
    **dict.fromkeys(("parse", "clean", "compare", "explain"), Place("texts", "texts")),
    "train": Place("training", "training"),
    "alias": Place("aliases", "aliases", is_group=True),
    "registry": Place("registry", "registry", is_group=True),
    "review": Place("review", "review", is_group=True),
    "divisions": Place("divisions", "divisions", is_group=True),
    "mirror": Place("mirrors", "mirrors"),
    "identifier": Place("identifiers", "identifiers", is_group=True),
    "webhook": Place("webhooks", "webhooks", is_group=True),
    "quality": Place("quality", "quality"),
    "doubt": Place("quality", "doubts", is_group=True),
}
"""In the order in which they are listed. Importing all takes seconds, which no single command should pay."""


class LazyCommands(TyperGroup):
    """The commands of PLACES."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Their names."""
        return list(PLACES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name, None for an unknown one."""
        place = PLACES.get(cmd_name)
        if place is None:
            return None
        group = get_group(getattr(_imported(place.module), place.typer))
        if place.is_group:
            group.name = cmd_name
            return group
        return group.commands[cmd_name]


def _imported(module: str) -> ModuleType:
    """A module of this package. What comes with it lasts: looking for garbage meanwhile takes a tenth of the start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return import_module(f"addressbook.cli.{module}")
    finally:
        if was_on:
            gc.enable()
