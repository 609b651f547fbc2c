"""To stop letters by the link under one of them: a POST without any sign-in (RFC 8058)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.services.errors import NotFoundError
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.link_pages import PRIVATE_HEADERS, origin_of, wants_page
from perks_engine.web.pages.shell import show
from perks_engine.web.problems import RESPONSES
from perks_engine.web.values import StorableText

router = APIRouter(
    prefix="/v1/unsubscribe",
    tags=["messages"],
    responses={status: answer for status, answer in RESPONSES.items() if status not in (401, 403)},
)

LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]


class Unsubscription(BaseModel):
    title: str = Field(description="what the letters are about")
    state: str = Field(description="`sent`: such letters are sent; `ended`: they are not")
    others: bool = Field(description="whether the person gets letters of other kinds beside answers")


@router.get(
    "/{link}",
    response_model=Unsubscription,
    responses={200: {"description": "What it ends", "content": {"text/html": {}}}},
)
def look_at_unsubscribing(link: LinkText, engine: Engine, request: Request) -> Response:
    """What the link ends; a browser gets the button that does. Looking changes nothing: programs that scan
    mail look at links, too."""
    if not wants_page(request):
        return JSONResponse(engine.unsubscribing.look(link), headers=PRIVATE_HEADERS)
    try:
        return _page(engine, request, link, engine.unsubscribing.look(link))
    except NotFoundError:
        return _page(engine, request, link, None)


@router.post(
    "/{link}",
    response_model=Unsubscription,
    responses={200: {"description": "Ended", "content": {"text/html": {}}}},
)
def unsubscribe(
    link: LinkText,
    engine: Engine,
    request: Request,
    everything: Annotated[bool, Query(description="end all that is not an answer, too")] = False,
) -> Response:
    """End these letters, before the next one is sent. Neither token nor cookie is needed, and what the body
    says does not matter: mail programs post `List-Unsubscribe=One-Click`."""
    if not wants_page(request):
        ended = engine.unsubscribing.unsubscribe(link, origin_of(request), everything)
        return JSONResponse(ended, headers=PRIVATE_HEADERS)
    try:
        ended = engine.unsubscribing.unsubscribe(link, origin_of(request), everything)
        return _page(engine, request, link, ended)
    except NotFoundError:
        return _page(engine, request, link, None)


def _page(engine: Engine, request: Request, link: str, found: View | None) -> HTMLResponse:
    """A page for whoever follows a link; for one that is not whole, too, which tells nothing of anybody."""
    values = found or {"title": "", "state": "unknown", "others": False}
    person = engine.unsubscribing.reader(link) if found else None
    return show(engine, request, "links/unsubscribe", values, person=person, status=200 if found else 404)
