"""Running the service: one process, structured logs, a clean end."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

import structlog
import uvicorn
from structlog.tracebacks import ExceptionDictTransformer

from addressbook.config import Settings
from addressbook.errors import SettingError
from api.app import create_app
from api.files import Files

BACKLOG = 1024


def serve(settings: Settings, files: Files | None = None, *, announce: Callable[[str], None] | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM, finish what is under way, and return.

    `announce` is called with the service's URL once connections are accepted. Raises SettingError when the port is
    taken, ClusterError or DatabaseError when there is no database.
    """
    listening = _listen(settings)
    log_to_stderr(settings.log_level)
    app = create_app(settings, files)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=10)
    if announce is not None:
        announce(f"http://{settings.host}:{listening.getsockname()[1]}/")
    # uvicorn raises the signal again once it has shut down; as KeyboardInterrupt either one ends here.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()


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
