"""Limits on what a request may bring, before anything reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(Exception):
    """More came than may come; stops whoever reads on."""


class BodyLimit:
    """Refuses a body beyond `max_bytes` with 413, also one that does not say how long it is.

    `larger` are the limits of paths that match a pattern as a whole.
    """

    def __init__(
        self, app: ASGIApp, max_bytes: int, larger: Mapping[re.Pattern[str], int] | None = None
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.larger = larger or {}

    def _limit(self, path: str) -> int:
        found = (limit for pattern, limit in self.larger.items() if pattern.fullmatch(path))
        return max(self.max_bytes, next(found, 0))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._limit(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await self._refuse(send, most)
            return
        received = 0
        refused = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > most:
                raise BodyTooLargeError
            return message

        async def watched(message: Message) -> None:
            """Whatever the application makes of a body that was cut off, the answer is 413."""
            nonlocal refused
            if received <= most:
                await send(message)
            elif not refused:
                refused = True
                await self._refuse(send, most)

        try:
            await self.app(scope, counted, watched)
        except BodyTooLargeError:
            if not refused:
                await self._refuse(send, most)

    async def _refuse(self, send: Send, most: int) -> None:
        problem = {
            "type": "/problems/body.too_large",
            "title": "The request body is too large",
            "status": 413,
            "detail": f"a body has at most {most:,} bytes",
            "code": "body.too_large",
        }
        body = json.dumps(problem).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
