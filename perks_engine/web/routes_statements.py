"""Statements for anybody: asked for by an address, given to whoever holds the link that was sent there.

No token is needed. The answer to who asks is the same whether or not anybody is known under the address.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.domain.statements import LONGEST_ADDRESS
from perks_engine.exports.statement_files import statement_json
from perks_engine.services.disputing import LONGEST_WORDS
from perks_engine.web import models
from perks_engine.web.callers import Engine, Key
from perks_engine.web.link_pages import PRIVATE_HEADERS, wants_page
from perks_engine.web.page_languages import language_for
from perks_engine.web.pages.shell import show
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_disputes import Dispute
from perks_engine.web.values import StorableText

_OPEN = {status: answer for status, answer in RESPONSES.items() if status not in (401, 403)}
router = APIRouter(prefix="/v1/statements", tags=["statements"], responses=_OPEN)
_USED: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "The link was used"}}

LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]


class Asked(models.Body):
    address: StorableText = Field(
        min_length=1, max_length=LONGEST_ADDRESS, description="an e-mail address, or a handle"
    )


class Accepted(BaseModel):
    detail: str


class LinkState(BaseModel):
    expires_at: datetime
    used_at: datetime | None
    how: str


class Objection(models.Body):
    claim: StorableText = Field(min_length=1, max_length=80, description="as the statement names it")
    text: StorableText = Field(min_length=1, max_length=LONGEST_WORDS, description="what is wrong about it")


class StatementFormat(StrEnum):
    JSON = "json"
    PDF = "pdf"


_ACCEPTED = {
    "detail": "If letters can be sent to this address, or to the one held for this handle, a link is on its "
    "way there. It is good for one statement, within 24 hours. At most three letters a day go to one mailbox."
}


@router.post("/requests", status_code=202, response_model=Accepted)
def ask_for_a_statement(body: Asked, engine: Engine) -> Any:
    """Ask for a statement about an e-mail address or a handle. It goes to that address alone, and to nobody
    who cannot read its mail; a stranger gets one that says so."""
    engine.statement_requests.ask(body.address)
    return JSONResponse(_ACCEPTED, 202)


@router.get(
    "/{link}",
    response_model=LinkState,
    responses={200: {"description": "What it is good for", "content": {"text/html": {}}}},
)
def look_at_a_statement_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """What a link is good for; a browser gets the buttons that use it. Looking uses nothing up: programs that
    scan mail look at links, too."""
    found = engine.statement_requests.look(link)
    if wants_page(request):
        return show(engine, request, "links/statement", found)
    return JSONResponse(found, headers=PRIVATE_HEADERS)


@router.post(
    "/{link}",
    response_class=Response,
    responses={
        **_USED,
        200: {"description": "The statement", "content": {"application/json": {}, "application/pdf": {}}},
    },
)
def take_the_statement(
    link: LinkText,
    engine: Engine,
    request: Request,
    format: Annotated[StatementFormat, Query()] = StatementFormat.PDF,  # noqa: A002
) -> Response:
    """The statement, once. Both forms hold the same: a PDF carries the JSON within it."""
    statement = engine.statement_requests.redeem(link)
    spoken = language_for(engine, request, engine.statement_requests.reader(statement.subject))
    is_pdf = format is StatementFormat.PDF
    if is_pdf:
        data = engine.statement_document(statement, spoken)
    else:
        data = statement_json(statement).encode()
    headers = PRIVATE_HEADERS | {"Content-Disposition": f'attachment; filename="statement.{format.value}"'}
    return Response(data, media_type="application/pdf" if is_pdf else "application/json", headers=headers)


@router.post(
    "/{link}/disputes",
    status_code=201,
    response_model=Dispute,
    response_model_exclude_none=True,
    responses={409: {"model": Problem, "description": "Not possible now"}},
)
def dispute_by_link(link: LinkText, body: Objection, engine: Engine, key: Key) -> Any:
    """Object to a line of your statement, without an account, for as long as its link lives."""
    return JSONResponse(dict(engine.statement_requests.dispute(link, body.claim, body.text, key)), 201)
