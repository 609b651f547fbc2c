"""Disputes: a person objects to a line about them and gives files; compliance staff settles it."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.file_kinds import FileKind
from perks_engine.domain.fulfillment import MoveKind
from perks_engine.services.corrections import Correction
from perks_engine.services.dispute_records import DisputeAct
from perks_engine.services.disputing import LONGEST_WORDS, Settlement, dispute_edition
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.editions import EDITS, TAGGED, IfMatch, tagged
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, ClaimId, Cursor, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["disputes"], responses=RESPONSES)
FILES = re.compile(r"/v1/disputes/[^/]+/files")
"""Where a body may be as large as a file."""

DisputeId = Annotated[StorableText, Path(max_length=80, description="a dispute's id")]
FileId = Annotated[StorableText, Path(max_length=80, description="a file's id")]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class Objection(models.Body):
    text: StorableText = Field(
        min_length=1, max_length=LONGEST_WORDS, examples=["I never received it: the door is not mine."]
    )


class Withdrawal(models.Body):
    text: StorableText = Field("", max_length=LONGEST_WORDS, description="why, if you like")


class Outcome(StrEnum):
    UPHELD = "upheld"
    REJECTED = "rejected"


class CorrectionKind(StrEnum):
    VOID = "void"
    RETURN = "return"
    AMEND = "amend"


class CorrectionBody(models.Body):
    """What an upheld dispute does to the ledger."""

    kind: CorrectionKind = Field(
        CorrectionKind.VOID,
        description="void: never received; return: given back; amend: received, but at another time or by "
        "other evidence",
    )
    occurred_at: Instant | None = Field(None, description="when it was so; now if left out")
    evidence: StorableText = Field("", max_length=40, description="with amend: what the receipt rests on")


class SettlementBody(models.Body):
    outcome: Outcome
    reason: StorableText = Field(min_length=1, max_length=LONGEST_WORDS, description="the person is told")
    correction: CorrectionBody | None = Field(None, description="of an upheld dispute; void if left out")


class GivenFile(BaseModel):
    file: str
    name: str
    kind: str = Field(examples=["image/png"])
    bytes: int
    sha256: str
    given_at: datetime


class Dispute(BaseModel):
    """An objection to a line, open or settled."""

    dispute: str
    state: str = Field(description="open, upheld, rejected or withdrawn")
    claim: str
    campaign: str
    brand: str
    person: str
    entry: int = Field(description="the line of the ledger that is disputed")
    cause: str = Field(description="person, staff, or conflict: evidence that contradicts other evidence")
    text: str
    opened_at: datetime = Field(description="since when it is so")
    known_at: datetime = Field(description="since when it is known here")
    open_days: int = Field(description="how many days it has been, or was, open")
    due_at: datetime = Field(description="by when the person has to be answered")
    overdue: bool
    files: list[GivenFile]
    opened_by: str | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    reason: str | None = None
    correction: int | None = Field(None, description="the entry that corrects the ledger")


class Disputes(models.Page):
    disputes: list[Dispute]


@router.post(
    "/claims/{claim}/disputes",
    status_code=201,
    response_model=Dispute,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def open_dispute(claim: ClaimId, body: Objection, engine: Engine, caller: Calling, key: Key) -> Any:
    """Object to what is recorded as received for your claim. Lists mark the line from now on."""
    return JSONResponse(dict(engine.disputing.open_own(caller.person(), claim, body.text, key)), 201)


@router.get("/disputes", response_model=Disputes, response_model_exclude_none=True)
def list_disputes(
    engine: Engine,
    caller: Calling,
    only_open: Annotated[bool, Query(alias="open", description="only those that are open")] = False,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Any:
    """Your disputes, or, for compliance staff, those of your brands: the longest open first."""
    found = engine.disputing.seen_by(caller.actor(), only_open, cursor, limit + 1)
    return JSONResponse(page("disputes", found, limit, "dispute"))


@router.get("/disputes/{dispute}", response_model=Dispute, response_model_exclude_none=True, responses=TAGGED)
def show_dispute(dispute: DisputeId, engine: Engine, caller: Calling) -> Any:
    """One dispute: what was said, how long it is open, and how it ended."""
    found = engine.disputing.show(caller.actor(), dispute)
    return tagged(found, dispute_edition(found))


@router.post(
    "/disputes/{dispute}/withdrawal",
    response_model=Dispute,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def withdraw_dispute(dispute: DisputeId, body: Withdrawal, engine: Engine, caller: Calling, key: Key) -> Any:
    """Take your objection back: the line stands undisputed again."""
    return JSONResponse(dict(engine.disputing.withdraw(caller.person(), dispute, body.text, key)))


@router.post(
    "/disputes/{dispute}/settlement",
    response_model=Dispute,
    response_model_exclude_none=True,
    responses=_NOT_NOW | EDITS,
)
def settle_dispute(
    dispute: DisputeId, body: SettlementBody, engine: Engine, caller: Calling, key: Key, looked: IfMatch
) -> Any:
    """Uphold or reject it (compliance staff). An upheld one corrects the ledger; the person is told why."""
    given = body.correction
    correction = Correction(MoveKind(given.kind.value), given.occurred_at, given.evidence) if given else None
    settlement = Settlement(DisputeAct(body.outcome.value), body.reason, correction)
    ended = dict(engine.disputing.settle(caller.actor(), dispute, settlement, key, looked))
    return tagged(ended, dispute_edition(ended))


@router.post(
    "/disputes/{dispute}/files",
    status_code=201,
    response_model=GivenFile,
    responses=_NOT_NOW,
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "the file as it is: a PDF, a PNG, a JPEG or plain text in UTF-8",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def give_file(
    request: Request,
    dispute: DisputeId,
    engine: Engine,
    caller: Calling,
    key: Key,
    name: Annotated[StorableText, Query(min_length=1, max_length=200, description="the file's name")],
) -> Any:
    """Add a file to an open dispute. What it is, is told by its bytes; its name is only shown."""
    data = await request.body()
    declared = request.headers.get("content-type", "")

    def give() -> dict[str, Any]:
        return dict(engine.dispute_files.give(caller.actor(), dispute, name, declared, data, key))

    return JSONResponse(await run_in_threadpool(give), 201)


@router.get(
    "/disputes/{dispute}/files/{file}",
    response_class=Response,
    responses={
        200: {"description": "The file, to be saved", "content": {kind.value: {} for kind in FileKind}}
    },
)
def take_file(dispute: DisputeId, file: FileId, engine: Engine, caller: Calling) -> Response:
    """A file of a dispute, as it was given. Nothing of it is to be run or shown by a browser."""
    found, data = engine.dispute_files.take(caller.actor(), dispute, file)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=found.kind, headers=headers)
