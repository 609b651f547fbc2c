"""What every answer says to a browser: nothing is guessed, framed, or run that no page of this engine is."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""What an answer does not say itself. A page has a policy of its own."""
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000")


class SafeHeaders:
    """Adds them. `over_tls` where the service is reached by https alone (RFC 6797)."""

    def __init__(self, app: ASGIApp, over_tls: bool) -> None:
        self.app = app
        self.headers: Sequence[tuple[bytes, bytes]] = (*_ALWAYS, _OVER_TLS) if over_tls else _ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                more = [one for one in self.headers if one[0] not in said]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        await self.app(scope, receive, told)
