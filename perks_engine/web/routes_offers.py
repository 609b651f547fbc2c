"""Offers: a brand has everybody told of a campaign who agreed to hear of perks and to whom it is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.web.callers import Calling, Engine
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import CampaignName

router = APIRouter(prefix="/v1/campaigns/{campaign}/offers", tags=["messages"], responses=RESPONSES)


class OfferRun(BaseModel):
    run: str
    campaign: str
    state: str = Field(description="`under_way`, `waiting` or `ended`")
    waits_for: str | None = Field(default=None, description="why it cannot go on for now, and what mends it")
    offered: int = Field(description="to how many people an offer was written")
    passed_over: int = Field(description="how many agreed to hear of perks, and it is not open to them")
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None = None


class OfferRuns(BaseModel):
    runs: list[OfferRun]


@router.post(
    "",
    status_code=202,
    response_model=OfferRun,
    responses={409: {"model": Problem, "description": "Not open, or letters lack what they must carry"}},
)
def make_offers(campaign: CampaignName, engine: Engine, caller: Calling) -> Any:
    """Have everybody told to whom the campaign is open. Nobody hears of it twice; asked again while that is
    under way, the answer is the run that is."""
    return JSONResponse(engine.offering.begin(caller.actor(), campaign), 202)


@router.get("", response_model=OfferRuns)
def offers_of(campaign: CampaignName, engine: Engine, caller: Calling) -> Any:
    """The runs of a campaign, the newest first."""
    return JSONResponse({"runs": engine.offering.of_campaign(caller.actor(), campaign)})
