"""What staff does: record fulfillment, look at campaigns."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from perks_engine.domain.fulfillment import Fulfillment
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, CampaignName, Cursor, Limit, page

router = APIRouter(prefix="/v1", tags=["staff"], responses=RESPONSES)


@router.post(
    "/fulfillments",
    response_model=models.Recorded,
    responses={409: {"model": Problem, "description": "The key is taken, or a unit was moved meanwhile"}},
)
def record_fulfillments(body: models.Fulfillments, engine: Engine, caller: Calling, key: Key) -> Any:
    """Record shipments, deliveries, losses, returns, check-ins: all of them or none."""
    rows = [
        Fulfillment(
            claim_id=one.claim,
            move=one.move,
            occurred_at=one.occurred_at,
            evidence=one.evidence,
            reference=one.reference,
            note=one.note,
            carrier=one.carrier,
            parts=tuple(one.parts),
            item=one.item,
            value=one.fair_market_value,
        )
        for one in body.records
    ]
    names = [f"records[{place}]" for place in range(len(rows))]
    return JSONResponse(dict(engine.fulfilling.record(rows, caller.actor(), names, key)))


@router.get("/campaigns", response_model=models.Campaigns, response_model_exclude_none=True)
def list_campaigns(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """The campaigns of the brands that your token reaches, with their state and stock."""
    found = engine.campaigning.seen_by(caller.actor(), cursor, limit + 1)
    return JSONResponse(page("campaigns", found, limit, "campaign"))


@router.get("/campaigns/{campaign}", response_model=models.CampaignDetail, response_model_exclude_none=True)
def show_campaign(campaign: CampaignName, engine: Engine, caller: Calling) -> Any:
    """One campaign: its state and why, what its guards have counted, and who did what with it."""
    return engine.campaigning.show_to(caller.actor(), campaign)
