"""Where a process that serves nothing else shows what it counts: `perks worker` to Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from perks_engine.bootstrap import Application
from perks_engine.bootstrap.metrics import CONTENT_TYPE, may_read

LAST_PORT = 65_535


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
        del format, args


@contextmanager
def metrics_shown(engine: Application) -> Generator[str]:
    """Shown at PERKS_METRICS_LISTEN for as long as the block lasts, to who sends PERKS_METRICS_TOKEN; the
    address, empty where none is named. Raises `ValueError` for an address that is none."""
    where = engine.settings.metrics_listen
    if not where:
        yield ""
        return
    host, _, port = where.rpartition(":")
    if not host or not port.isdecimal() or int(port) > LAST_PORT:
        raise ValueError("PERKS_METRICS_LISTEN names no address; write it such as 127.0.0.1:9464")

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        sent = str(environ.get("HTTP_AUTHORIZATION", ""))
        if environ.get("PATH_INFO") != "/metrics" or not engine.settings.metrics_token:
            start("404 Not Found", [("Content-Length", "0")])
            return []
        if not may_read(engine.settings.metrics_token, sent):
            start("401 Unauthorized", [("Content-Length", "0"), ("WWW-Authenticate", "Bearer")])
            return []
        start("200 OK", [("Content-Type", CONTENT_TYPE)])
        return [engine.metrics.text()]

    with make_server(host.strip("[]"), int(port), answer, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}/metrics"
        finally:
            server.shutdown()
            thread.join(10)
