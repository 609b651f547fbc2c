"""Serving: the address is taken before anything else is done, so that one in use is told at once."""

from __future__ import annotations

import copy
import errno
import socket
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.config import LOGGING_CONFIG
from uvicorn.supervisors import Multiprocess

from perks_engine.cli.output import fail

APP = "perks_engine.web.app:create_app"
BACKLOG = 2048


def listen(host: str, port: int, as_json: bool = False) -> socket.socket:
    """A socket that listens on the address, on a free port for 0. Where it cannot, the command fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            cause = f"port {port} of {host} is in use already; name another with --port"
            fail(f"{cause}, or a free one with --port 0", as_json, "port.taken")
        cause = (error.strerror or str(error)).partition(" (while")[0]
        fail(f"cannot listen on port {port} of {host}: {cause}; name another address", as_json, "port")


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def log_settings(only_json: bool) -> dict[str, Any]:
    """Uvicorn's, with a log of requests that names nobody."""
    settings: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    settings["filters"] = {"names_nobody": {"()": "perks_engine.web.request_log.NamesNobody"}}
    settings["handlers"]["access"]["filters"] = ["names_nobody"]
    if only_json:
        settings["handlers"]["access"]["stream"] = "ext://sys.stderr"
    return settings


def run_server(
    listener: socket.socket, workers: int = 1, log_level: str | None = None, only_json: bool = False
) -> None:
    """Serve the engine that the environment describes until a signal comes. With `only_json` standard
    output is left alone: the log of requests goes where the other log lines go."""
    config = uvicorn.Config(
        APP,
        factory=True,
        workers=workers,
        server_header=False,
        log_level=log_level,
        log_config=log_settings(only_json),
        backlog=BACKLOG,
    )
    if workers > 1:
        listener.set_inheritable(True)
        Multiprocess(config, sockets=[listener]).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run([listener])
    if not server.started:
        fail("the server did not start; what it logged says why", only_json, "server")
