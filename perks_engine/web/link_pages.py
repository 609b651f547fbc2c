"""What a browser is told that asks a route of the API, and documents that it may keep as one file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from perks_engine.bootstrap import Application
from perks_engine.web.page_languages import language_for

PRIVATE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Language, Cookie",
}
LONGEST_AGENT = 300
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def document(
    engine: Application,
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    person: str | None = None,
    language: str = "",
) -> HTMLResponse:
    """`templates/reports/NAME.html.j2`: one file, which can be kept and read without this engine. `person` is
    who reads it, where that is known; `language` goes before theirs."""
    spoken = language or language_for(engine, request, person)
    text = engine.rules.renderer.page(name, values, language=spoken)
    told = {"Content-Security-Policy": _policy(text), "Content-Language": spoken}
    return HTMLResponse(text, headers=PRIVATE_HEADERS | told)


def _policy(text: str) -> str:
    """Nothing but the styles that stand in it, by their hashes."""
    hashes = (
        base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in _STYLE.findall(text)
    )
    styles = " ".join(f"'sha256-{one}'" for one in hashes)
    return f"default-src 'none'; style-src {styles}; base-uri 'none'; frame-ancestors 'none'"


class Form(StrEnum):
    JSON = "json"
    HTML = "html"


AsForm = Annotated[Form | None, Query(alias="format", description="else what the Accept header asks for")]


def wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def is_page(request: Request, form: Form | None) -> bool:
    return form is Form.HTML or (form is None and wants_page(request))


def told(
    engine: Application,
    request: Request,
    form: Form | None,
    name: str,
    view: Mapping[str, Any],
    person: str | None = None,
    language: str = "",
) -> Response:
    """As JSON, or as the document of that name."""
    if is_page(request, form):
        return document(engine, request, name, view, person=person, language=language)
    return JSONResponse(view, headers=PRIVATE_HEADERS)


def origin_of(request: Request) -> str:
    """From where something was said: the client's address and what it calls itself."""
    address = request.client.host if request.client else "an unknown address"
    agent = "".join(sign for sign in request.headers.get("user-agent", "") if sign.isprintable())
    return f"{address}, {agent[:LONGEST_AGENT]}" if agent else address
