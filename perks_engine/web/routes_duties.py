"""The duty to disclose: whose disclosure was not seen yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.problems import RESPONSES
from perks_engine.web.values import PAGE, Cursor, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["disclosures"], responses=RESPONSES)


class Duty(BaseModel):
    """Somebody who holds what they received, and of whom no post is on record."""

    claim: str
    person: str
    handle: str | None
    brand: str
    campaign: str
    received_at: datetime
    days: int = Field(description="how many days ago that was")
    acknowledged: bool = Field(description="whether they acknowledged how to disclose")
    reminders: int = Field(description="how many reminders went out")
    last_step_at: datetime | None
    next_step: str | None = Field(description="reminder, escalation (the brand is told), or none any more")
    next_step_at: datetime | None
    escalated_at: datetime | None


class Duties(models.Page):
    duties: list[Duty]


@router.get("/disclosures/due", response_model=Duties)
def list_duties(
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText | None, Query(max_length=60)] = None,
    campaign: Annotated[StorableText | None, Query(max_length=60)] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Any:
    """Who received something and has shown no post yet. It is no breach: nobody has to post."""
    found = engine.reminding.due(caller.actor(), brand, campaign, cursor, limit + 1)
    return JSONResponse(page("duties", found, limit, "claim"))
