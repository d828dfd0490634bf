"""The service as a process: it says where it listens, ends cleanly, and names a port that is taken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from addressbook.config import Settings
from addressbook.errors import SettingError
from api import serve
from api.serving import HOW
from tests.live_server import free_port
from tests.source_tree import ROOT
from tests.worlds import until

PROGRAM = """
import sys
import time
from addressbook.config import Settings
from api import serve
from api.serving import HOW
url, home, port, workers = sys.argv[1:]
if __name__ == "__main__":
    settings = Settings(database_url=url, home=home, port=port, workers=workers)
    serve(settings, announce=lambda url: print(url, flush=True))
"""


THREADS_OF_A_SERVICE = 5
"""The event loop, the answers to the first process, and what seals, counts and delivers."""


@contextmanager
def serving(folder: Path, url: str, workers: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service as a process of its own, and where it answers."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    arguments = [sys.executable, program, url, str(folder), str(free_port()), str(workers)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that serve, as the system knows them."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in listed if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


def is_serving(pid: int) -> bool:
    """Whether a worker has begun what it does behind its requests; until then it does not answer the first one either,
    which waits for a minute before it takes a worker for dead."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())) >= THREADS_OF_A_SERVICE


def health_of(url: str) -> int:
    try:
        return httpx.get(f"{url}health", timeout=60, trust_env=False).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_process_answers_where_it_says_and_ends_with_0(
    database_url: str, tmp_path: Path, ending: int, workers: int
) -> None:
    with serving(tmp_path, database_url, workers) as (process, url):
        until(lambda: health_of(url) == 200)
        process.send_signal(ending)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert '"route": "/health"' in errors


def test_a_worker_that_dies_is_replaced_and_none_outlives_the_first(database_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url, 2) as (process, url):
        until(lambda: len(workers_of(process)) == 2 and all(map(is_serving, workers_of(process))))
        assert health_of(url) == 200
        before = set(workers_of(process))
        for pid in before:
            os.kill(pid, signal.SIGSTOP)  # asked whether it lives, it does not say
        time.sleep(2)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        told = HOW["timeout_worker_healthcheck"]  # to wait for that would be to take the dead for slow
        until(lambda: len(set(workers_of(process)) - before) == 2 and health_of(url) == 200, within_s=told - 5)
        after = workers_of(process)
        process.kill()
        process.wait()
        until(lambda: not any(is_running(pid) for pid in after))


def test_a_port_that_is_taken_is_a_setting_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(database_url="postgresql://x@127.0.0.1:1/x", home=tmp_path, port=taken.getsockname()[1])
        with pytest.raises(SettingError, match="ADDRESSBOOK_PORT"):
            serve(settings)
