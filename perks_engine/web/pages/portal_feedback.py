"""The portal's feedback: a rating that can be left out and taken back, words, and pictures."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.feedback import LONGEST_WORDS, Own
from perks_engine.web.callers import Engine
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import Done
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told
from perks_engine.web.pictures import PictureId, picture_response
from perks_engine.web.values import ClaimId

router = APIRouter(prefix="/my/claims/{claim}/feedback", include_in_schema=False)
PICTURES = re.compile(r"/my/claims/[^/]+/feedback/pictures")
"""Where a body may be as large as a picture and the form around it."""
_RATINGS = ("", "1", "2", "3", "4", "5")


@router.get("")
def my_feedback(
    claim: ClaimId, engine: Engine, reader: Reading, request: Request, done: Done = ""
) -> Response:
    """What I said so far."""
    return _shown(claim, engine, reader, request, done=done)


@router.post("")
def say(claim: ClaimId, engine: Engine, reader: Reading, form: Sent) -> Response:
    """The whole answer as it is to be: a rating that is not chosen is none."""
    rating = form.text("rating")
    if rating not in _RATINGS:
        raise InvalidInputError("request.invalid", phrase("a rating is a number from 1 to 5, or none"))
    words = form.text("text")[:LONGEST_WORDS]
    engine.recipients.feedback.say(Own(reader.person, claim), int(rating) if rating else None, words)
    return see(f"/my/claims/{claim}/feedback?done=said")


@router.post("/pictures")
def give_a_picture(claim: ClaimId, engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """Add a picture; what cannot be one is said on the page."""
    given = form.file("picture")
    own = Own(reader.person, claim)
    try:
        engine.recipients.feedback.give_picture(own, given.content if given else b"")
    except (InvalidInputError, RefusedError) as error:
        return _shown(claim, engine, reader, request, wrong=told(error), status=422)
    return see(f"/my/claims/{claim}/feedback?done=pictured")


@router.get("/pictures/{picture}")
def take_a_picture(claim: ClaimId, picture: PictureId, engine: Engine, reader: Reading) -> Response:
    """A picture that I gave, as it was kept."""
    return picture_response(*engine.recipients.feedback.take_picture(Own(reader.person, claim), picture))


@router.post("/pictures/{picture}/removal")
def remove_a_picture(
    claim: ClaimId, picture: PictureId, engine: Engine, reader: Reading, _form: Sent
) -> Response:
    """Take a picture back."""
    engine.recipients.feedback.remove_picture(Own(reader.person, claim), picture)
    return see(f"/my/claims/{claim}/feedback?done=removed")


@router.post("/withdrawal")
def take_back(claim: ClaimId, engine: Engine, reader: Reading, _form: Sent) -> Response:
    """Take back all that I said, the pictures as well."""
    engine.recipients.feedback.withdraw(Own(reader.person, claim))
    return see(f"/my/claims/{claim}/feedback?done=withdrawn")


def _shown(
    claim: str,
    engine: Engine,
    reader: Reading,
    request: Request,
    done: str = "",
    wrong: Phrase | str = "",
    status: int = 200,
) -> Response:
    found = engine.recipients.feedback.show(Own(reader.person, claim))
    values = found | {"at": f"/my/claims/{claim}/feedback", "longest": LONGEST_WORDS}
    return show(engine, request, "portal/feedback", values | {"done": done, "wrong": wrong}, status=status)
