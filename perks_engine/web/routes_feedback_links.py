"""The page behind the link of a letter that asks for feedback: it works without a token and without a script.

What a browser sends comes as a form, what a program sends as JSON or as the bytes of a picture; the answer
to a browser is the page, with what was done.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from perks_engine.domain.phrase import said
from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.feedback import LINK_PATH, LONGEST_WORDS, Own
from perks_engine.web.callers import Engine
from perks_engine.web.forms import FORM, MULTIPART, fields_of, invalid, kind_of_body, unreadable
from perks_engine.web.link_pages import PRIVATE_HEADERS, origin_of, wants_page
from perks_engine.web.pages.shell import show
from perks_engine.web.pictures import PICTURE_ANSWER, PictureId, picture_response
from perks_engine.web.problems import RESPONSES
from perks_engine.web.routes_feedback import NOT_NOW, Answer, Feedback
from perks_engine.web.values import STORABLE, StorableText

links = APIRouter(
    prefix=LINK_PATH,
    tags=["feedback"],
    responses={status: answer for status, answer in RESPONSES.items() if status not in (401, 403)},
)
PICTURES = re.compile(rf"{LINK_PATH}/[^/]+/pictures")
"""Where a body may be as large as a picture and the form around it."""

LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]
_BOTH: dict[int | str, dict[str, Any]] = {
    200: {"description": "What is said now", "content": {"text/html": {}}}
}
_ANSWER_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "rating": {"type": "string", "enum": ["", "1", "2", "3", "4", "5"]},
                        "text": {"type": "string", "maxLength": LONGEST_WORDS, "pattern": STORABLE},
                    },
                    "additionalProperties": False,
                }
            },
        },
    }
}
_PICTURE_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {"picture": {"type": "string", "format": "binary"}},
                    "required": ["picture"],
                    "additionalProperties": False,
                }
            },
        },
    }
}


@links.get("/{link}", response_model=Feedback, responses=_BOTH)
def look_at_a_feedback_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """What is asked, and what I said so far. Looking changes nothing: programs that scan mail look, too."""
    return _shown(engine, engine.recipients.feedback.by_link(link), link, request, "")


@links.post("/{link}", response_model=Feedback, responses=_BOTH | NOT_NOW, openapi_extra=_ANSWER_BODY)
async def answer_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Answer, or change it: the whole answer as it is to be."""
    answer = await _answer_in(request)

    def say() -> Response:
        own = engine.recipients.feedback.by_link(link)
        engine.recipients.feedback.say(own, answer.rating, answer.text)
        return _shown(engine, own, link, request, said("Thank you, that is kept."))

    return await run_in_threadpool(say)


@links.post(
    "/{link}/pictures", response_model=Feedback, responses=_BOTH | NOT_NOW, openapi_extra=_PICTURE_BODY
)
async def give_a_picture_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Add a picture, as bytes or as the field `picture` of a form."""
    data = await _picture_in(request)

    def give() -> Response:
        own = engine.recipients.feedback.by_link(link)
        engine.recipients.feedback.give_picture(own, data)
        return _shown(engine, own, link, request, said("The picture is kept."))

    return await run_in_threadpool(give)


@links.get("/{link}/pictures/{picture}", response_class=Response, responses=PICTURE_ANSWER)
def take_a_picture_by_link(link: LinkText, picture: PictureId, engine: Engine) -> Response:
    """A picture that I gave, as it was kept."""
    own = engine.recipients.feedback.by_link(link)
    return picture_response(*engine.recipients.feedback.take_picture(own, picture))


@links.post("/{link}/pictures/{picture}/removal", response_model=Feedback, responses=_BOTH)
def remove_a_picture_by_link(
    link: LinkText, picture: PictureId, engine: Engine, request: Request
) -> Response:
    """Take a picture back: its bytes are deleted."""
    own = engine.recipients.feedback.by_link(link)
    engine.recipients.feedback.remove_picture(own, picture)
    return _shown(engine, own, link, request, said("The picture is deleted."))


@links.post("/{link}/withdrawal", response_model=Feedback, responses=_BOTH)
def take_back_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Take back all that I said, the pictures as well; always possible."""
    own = engine.recipients.feedback.by_link(link)
    engine.recipients.feedback.withdraw(own)
    return _shown(engine, own, link, request, said("All that you said is taken back."))


@links.post("/{link}/stop", response_model=Feedback, responses=_BOTH)
def stop_asking_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Never be asked for feedback again: effective at once."""
    own = engine.recipients.feedback.by_link(link)
    engine.recipients.feedback.stop(own, origin_of(request))
    return _shown(engine, own, link, request, said("You will not be asked for feedback again."))


def _shown(engine: Engine, own: Own, link: str, request: Request, done: str) -> Response:
    found = engine.recipients.feedback.show(own)
    if not wants_page(request):
        return JSONResponse(found, headers=PRIVATE_HEADERS)
    values = found | {"at": f"{LINK_PATH}/{link}", "done": done, "longest": LONGEST_WORDS}
    return show(engine, request, "links/feedback", values, person=own.person_id)


async def _answer_in(request: Request) -> Answer:
    """Raises `InvalidInputError`."""
    try:
        if kind_of_body(request) != FORM:
            return Answer.model_validate_json(await request.body())
        given = await fields_of(request, "rating", "text")
        rating = int(given["rating"]) if given["rating"] else None
        return Answer.model_validate({"rating": rating, "text": given["text"]})
    except ValidationError as error:
        raise invalid(error) from error
    except ValueError as error:
        raise InvalidInputError("request.invalid", "a rating is a number from 1 to 5, or none") from error


async def _picture_in(request: Request) -> bytes:
    """Raises `InvalidInputError`."""
    if kind_of_body(request) != MULTIPART:
        return await request.body()
    try:
        async with request.form(max_files=1, max_fields=2) as form:
            given = form.get("picture")
            if isinstance(given, UploadFile):
                return await given.read()
    except HTTPException as error:
        raise unreadable(error) from error
    raise InvalidInputError("picture.empty", "the form has no file in its field `picture`")
