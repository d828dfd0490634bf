"""Compiling functions with numba, once per machine and version of the code.

Numba looks only at the file of a function to tell whether its machine code is still right, not at what it calls. So
the code is kept in a directory named after the digest of all sources: a changed helper can never meet an old caller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from addressbook.resources import kept_in

Function = TypeVar("Function", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {"boundscheck": False, "nogil": True, "error_model": "numpy"}
"""Errors are not checked in compiled code: it never raises."""


def compiled(function: Function) -> Function:
    """A helper of compiled code; it becomes part of the entries that call it.

    It is compiled anew for other types of its arguments, and constants count as types of their own: callers pass whole
    numbers of 64 bits and no constants to what is long.
    """
    made: Function = numba.njit(**OPTIONS)(function)
    return made


def entry(function: Function) -> Function:
    """A compiled function that Python calls; its machine code is kept where a directory for it can be written."""
    kept = directory()
    if kept is None:
        return compiled(function)
    settings: Any = numba.config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(kept)  # read when the function is decorated
    try:
        made: Function = numba.njit(cache=True, **OPTIONS)(function)
    finally:
        settings.CACHE_DIR = before
    return made


def _cell(_typing: Any, address: Any, at: Any) -> Any:
    """The whole number `at` places behind an address.

    An array would carry a count of references, which compiled code moves up and down at every use.
    """

    def load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.cast(builder, arguments[1], signature.args[1], types.int64)
        begin = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        return builder.load(builder.gep(begin, [place]))

    return types.int64(address, at), load


cell: Any = intrinsic(_cell)


def _fetch(_typing: Any, address: Any, at: Any) -> Any:
    """Ask for the whole number `at` places behind an address, which is read soon: memory is slow and can be early."""

    def ask(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.cast(builder, arguments[1], signature.args[1], types.int64)
        begin = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        byte, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, whole, whole, whole])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        near = builder.bitcast(builder.gep(begin, [place]), byte)
        builder.call(prefetch, [near, *map(whole, (0, 3, 1))])  # to read, kept in all caches, of data
        return context.get_dummy_value()

    return types.void(address, at), ask


fetch: Any = intrinsic(_fetch)


@compiled
def members(address: int, group: int) -> Any:
    """The members of a group: those from its first, which lies at `group`, up to the first of the next."""
    return range(cell(address, group), cell(address, group + 1))


@compiled
def one_of(character: int, choices: Any) -> bool:
    """Whether a character is among some."""
    for choice in choices:  # noqa: SIM110 compiled as it stands
        if character == choice:
            return True
    return False


@cache
def directory() -> Path | None:
    """Where machine code is kept; None where it cannot be."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    return kept_in(f"compiled-{digest}", writable=True)
