"""What pages behind links in letters have alike: nobody keeps, frames or passes them on."""

from __future__ import annotations

from fastapi import Request

PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept",
}
PAGE_HEADERS = PRIVATE_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'"
}
LONGEST_AGENT = 300


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def origin_of(request: Request) -> str:
    """From where something was said: the client's address and what it calls itself."""
    address = request.client.host if request.client else "an unknown address"
    agent = "".join(sign for sign in request.headers.get("user-agent", "") if sign.isprintable())
    return f"{address}, {agent[:LONGEST_AGENT]}" if agent else address
