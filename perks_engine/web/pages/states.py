"""The pages in place of one that cannot be shown: not signed in, not allowed, not there, not possible now,
broken. Each says what is so and where to go on."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from perks_engine.domain.phrase import Phrase, said
from perks_engine.web.link_pages import wants_page
from perks_engine.web.pages.shell import show

_API = ("/v1/", "/problems", "/docs", "/openapi.json", "/metrics", "/healthz", "/readyz", "/static/")
_WORDS: Mapping[int, tuple[str, str]] = {
    403: (
        said("This is not yours to open"),
        said("You are signed in, and your role does not reach this page."),
    ),
    404: (said("There is nothing here"), said("It may have moved, or the address is not whole.")),
    405: (
        said("That cannot be done here"),
        said("Go back to the page that you came from, and try it there."),
    ),
    408: (
        said("That took too long"),
        said("It did not arrive as a whole, and nothing was done. Go back, and send it again."),
    ),
    409: (said("That is not possible now"), said("Something else stands in the way; it is said below.")),
    410: (said("Your record was erased"), said("Nothing is on record about you any more.")),
    413: (said("That was too much at once"), said("Send less, or a smaller file.")),
    422: (said("That could not be used"), said("Go back, mend what is said below, and send it again.")),
    429: (said("That was too often"), said("Wait a minute, then try again.")),
    503: (said("We are busy"), said("Nothing was done. Try again in a moment.")),
}
_BROKEN = (said("Something is broken here"), said("It was logged. Try again later."))
_OF_CODES: Mapping[str, tuple[str, str]] = {
    "access.csrf": (
        said("This form is not good any more"),
        said("Nothing was done. Go back, load the page anew, and send the form again."),
    ),
    "staff_log.unavailable": (
        said("It could not be written down"),
        said(
            "What you asked for may be done already, but the log of staff could not be written. Wait a "
            "moment and look, before you do it again."
        ),
    ),
}


def is_for_pages(request: Request) -> bool:
    """Whether an error is told as a page: a browser asks, and not for a route of the API."""
    return wants_page(request) and not request.url.path.startswith(_API)


def state(
    request: Request,
    status: int,
    code: str = "",
    detail: str | Phrase = "",
    *,
    is_looked_up: bool = True,
) -> HTMLResponse:
    """`detail` is in English where it is no phrase, as errors of the API are. Who reads it is not looked up
    where something is broken, nor where the caller says so."""
    title, words = _OF_CODES.get(code) or _WORDS.get(status, _BROKEN)
    shows = detail if status in (409, 422) else ""
    values = {"title": title, "words": words, "detail": shows, "code": code}
    values |= {"go": "/", "go_words": said("To the beginning")}
    return show(
        request.app.state.engine,
        request,
        "state",
        values,
        status=status,
        is_looked_up=is_looked_up and status < 500,
    )


def sign_in_first(_request: Request, _error: Exception) -> Response:
    return RedirectResponse("/sign-in", 303, {"Cache-Control": "private, no-store"})
