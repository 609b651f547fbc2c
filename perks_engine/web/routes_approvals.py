"""The human yes that some campaigns ask for before a granted claim is packed."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, ClaimId, Cursor, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["staff"], responses=RESPONSES)


class Approval(models.Body):
    decision: Literal["approve", "decline"]
    why: StorableText = Field("", max_length=500, description="for decline: why; the person is told")


@router.get("/approvals", response_model=models.Claims, response_model_exclude_none=True)
def list_waiting(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """Granted claims of your brands that wait for a yes, the oldest first."""
    found = engine.approving.waiting(caller.actor(), cursor, limit + 1)
    return JSONResponse(page("claims", found, limit, "claim"))


@router.post(
    "/claims/{claim}/approval",
    response_model=models.Claim,
    response_model_exclude_none=True,
    responses={409: {"model": Problem, "description": "It waits for nobody"}},
)
def decide_claim(claim: ClaimId, body: Approval, engine: Engine, caller: Calling, key: Key) -> Any:
    """Approve a claim, so that it can be packed and sent, or decline it: its unit goes back to stock."""
    actor = caller.actor()
    if body.decision == "approve":
        return JSONResponse(dict(engine.approving.approve(claim, actor, key)))
    return JSONResponse(dict(engine.approving.decline(claim, body.why, actor, key)))
