"""Limits on what a request may bring, before anything reads it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyTooLargeError(Exception):
    """More came than may come; stops whoever reads on."""


class BodyTooSlowError(Exception):
    """The body takes longer than it may; stops whoever waits for it."""


class BodyLimit:
    """Refuses a body beyond `max_bytes` with 413, also one that does not say how long it is, and one that has
    not arrived after `seconds` with 408.

    `larger` are the limits of paths that match a pattern as a whole.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        seconds: float,
        larger: Mapping[re.Pattern[str], int] | None = None,
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.seconds = seconds
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
            await _too_large(send, most)
            return
        received = 0
        refused = is_whole = is_late = False
        until = asyncio.get_running_loop().time() + self.seconds

        async def counted() -> Message:
            nonlocal received, is_whole, is_late
            try:
                # What comes after the body is only that the client went away.
                async with asyncio.timeout_at(None if is_whole else until):
                    message = await receive()
            except TimeoutError as error:
                is_late = True
                raise BodyTooSlowError from error
            is_whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > most:
                raise BodyTooLargeError
            return message

        async def watched(message: Message) -> None:
            """Whatever the application makes of a body that was cut off, the answer is 413 or 408."""
            nonlocal refused
            if received <= most and not is_late:
                await send(message)
            elif not refused:
                refused = True
                await (_too_slow(send, self.seconds) if is_late else _too_large(send, most))

        try:
            await self.app(scope, counted, watched)
        except (BodyTooLargeError, BodyTooSlowError):
            if not refused:
                await (_too_slow(send, self.seconds) if is_late else _too_large(send, most))


async def _too_large(send: Send, most: int) -> None:
    detail = f"a body has at most {most:,} bytes"
    await refuse(send, 413, "The request body is too large", "body.too_large", detail)


async def _too_slow(send: Send, seconds: float) -> None:
    detail = f"the body was not here after {seconds:g} s, and nothing was done; send it again as a whole"
    await refuse(send, 408, "The request body came too slowly", "body.too_slow", detail)


async def refuse(
    send: Send,
    status: int,
    title: str,
    code: str,
    detail: str,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """A problem detail, before the application is asked."""
    problem = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
