"""Making many objects of a frozen class in little time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, make_dataclass
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Made = TypeVar("Made")


def quick(frozen: Callable[Parameters, Made]) -> Callable[Parameters, Made]:
    """Makes what a frozen dataclass with slots makes from all its fields in order, in half the time.

    A frozen class sets its fields past its own guard, one slow call each; a class of the same slots without a guard
    sets them directly, and what it made is given its class afterwards.
    """

    def freeze(made: Any) -> None:
        made.__class__ = frozen

    names: Any = [field.name for field in fields(frozen)]  # type: ignore[arg-type]
    return make_dataclass("Unguarded", names, slots=True, namespace={"__post_init__": freeze})
