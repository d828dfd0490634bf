"""The `addressbook` command without its start-up: a process that has imported it once, and forks at every call.

What runs is the command as it is, in a process of its own with an environment, a folder, standard output and an exit
code of its own. Importing alone costs seconds; tests call the command a hundred times. `python -m addressbook` itself
is what Terminal.start runs.

Each line on standard input is a call as JSON: words, environment, folder, and the files for standard output and error.
Each line on standard output is the exit code of one.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from importlib import import_module
from typing import Any

from addressbook.cli import main
from addressbook.cli.lazy import PLACES
from addressbook.divisions import Gazetteer
from addressbook.parse import Parser


def warm_up() -> None:
    """Import what any of the commands imports, and read what all of them read."""
    for place in PLACES.values():
        import_module(f"addressbook.cli.{place.module}")
    Parser(Gazetteer.shipped()).parse("浙江省杭州市萧山区")
    gc.collect()
    gc.freeze()  # a collection in the fork would copy every page it looks at


def next_call() -> dict[str, Any] | None:
    """Wait for calls and answer with their exit codes. In the fork it returns the call; at the end of input None."""
    for line in sys.stdin:
        forked = os.fork()
        if forked == 0:
            call: dict[str, Any] = json.loads(line)
            return call
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
    return None


def become(call: dict[str, Any]) -> None:
    """Take over what a process of its own would have been started with."""
    os.environ.clear()
    os.environ.update(call["environ"])
    os.chdir(call["folder"])
    for number, path in enumerate((os.devnull, call["out"], call["err"])):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv[:] = ["addressbook", *call["words"]]


if __name__ == "__main__":
    warm_up()
    if (asked := next_call()) is not None:
        become(asked)
        main()
