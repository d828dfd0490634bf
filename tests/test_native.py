"""Machine code of the matcher: the same claims hold of it, and it is never older than its sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from addressbook import native
from addressbook.resources import PACKAGE

ROOT = PACKAGE.parent
WHERE = "import addressbook.match.decide as module; print(module.__file__)"


@pytest.fixture
def made() -> Path:
    native.make()
    directory = native.directory()
    assert directory is not None
    assert directory.exists(), "the machine code could not be made here: is there a C compiler?"
    return directory


def test_the_claims_about_matching_hold_of_the_machine_code(made: Path, databases: Any) -> None:
    tests = [f"tests/{name}.py" for name in ("test_match", "test_roles", "test_resolving", "test_issues")]
    options = ["-q", "--native", "--cluster", str(databases.home), "-p", "no:xdist", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]


def test_a_new_process_runs_the_machine_code(made: Path) -> None:
    run = subprocess.run([sys.executable, "-c", WHERE], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(run.stdout.strip()).is_relative_to(made)


def test_a_changed_source_runs_as_python(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "addressbook"
    subprocess.run(["cp", "-r", str(PACKAGE), str(copy)], check=True)
    (tmp_path / "data").symlink_to(ROOT / "data")
    copied = subprocess.run([sys.executable, "-c", WHERE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert copied.stdout.strip().endswith(".so"), "the copy brings its machine code along"
    with (copy / "match" / "decide.py").open("a", encoding="utf-8") as source:
        source.write("\nCHANGED = True\n")
    changed = subprocess.run([sys.executable, "-c", WHERE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert changed.stdout.strip() == str(copy / "match" / "decide.py")
