"""What staff does: record fulfillment, look at campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.domain.fulfillment import Fulfillment
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, CampaignName, Cursor, Limit, StorableText, page

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
    """One campaign: its state and why, what its guards have counted, who did what with it, its versions."""
    return engine.campaigning.show_to(caller.actor(), campaign)


class PreviewHead(BaseModel):
    """Whom the version would reach: the counts of its preview."""

    made_by: str
    made_at: datetime
    people: int
    eligible: int
    ineligible: int
    unknown: int


class VersionToApprove(BaseModel):
    campaign: str
    version: str = Field(description="the latest version, by its hash")
    loaded_by: str = Field(description="who cannot approve it")
    loaded_at: datetime
    examples: int
    examples_failed: int
    preview: PreviewHead | None = Field(description="its latest one; null: nobody has seen one yet")
    approved_by: str | None
    approved_at: datetime | None


class VersionApproved(BaseModel):
    campaign: str
    version: str
    approved_by: str
    approved_at: datetime
    preview: PreviewHead = Field(description="by which it was approved")


class ApproveVersion(models.Body):
    version: StorableText = Field(
        min_length=1,
        max_length=100,
        description="the version that you looked at",
        examples=["5ad59cb34b7f1b…"],
    )


@router.get("/campaigns/{campaign}/approval", response_model=VersionToApprove)
def show_what_to_approve(campaign: CampaignName, engine: Engine, caller: Calling) -> Any:
    """What there is to approve: the latest version of a campaign, its preview, and who loaded it."""
    return JSONResponse(engine.version_approval.shown(caller.actor(), campaign))


@router.post(
    "/campaigns/{campaign}/approval",
    response_model=VersionApproved,
    responses={
        409: {"model": Problem, "description": "Nobody has seen a preview, or the version is another"}
    },
)
def approve_version(
    campaign: CampaignName, body: ApproveVersion, engine: Engine, caller: Calling, key: Key
) -> Any:
    """Approve a version as the second person; whoever loaded it cannot, whatever the role or the token."""
    return JSONResponse(dict(engine.version_approval.approve(caller.actor(), campaign, body.version, key)))
