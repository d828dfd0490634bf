"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from addressbook.errors import DiskFull, FileError


@contextmanager
def written(out: Path, *, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """The file to write. It takes its name when it is finished: one that is there already stays as it is until then.
    Devices and pipes are written as they are.

    Raises FileError where it cannot be made, DiskFull where it cannot be finished.
    """
    with output_errors(out):
        if out.exists() and not out.is_file():
            with out.open("w", encoding=encoding, newline="") as file:
                yield file
            return
        whole = out.resolve()
        beside = whole.with_name(f".{whole.name}.{os.getpid()}")
        try:
            with beside.open("w", encoding=encoding, newline="") as file:
                yield file
            beside.replace(whole)
        finally:
            beside.unlink(missing_ok=True)


def keep_apart(out: Path, read: Path) -> None:
    """Raise FileError where an output would take the place of what is read for it."""
    if out.exists() and read.exists() and out.is_file() and out.samefile(read):
        raise FileError(
            f"{out} is the file being read, and would be lost.",
            zh=f"{out} 正是要读取的文件，写入会将其覆盖。",
            remedy="Give another path.",
        )


@contextmanager
def output_errors(out: Path) -> Iterator[None]:
    """Turn what the system says of a file that is written into DiskFull or FileError."""
    try:
        yield
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"the disk is full; {out} could not be finished.",
                zh=f"磁盘已满，{out} 未能写完。",
                remedy="Free some space, run again.",
            ) from fault
        raise FileError(
            f"{out} cannot be written: {fault.strerror}.", zh=f"无法写入 {out}。", remedy="Give another path."
        ) from fault
