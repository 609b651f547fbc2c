"""The page behind the link of a letter about a receipt: what is recorded, and to object to it. It works
without a token and without a script."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.services.disputing import LONGEST_WORDS
from perks_engine.services.receipt_links import LINK_PATH
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.forms import FORM, fields_of, invalid, kind_of_body
from perks_engine.web.link_pages import PRIVATE_HEADERS, wants_page
from perks_engine.web.pages.shell import show
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_disputes import Objection
from perks_engine.web.values import STORABLE, StorableText

links = APIRouter(
    prefix=LINK_PATH,
    tags=["disputes"],
    responses={status: answer for status, answer in RESPONSES.items() if status not in (401, 403)},
)
LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]
_NOT_NOW: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "Nothing is recorded as received"}
}
_BOTH: dict[int | str, dict[str, Any]] = {
    200: {"description": "What is recorded", "content": {"text/html": {}}}
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Objection.model_json_schema()},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string", "maxLength": LONGEST_WORDS, "pattern": STORABLE}
                    },
                    "additionalProperties": False,
                }
            },
        },
    }
}


class Receipt(BaseModel):
    claim: str
    brand: str
    item: str
    state: str = Field(description="`received`, `disputed` (and not settled yet) or `not_received`")
    received_at: datetime | None = None
    evidence: str | None = Field(None, description="what the receipt rests on")
    dispute: str | None = None


@links.get("/{link}", response_model=Receipt, response_model_exclude_none=True, responses=_BOTH)
def look_at_a_receipt_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """What is recorded. Looking changes nothing: programs that scan mail look, too."""
    return _shown(engine, request, link, engine.objecting.look(link))


@links.post(
    "/{link}",
    response_model=Receipt,
    response_model_exclude_none=True,
    responses=_BOTH | _NOT_NOW,
    openapi_extra=_BODY,
)
async def object_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Object to it: a dispute is opened, as the person would signed in. One that is open stays as it is."""
    words = await _words_in(request)

    def object_to_it() -> Response:
        if not words.strip() and wants_page(request):
            return _shown(engine, request, link, engine.objecting.look(link), missing=True)
        return _shown(engine, request, link, engine.objecting.object(link, words))

    return await run_in_threadpool(object_to_it)


async def _words_in(request: Request) -> str:
    """Empty where somebody sent the form without a word; raises `InvalidInputError`."""
    try:
        if kind_of_body(request) != FORM:
            return Objection.model_validate_json(await request.body()).text
        given = await fields_of(request, "text")
        return Objection.model_validate(given).text if given["text"].strip() else ""
    except ValidationError as error:
        raise invalid(error) from error


def _shown(engine: Engine, request: Request, link: str, found: View, missing: bool = False) -> Response:
    if not wants_page(request):
        return JSONResponse(found, headers=PRIVATE_HEADERS)
    values = found | {"at": f"{LINK_PATH}/{link}", "longest": LONGEST_WORDS, "missing": missing}
    person = engine.objecting.reader(link)
    return show(engine, request, "links/receipt", values, person=person, status=422 if missing else 200)
