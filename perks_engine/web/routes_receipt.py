"""What a person says about the unit of their claim."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import ClaimId, PartName, StorableText

router = APIRouter(prefix="/v1", tags=["influencer"], responses=RESPONSES)
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class Denial(models.Body):
    why: StorableText = Field("", max_length=500, description="what you know of it", examples=["not my door"])


class Receipt(models.Body):
    parts: list[PartName] = Field([], max_length=100, description="of a bundle, those that arrived; else all")


class DeniedClaim(models.Claim):
    denied_at: datetime = Field(description="when you said so")
    dispute: str | None = Field(None, description="the dispute that this opened: others say that it arrived")


@router.post(
    "/claims/{claim}/receipt",
    response_model=models.Claim,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def confirm_receipt(
    claim: ClaimId, engine: Engine, caller: Calling, key: Key, body: Receipt | None = None
) -> Any:
    """Say that you received it, or which parts of a bundle. Only what was shipped, or needs no shipment, can
    be received."""
    parts = tuple(body.parts) if body else ()
    return JSONResponse(dict(engine.own_word.confirm(caller.person(), claim, key, parts)))


@router.post(
    "/claims/{claim}/denial",
    response_model=DeniedClaim,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def deny_receipt(
    claim: ClaimId, engine: Engine, caller: Calling, key: Key, body: Denial | None = None
) -> Any:
    """Say that you did not receive it, whatever the record says. It is kept, with its time."""
    return JSONResponse(dict(engine.own_word.deny(caller.person(), claim, body.why if body else "", key)))


@router.post(
    "/claims/{claim}/cancellation",
    response_model=models.Claim,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def cancel_claim(claim: ClaimId, engine: Engine, caller: Calling, key: Key) -> Any:
    """You do not want it any more: the unit goes back to stock."""
    return JSONResponse(dict(engine.own_word.cancel(caller.person(), claim, key)))
