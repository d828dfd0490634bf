"""`python -m addressbook.parse` compiles the reading, so that nobody waits for it at the first text."""

from __future__ import annotations

import sys
import time

from addressbook.divisions import Gazetteer
from addressbook.parse.compiled import directory
from addressbook.parse.parser import Parser


def main() -> None:
    """Read one text, where that was not done before."""
    kept = directory()
    if kept is not None and any(kept.rglob("kernel.read_all*.nbc")):
        return
    started = time.monotonic()
    sys.stderr.write("addressbook: 首次使用需编译地址解析器，约一分钟… compiling the parser, once\n")
    Parser(Gazetteer.shipped()).parse("浙江省杭州市萧山区")
    sys.stderr.write(f"addressbook: ready after {time.monotonic() - started:.0f} s\n")


if __name__ == "__main__":
    main()
