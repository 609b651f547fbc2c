"""Receipt at a door or a till, by a code that stands for a claim."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.domain.fulfillment import MoveKind
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import ClaimId, Instant, StorableText

router = APIRouter(prefix="/v1", responses=RESPONSES)
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class ClaimCode(BaseModel):
    claim: str
    code: str = Field(examples=["7K2M-0QXD-95TB"])


class Shown(models.Body):
    """A code that somebody shows."""

    code: StorableText = Field(min_length=1, max_length=40, examples=["7K2M-0QXD-95TB"])
    occurred_at: Instant | None = Field(None, description="when; now if left out")


class Admitted(models.Claim):
    name: str | None = Field(None, description="who it is, for you to look up")
    already: bool = Field(description="it was recorded before, and nothing changed")


@router.post(
    "/claims/{claim}/code",
    tags=["influencer"],
    response_model=ClaimCode,
    responses=_NOT_NOW,
)
def show_code(claim: ClaimId, engine: Engine, caller: Calling) -> Any:
    """The code to show at the door, or to redeem: the same each time you ask."""
    return JSONResponse(engine.admitting.code(caller.person(), claim))


@router.post(
    "/check-ins",
    tags=["staff"],
    response_model=Admitted,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def check_in(body: Shown, engine: Engine, caller: Calling, key: Key) -> Any:
    """Somebody is at the event: receipt, with attendance as its evidence."""
    found = engine.admitting.admit(body.code, MoveKind.CHECK_IN, caller.actor(), key, body.occurred_at)
    return JSONResponse(dict(found))


@router.post(
    "/redemptions",
    tags=["staff"],
    response_model=Admitted,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def redeem(body: Shown, engine: Engine, caller: Calling, key: Key) -> Any:
    """Somebody has redeemed their code: receipt, with the redemption as its evidence."""
    found = engine.admitting.admit(body.code, MoveKind.REDEEM, caller.actor(), key, body.occurred_at)
    return JSONResponse(dict(found))
