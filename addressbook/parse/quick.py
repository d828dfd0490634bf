"""Making many objects of a frozen class in little time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Made = TypeVar("Made")


def quick(frozen: Callable[Parameters, Made]) -> Callable[Parameters, Made]:
    """Makes what a frozen dataclass with slots makes from all its fields in order, in half the time.

    A frozen class sets its fields past its own guard, one slow call each; a class of the same slots without a guard
    sets them directly, and what it made is given its class afterwards.
    """
    names = [field.name for field in fields(frozen)]  # type: ignore[arg-type]
    space: dict[str, Any] = {}
    body = "; ".join(f"self.{name} = {name}" for name in names)
    exec(f"def __init__(self, {', '.join(names)}): {body}; self.__class__ = frozen", {"frozen": frozen}, space)  # noqa: S102
    made: Any = type("Unguarded", (), {"__slots__": tuple(names), "__init__": space["__init__"]})
    return made  # type: ignore[no-any-return]
