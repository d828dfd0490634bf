"""Running the service: one process or several, structured logs, a clean end."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

import structlog
import uvicorn
from fastapi import FastAPI
from structlog.tracebacks import ExceptionDictTransformer
from uvicorn.supervisors import Multiprocess

from addressbook.config import Settings
from addressbook.errors import SettingError
from addressbook.processes import end_with
from addressbook.store.cluster import database_url
from api.app import create_app
from api.connections import Connection
from api.files import Files

BACKLOG = 1024
SILENT_MS = 120_000
"""A connection that takes nothing for so long is ended by the system."""
HOW: dict[str, Any] = {
    "http": Connection, "log_config": None, "access_log": False, "server_header": False,
    "timeout_graceful_shutdown": 10,
    "timeout_worker_healthcheck": 60,  # a worker answers for itself only once its libraries are loaded
}  # fmt: skip
YOUNG_OBJECTS = 50_000
"""So many new objects before a look for cycles among them: an answer is some thousands, and holds none."""
MakeFiles = Callable[[], Files]
"""Makes what reads and writes files; a function of a module, for each process makes its own."""


def serve(
    settings: Settings, make_files: MakeFiles | None = None, *, announce: Callable[[str], None] | None = None
) -> None:
    """Serve until Ctrl-C or SIGTERM, finish what is under way, and return.

    `announce` is called with the service's URL once connections are accepted. Raises SettingError when the port is
    taken, ClusterError or DatabaseError when there is no database.
    """
    with _listen(settings) as listening:
        log_to_stderr(settings.log_level)
        run = (
            _several(settings, make_files, listening) if settings.workers > 1 else _one(settings, make_files, listening)
        )
        if announce is not None:
            announce(f"http://{settings.host}:{listening.getsockname()[1]}/")
        with suppress(KeyboardInterrupt):
            run()


def _one(settings: Settings, make_files: MakeFiles | None, listening: socket.socket) -> Callable[[], None]:
    gc.set_threshold(YOUNG_OBJECTS)
    app = create_app(settings, make_files() if make_files else None)
    # uvicorn raises the signal again once it has shut down; as KeyboardInterrupt either one ends in `serve`.
    signal.signal(signal.SIGTERM, _interrupt)
    return partial(uvicorn.Server(uvicorn.Config(app, **HOW)).run, [listening])


def _several(settings: Settings, make_files: MakeFiles | None, listening: socket.socket) -> Callable[[], None]:
    """Processes that share the socket; one that dies is replaced, and none outlives this one."""
    database_url(settings)  # starts the private PostGIS, once for all of them
    made = partial(_in_a_worker, os.getpid(), settings, make_files)
    return _Workers(uvicorn.Config(made, factory=True, workers=settings.workers, **HOW), [listening]).run


class _Workers(Multiprocess):
    """Misses a worker at once that dies while it is asked whether it lives: this process keeps no copy of its end.

    With the worker's end open here as well nothing would end the wait for its answer but `timeout_worker_healthcheck`.
    """

    def init_processes(self) -> None:
        super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        super().keep_subprocess_alive()
        self._let_go()

    def _let_go(self) -> None:
        for worker in self.processes:
            worker.child_conn.close()


def _in_a_worker(parent: int, settings: Settings, make_files: MakeFiles | None) -> FastAPI:
    end_with(parent)
    gc.set_threshold(YOUNG_OBJECTS)
    log_to_stderr(settings.log_level)
    return create_app(settings, make_files() if make_files else None)


def log_to_stderr(level: str) -> None:
    """One JSON object a line on stderr. Tracebacks go without local variables: among those are keys and persons."""
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    logging.basicConfig(
        level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named TCP, or asyncio leaves Nagle's algorithm on: an answer of two writes then waits 40 ms for the client's ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it. Without it one whose client has stopped reading is kept, with what waits for it, for ever.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_MS)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as fault:
        listening.close()
        raise SettingError(
            f"cannot listen on {settings.host}:{settings.port}: {fault.strerror}.",
            zh=f"无法监听 {settings.host}:{settings.port}。",
            remedy="Stop what uses it, or set ADDRESSBOOK_PORT.",
        ) from None
    listening.listen(BACKLOG)
    return listening


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
