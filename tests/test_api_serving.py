"""The service as a process: it says where it listens, ends cleanly, and names a port that is taken."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from addressbook.config import Settings
from addressbook.errors import SettingError
from api import serve

PROGRAM = """
import sys
from addressbook.config import Settings
from api import serve
url, home, port = sys.argv[1:]
serve(Settings(database_url=url, home=home, port=port), announce=lambda url: print(url, flush=True))
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_process_answers_where_it_says_and_ends_with_0(database_url: str, tmp_path: Path, ending: int) -> None:
    arguments = [sys.executable, "-c", PROGRAM, database_url, str(tmp_path), str(free_port())]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = httpx.get(f"{url}health", timeout=60, trust_env=False)
        process.send_signal(ending)
        _, errors = process.communicate(timeout=60)
    assert answer.status_code == 200
    assert process.returncode == 0, errors
    assert '"route": "/health"' in errors


def test_a_port_that_is_taken_is_a_setting_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(database_url="postgresql://x@127.0.0.1:1/x", home=tmp_path, port=taken.getsockname()[1])
        with pytest.raises(SettingError, match="ADDRESSBOOK_PORT"):
            serve(settings)
