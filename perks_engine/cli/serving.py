"""Serving: the address is taken before anything else is done, so that one in use is told at once."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from perks_engine.bootstrap.logs import log_settings
from perks_engine.bootstrap.metrics import SHARED
from perks_engine.cli.fair_listener import BACKLOG, FairListener
from perks_engine.cli.output import DONE, fail
from perks_engine.web.app import create_app

APP = "perks_engine.cli.serving:lasting_app"
ONE_AT_A_TIME = 1
STARTING_S = 60
"""A process that does not answer for so long is begun anew. One that starts answers late on a busy machine,
and would never come to it were it ended before."""


YOUNG = 20_000
"""Objects that are made, and not let go of, before a process looks for garbage among them; Python's own 700
is reached several times within each request."""


def lasting_app() -> FastAPI:
    """The application of a process of the server."""
    app = create_app()
    settle()
    return app


def settle() -> None:
    """What was made to start this process stays as long as it does, and is not looked through for garbage
    again: that would take some tenths of a second, while requests wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def listen(host: str, port: int, as_json: bool = False) -> socket.socket:
    """A socket that listens on the address, on a free port for 0. Where it cannot, the command fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
        # Asyncio does this only for sockets that it makes itself. Without it each answer on a connection that
        # is kept waits 40 ms for the client to say that its head has arrived.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            cause = f"port {port} of {host} is in use already; name another with --port"
            fail(f"{cause}, or a free one with --port 0", as_json, "port.taken")
        cause = (error.strerror or str(error)).partition(" (while")[0]
        fail(f"cannot listen on port {port} of {host}: {cause}; name another address", as_json, "port")


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def shared_counts() -> Generator[None]:
    """A folder in which the processes of this server count together, for as long as the block lasts."""
    with TemporaryDirectory(prefix="perks-metrics-") as folder:
        before = os.environ.get(SHARED)
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            os.environ.pop(SHARED)
            if before is not None:
                os.environ[SHARED] = before


class Processes(Multiprocess):
    """Where they are told to end, nothing waits any more at a listener that none of them looks at: it would
    hang until the last had ended what it was at."""

    def terminate_all(self) -> None:
        super().terminate_all()
        for listener in self.sockets:
            listener.close()


def run_processes(config: uvicorn.Config, listener: socket.socket) -> None:
    """Serve by the processes of `config`, which share the listener; it is closed with them."""
    config.backlog = ONE_AT_A_TIME
    with FairListener(listener.family, listener.type, listener.proto, listener.detach()) as fair:
        fair.set_inheritable(True)
        fair.begin_counting()
        Processes(config, sockets=[fair]).run()


def run_server(
    listener: socket.socket,
    workers: int = 1,
    log_level: str = "info",
    log_format: str = "auto",
    only_json: bool = False,
    drain_s: int = 30,
    app: str | Callable[[], FastAPI] = APP,
) -> None:
    """Serve the engine that the environment describes until a signal comes: then nothing new is taken, and
    what was begun has `drain_s` seconds to end. Log lines go to standard error. `app` makes what is served;
    for several workers it is a name."""
    config = uvicorn.Config(
        app,
        factory=True,
        workers=workers,
        server_header=False,
        log_config=log_settings(log_level, log_format),
        access_log=False,
        timeout_worker_healthcheck=STARTING_S,
        backlog=BACKLOG,
        timeout_graceful_shutdown=drain_s,
    )
    # Uvicorn ends by the signal that stopped it; to have ended all that was begun is no failure.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(DONE))
    if workers > 1:
        run_processes(config, listener)
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run([listener])
    if not server.started:
        fail("the server did not start; what it logged says why", only_json, "server")
