"""What pages behind links in letters have alike: nobody keeps, frames or passes them on, and each is in the
language of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from perks_engine.bootstrap import Application
from perks_engine.web.page_languages import language_for

PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Language",
}
PAGE_HEADERS = PRIVATE_HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'"
}
LONGEST_AGENT = 300


def page(
    engine: Application,
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    person: str | None = None,
    language: str = "",
    status: int = 200,
    headers: Mapping[str, str] = PAGE_HEADERS,
) -> HTMLResponse:
    """`person` is who reads it, where that is known; `language` goes before theirs."""
    spoken = language or language_for(engine, request, person)
    text = engine.rules.renderer.page(name, values, language=spoken)
    return HTMLResponse(text, status, {**headers, "Content-Language": spoken})


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def origin_of(request: Request) -> str:
    """From where something was said: the client's address and what it calls itself."""
    address = request.client.host if request.client else "an unknown address"
    agent = "".join(sign for sign in request.headers.get("user-agent", "") if sign.isprintable())
    return f"{address}, {agent[:LONGEST_AGENT]}" if agent else address
