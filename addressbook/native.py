"""Modules of the library as machine code: compiled from their own sources by mypyc, several times as fast.

Nothing else changes: without machine code, or once a source has changed, the same modules run as Python. The machine
code is kept in a directory named after the digest of the sources, so it can never be older than they are.
`make` is called once a machine (`make compiled` in a checkout); that takes a C compiler and the headers of Python.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import chdir
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

from addressbook.resources import PACKAGE, kept_in

MODULES = (
    "terms",
    "model",
    *(f"normalise.{name}" for name in ("characters", "numerals", "text")),
    *(f"parse.{name}" for name in ("pieces", "told", "values")),
    *(f"match.{name}" for name in (
        "answers", "asking", "cases", "characters", "decide", "divisions", "faults", "names", "nearness", "outside",
        "plan", "reasons", "rereading", "resolver", "retired", "roles", "settling", "spelling", "standard", "towns",
    )),
    *(f"registry.{name}" for name in ("tree", "paths_asked", "growing")),
    "store.path_questions",
)  # fmt: skip
"""What is compiled: pure modules that every address passes through."""
SHARED = "__mypyc"
"""The end of the name of the library in which the code of all modules lies."""


class NativeModules:
    """Finds modules in the directory of machine code before Python looks for their sources."""

    def __init__(self, directory: Path) -> None:
        self._files = {
            str(file.relative_to(directory)).removesuffix(EXTENSION_SUFFIXES[0]).replace("/", "."): file
            for file in directory.rglob(f"*{EXTENSION_SUFFIXES[0]}")
        }

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """How to load a module of that name; None when there is no machine code for it."""
        del path, target
        file = self._files.get(name)
        return spec_from_file_location(name, file) if file is not None else None


def use() -> None:
    """Load machine code from now on, where there is any."""
    made = directory()
    if made is not None and made.exists():
        sys.meta_path.insert(0, NativeModules(made))


def leave() -> None:
    """Load Python from now on; what is loaded stays as it is."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, NativeModules)]


def make() -> None:
    """Compile the modules; says so, and why not where that is impossible."""
    made = directory()
    if made is None or made.exists():
        return
    started = time.monotonic()
    sys.stderr.write("addressbook: 首次使用需编译匹配模块，约一分钟… compiling the matcher, once\n")
    try:
        with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory(dir=made.parent) as beside:
            _compile(Path(scratch))
            whole = shutil.copytree(Path(scratch, "made"), Path(beside, "made"))
            try:
                Path(whole).rename(made)
            except OSError:
                if not made.exists():
                    raise
                # Another process was sooner, and may run its code by now.
    except (Exception, SystemExit) as failure:  # noqa: BLE001 compilers fail in ways of their own, and Python remains
        sys.stderr.write(
            f"addressbook: 未能编译，将以较慢的方式运行。Not compiled, so it runs more slowly: {failure}\n"
        )
        return
    sys.stderr.write(f"addressbook: ready after {time.monotonic() - started:.0f} s\n")


def _compile(scratch: Path) -> None:
    from mypyc.build import mypycify
    from setuptools import setup

    flags = ["--ignore-missing-imports", "--follow-imports=skip", "--cache-dir", "/dev/null"]
    arguments = ["--quiet", "build_ext", "--build-lib", str(scratch / "made"), "--build-temp", str(scratch / "objects")]
    with chdir(scratch):  # away from settings that are meant for other builds
        extensions = mypycify([*flags, *map(str, _sources())], opt_level="2", debug_level="0", target_dir="c")
        setup(name="addressbook-native", packages=[], ext_modules=extensions, script_args=arguments)


def _sources() -> list[Path]:
    return [PACKAGE / f"{name.replace('.', '/')}.py" for name in MODULES]


@cache
def directory() -> Path | None:
    """Where the machine code of these sources is, or would be; None where it cannot be kept."""
    digest = hashlib.sha256(EXTENSION_SUFFIXES[0].encode())
    for source in _sources():
        digest.update(source.read_bytes())
    return kept_in(f"native-{digest.hexdigest()[:16]}")
