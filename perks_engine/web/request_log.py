"""One log line for each request, its time, and its trace: by the route, never by the path, so that ids of
people, links of letters and tokens that somebody put into an address stay out of them."""

from __future__ import annotations

import logging
import re
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perks_engine.bootstrap import Application
from perks_engine.bootstrap.logs import new_request_id, noting
from perks_engine.web.methods import IS_HEAD, METHODS

log = logging.getLogger(__name__)
HEADER = b"x-request-id"
REQUEST_ID = "perks_engine.request_id"
"""In the state of a request."""
_ID = re.compile(rb"[0-9a-f-]{16,64}")
"""Ids that others made, such as a balancer's: nothing that could be somebody's name."""
NO_ROUTE = "(none)"
QUIET = frozenset({"/healthz", "/readyz", "/metrics", "/metrics/database"})
"""Asked every few seconds; they are logged where they fail, and else with the level `debug`."""


class RequestLog:
    """Below `HeadIsGet`, for the route that answers stands in the scope that is handed down."""

    def __init__(self, app: ASGIApp, engine: Application) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(HEADER, b"")
        request_id = given.decode() if _ID.fullmatch(given) else new_request_id()
        scope.setdefault("state", {})[REQUEST_ID] = request_id
        began, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                message = {**message, "headers": [*message["headers"], (HEADER, request_id.encode())]}
            await send(message)

        with noting(request_id=request_id) as noted, self.engine.tracing.request(scope) as span:
            try:
                await self.app(scope, receive, watched)
            except Exception:
                log.exception("the request failed")
                raise
            finally:
                route, method = route_of(scope), method_of(scope)
                seconds = perf_counter() - began
                span.ended(f"{method} {route}", status, request_id)
                self.engine.metrics.requested(method, route, status, seconds)
                told = {"method": method, "route": route, "status": status} | noted
                told |= {"duration_ms": round(seconds * 1_000, 1)}
                level = logging.DEBUG if route in QUIET and status < 400 else logging.INFO
                if log.isEnabledFor(level):
                    # Made here, for logging would look for the line of code that it comes from.
                    log.handle(
                        log.makeRecord(log.name, level, "", 0, "request", (), None, extra={"told": told})
                    )


def route_of(scope: Scope) -> str:
    """`/v1/people/{person}/record`: the template of the route that answered, if one did."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", NO_ROUTE))


def method_of(scope: Scope) -> str:
    if scope.get(IS_HEAD):
        return "HEAD"
    return str(scope["method"]) if scope["method"] in METHODS else "OTHER"
