"""Methods of HTTP that no route declares: HEAD is GET without the body, and 405 names what is allowed."""

from __future__ import annotations

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from perks_engine.web.access_rules import RULES, WITHOUT_CREDENTIAL

_ROUTES = (*RULES, *WITHOUT_CREDENTIAL)
IS_HEAD = "perks_engine.is_head"
"""In the scope of a request that came as HEAD, for the routes whose GET leaves a trace."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class HeadIsGet:
    """Answers HEAD as GET; the server leaves the body out, as it does for any HEAD (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self.app({**scope, "method": "GET", IS_HEAD: True} if is_head else scope, receive, send)


def allowed_methods(routes: list[BaseRoute], scope: Scope) -> list[str]:
    """The methods that the path of this request answers, by all of its routes together. Where routes are
    called by this very path, by those alone: `/v1/statements/requests` is no link of `/v1/statements/{link}`.
    """
    named = {route.partition(" ")[0] for route in _ROUTES if route.endswith(f" {scope['path']}")}

    def answers(method: str) -> bool:
        asked = {**scope, "method": "GET" if method == "HEAD" else method}
        if named:
            return asked["method"] in named
        return any(route.matches(asked)[0] is Match.FULL for route in routes)

    return [method for method in METHODS if answers(method)]
