"""Feedback: a recipient says what they think, changes it and takes it back, signed in or by the link of a
letter; staff takes it away whole. A GET changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.exports.feedback_files import feedback_csv, feedback_json
from perks_engine.services.feedback import LONGEST_WORDS, Own, feedback_edition
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.downloads import Download
from perks_engine.web.editions import EDITS, TAGGED, IfMatch, tagged
from perks_engine.web.methods import IS_HEAD
from perks_engine.web.pictures import PICTURE_ANSWER, PICTURE_BODY, GivenPicture, PictureId, picture_response
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import WHOLE, ClaimId, StorableText

router = APIRouter(prefix="/v1", tags=["feedback"], responses=RESPONSES)
PICTURES = re.compile(r"/v1/claims/[^/]+/feedback/pictures")
"""Where a body may be as large as a picture."""
NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class Answer(models.Body):
    """What I think; what is left out is not said, or taken back where it was."""

    rating: Annotated[int, Field(ge=1, le=5), WHOLE] | None = Field(None, description="1 to 5, or none")
    text: StorableText = Field("", max_length=LONGEST_WORDS)


class FeedbackVersion(BaseModel):
    version: int
    act: str = Field(description="answered or withdrawn")
    rating: int | None
    text: str
    through: str = Field(description="own (signed in) or link")
    said_at: datetime


class Feedback(BaseModel):
    """What I said about what a claim gave me."""

    claim: str
    campaign: str
    brand: str
    perk: str
    asked_at: datetime | None = Field(description="when a letter asked for it")
    open: bool = Field(description="whether something can be said now")
    because: str | None = Field(None, description="why not")
    code: str | None = None
    rating: int | None
    text: str
    pictures: list[GivenPicture]
    history: list[FeedbackVersion]


class FeedbackFormat(StrEnum):
    CSV = "csv"
    JSON = "json"


@router.get("/claims/{claim}/feedback", response_model=Feedback, responses=NOT_NOW | TAGGED)
def my_feedback(claim: ClaimId, engine: Engine, caller: Calling) -> Any:
    """What I said so far, and whether I can say more."""
    return _tagged(engine.recipients.feedback.show(Own(caller.person(), claim)))


@router.put("/claims/{claim}/feedback", response_model=Feedback, responses=NOT_NOW | EDITS)
def say_what_i_think(claim: ClaimId, body: Answer, engine: Engine, caller: Calling, seen: IfMatch) -> Any:
    """Answer, or change it: the whole answer as it is to be. Nothing depends on what it says."""
    own = Own(caller.person(), claim)
    return _tagged(engine.recipients.feedback.say(own, body.rating, body.text, seen))


@router.delete("/claims/{claim}/feedback", response_model=Feedback, responses=NOT_NOW | EDITS)
def take_my_feedback_back(claim: ClaimId, engine: Engine, caller: Calling, seen: IfMatch) -> Any:
    """Take back all that I said, the pictures as well; always possible."""
    return _tagged(engine.recipients.feedback.withdraw(Own(caller.person(), claim), seen))


def _tagged(feedback: View) -> JSONResponse:
    return tagged(feedback, feedback_edition(feedback))


@router.post(
    "/claims/{claim}/feedback/pictures",
    status_code=201,
    response_model=GivenPicture,
    responses=NOT_NOW,
    openapi_extra=PICTURE_BODY,
)
async def give_a_picture(request: Request, claim: ClaimId, engine: Engine, caller: Calling) -> Any:
    """Add a picture: a JPEG, PNG or WebP, judged by its bytes. It is encoded anew; where and when it was
    taken is removed. The same one again is the same picture."""
    data = await request.body()

    def give() -> View:
        return engine.recipients.feedback.give_picture(Own(caller.person(), claim), data)

    return JSONResponse(await run_in_threadpool(give), 201)


@router.get(
    "/claims/{claim}/feedback/pictures/{picture}",
    response_class=Response,
    responses=PICTURE_ANSWER | NOT_NOW,
)
def take_my_picture(claim: ClaimId, picture: PictureId, engine: Engine, caller: Calling) -> Response:
    """A picture that I gave, as it was kept."""
    return picture_response(*engine.recipients.feedback.take_picture(Own(caller.person(), claim), picture))


@router.delete("/claims/{claim}/feedback/pictures/{picture}", status_code=204, responses=NOT_NOW)
def remove_my_picture(claim: ClaimId, picture: PictureId, engine: Engine, caller: Calling) -> Response:
    """Take a picture back: its bytes are deleted."""
    engine.recipients.feedback.remove_picture(Own(caller.person(), claim), picture)
    return Response(status_code=204)


@router.get("/pictures/{picture}", response_class=Response, responses=PICTURE_ANSWER)
def take_picture(picture: PictureId, engine: Engine, caller: Calling) -> Response:
    """A picture of feedback or of a post, for whom it is of and for staff of the brand."""
    return picture_response(*engine.recipients.seen_pictures.take(caller.actor(), picture))


_MEDIA: Mapping[FeedbackFormat, str] = {
    FeedbackFormat.CSV: "text/csv; charset=utf-8",
    FeedbackFormat.JSON: "application/json",
}


@router.get(
    "/campaigns/{campaign}/feedback",
    responses={200: {"description": "Every version", "content": {"text/csv": {}, "application/json": {}}}},
)
def export_feedback(
    request: Request,
    campaign: Annotated[StorableText, Path(max_length=60, description="a campaign's name")],
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText | None, Query(max_length=60)] = None,
    format: Annotated[FeedbackFormat, Query()] = FeedbackFormat.JSON,  # noqa: A002
) -> Response:
    """All that recipients said, whole: low ratings, cleared ones and what was taken back, each marked so."""
    headers = {"Content-Disposition": f'attachment; filename="feedback.{format.value}"'}
    write = feedback_csv if format is FeedbackFormat.CSV else feedback_json
    with (
        TemporaryDirectory(prefix="perks-export-", dir=engine.settings.spool) as folder,
        engine.recipients.feedback_export.rows(caller.actor(), brand, campaign) as rows,
    ):
        if IS_HEAD in request.scope:
            return Response(media_type=_MEDIA[format])
        file = FilePath(folder) / "feedback"
        with file.open("w", encoding="utf-8", newline="") as out:
            out.writelines(write(rows))
        # The name goes with the folder; the bytes stay until the last of them is read.
        stream = file.open("rb")
    return Download(stream, _MEDIA[format], headers)
