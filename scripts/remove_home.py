"""Delete the private database and its home, for `make clean`. Nothing that addressbook did not make is touched."""

from __future__ import annotations

import os
import sys

from addressbook.config import read_settings
from addressbook.errors import AddressbookError
from addressbook.store import cluster


def main() -> int:
    """Ask at a terminal, then remove; 0 when nothing of ours is left."""
    try:
        home = read_settings().home
        if cluster.status(home).state == "absent":
            return 0
        if sys.stdin.isatty() and not os.environ.get("YES"):
            answer = input(f"Delete the registry in {home} with all its data? 删除其中全部数据？ [y/N] ")
            if answer.strip().lower() not in {"y", "yes"}:
                sys.stderr.write("Nothing was deleted. 未删除任何内容。\n")
                return 1
        cluster.remove(home)
    except AddressbookError as error:
        sys.stderr.write(f"{error.zh}\n{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
