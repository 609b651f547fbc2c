"""What is refused around the routes (too much, too often, too slow, the log of staff), told as a page where a
browser asks for one."""

from __future__ import annotations

import json

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perks_engine.web.pages.states import is_for_pages, state

_PROBLEM = b"application/problem+json"
_KEPT = (b"retry-after", b"ratelimit", b"ratelimit-policy")


class RefusedOnPages:
    """Around what refuses without asking the application; what the application refuses is a page already.
    Nothing is looked up for it, for who asks too often must not cost more than who does not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_for_pages(Request(scope)):
            await self.app(scope, receive, send)
            return
        head: Message | None = None
        body = b""

        async def told(message: Message) -> None:
            nonlocal head, body
            if message["type"] == "http.response.start" and _is_problem(message):
                head = message
            elif head is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    await _page(scope, head, body)(scope, receive, send)

        await self.app(scope, receive, told)


def _is_problem(head: Message) -> bool:
    return (b"content-type", _PROBLEM) in head["headers"]


def _page(scope: Scope, head: Message, body: bytes) -> ASGIApp:
    problem = json.loads(body)
    shown = state(Request(scope), head["status"], problem["code"], problem["detail"], is_looked_up=False)
    shown.raw_headers.extend(one for one in head["headers"] if one[0] in _KEPT)
    return shown
