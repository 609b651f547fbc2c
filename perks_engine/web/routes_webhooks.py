"""Webhooks: where a brand is told of events, what it was told, and to be told once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.services.event_records import DeliveryState, WhichEvents
from perks_engine.services.ports import Store
from perks_engine.services.views import View
from perks_engine.services.webhooks import webhook_edition
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.editions import EDITS, ENDS, TAGGED, IfMatch, tagged
from perks_engine.web.keyed import once_by
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, WHOLE, Cursor, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["webhooks"], responses=RESPONSES)

WebhookId = Annotated[StorableText, Path(max_length=80, description="a webhook's id")]
Name = Annotated[StorableText, Field(min_length=1, max_length=60)]
After = Annotated[int | None, Query(ge=1, le=2**62, alias="cursor", description="`next` of the page before")]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}
LONGEST_OVERLAP_H = 720


class NewWebhook(models.Body):
    brand: Name
    url: StorableText = Field(min_length=1, max_length=500, examples=["https://hooks.shop.example/perks"])
    events: list[Annotated[StorableText, Field(max_length=60)]] = Field(
        min_length=1, max_length=60, description="types of events; `*` for every one", examples=[["*"]]
    )
    publisher: Name | None = Field(
        None, description="only events of promotions that this publisher shows; left out: of all"
    )


class Webhook(BaseModel):
    webhook: str
    brand: str
    url: str
    events: list[str]
    publisher: str | None
    state: str = Field(description="enabled, disabled, or resting while the receiver is away")
    created_by: str
    created_at: datetime
    disabled_at: datetime | None = None
    why: str | None = None
    failures: int | None = None
    rests_until: datetime | None = None
    secrets: int | None = Field(None, description="how many it has had; where one webhook is shown")
    older_secrets_until: list[datetime] | None = Field(
        None, description="until when secrets before the newest one sign along"
    )


class WebhookWithSecret(Webhook):
    secret: str | None = Field(
        None,
        description="shown this once; not in the answer to a repeated request. Lost: rotate it",
        examples=["whsec_…"],
    )


class Webhooks(models.Page):
    webhooks: list[Webhook]


class Rotation(models.Body):
    overlap_h: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_H), WHOLE] = Field(
        24, description="for how many hours older secrets sign along"
    )


class Switch(models.Body):
    enabled: bool = Field(strict=True)


class Removed(BaseModel):
    webhook: str
    cancelled: int = Field(description="how many deliveries waited, and are not made any more")


class Delivery(BaseModel):
    """An event on its way to a webhook."""

    position: int
    event: str = Field(description="the header `webhook-id`; the same however often it is sent")
    type: str
    campaign: str | None = None
    claim: str | None = None
    subject: str | None = None
    recorded_at: datetime
    state: str = Field(description="queued, delivered, dead or cancelled")
    attempts: int
    tried_at: datetime | None
    next_at: datetime | None
    settled_at: datetime | None
    status: int | None = Field(description="of the last answer")
    why: str


class Deliveries(BaseModel):
    deliveries: list[Delivery]
    next: int | None = None


class Replay(models.Body):
    """One of these: an event, a span of time, or what is dead."""

    event: Annotated[StorableText, Field(max_length=80)] | None = None
    since: Instant | None = None
    until: Instant | None = None
    dead: bool = Field(False, strict=True)


class Replayed(BaseModel):
    queued: int


@router.post(
    "/webhooks",
    status_code=201,
    response_model=WebhookWithSecret,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def add_webhook(body: NewWebhook, engine: Engine, caller: Calling, key: Key) -> Any:
    """Tell this address of events from now on. The answer has the secret that signs them: once."""
    made = engine.webhooks.add(caller.actor(), body.brand, body.url, body.events, body.publisher, key)
    return JSONResponse(made, 201, _PRIVATE)


_PRIVATE = {"Cache-Control": "no-store"}


@router.get("/webhooks", response_model=Webhooks)
def list_webhooks(
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText | None, Query(max_length=60)] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Any:
    """The webhooks of the brands that your token reaches."""
    found = engine.webhooks.seen_by(caller.actor(), brand, cursor, limit + 1)
    return JSONResponse(page("webhooks", found, limit, "webhook"))


@router.get("/webhooks/{webhook}", response_model=Webhook, response_model_exclude_none=True, responses=TAGGED)
def show_webhook(webhook: WebhookId, engine: Engine, caller: Calling) -> Any:
    """One webhook, and until when older secrets of it sign along."""
    return _tagged(engine.webhooks.show(caller.actor(), webhook))


def _tagged(view: View) -> JSONResponse:
    return tagged(view, webhook_edition(view))


@router.delete("/webhooks/{webhook}", response_model=Removed, responses=ENDS)
def remove_webhook(webhook: WebhookId, engine: Engine, caller: Calling, looked: IfMatch) -> Any:
    """Remove it for good, with its secrets; its log stays."""
    cancelled = engine.webhooks.remove(caller.actor(), webhook, looked)
    return JSONResponse({"webhook": webhook, "cancelled": cancelled})


@router.post(
    "/webhooks/{webhook}/secret",
    response_model=WebhookWithSecret,
    response_model_exclude_none=True,
    responses=_NOT_NOW | EDITS,
)
def rotate_secret(
    webhook: WebhookId, body: Rotation, engine: Engine, caller: Calling, key: Key, looked: IfMatch
) -> Any:
    """A new secret, shown once. Until the older ones end, each event is signed by all of them."""
    overlap = timedelta(hours=body.overlap_h)
    answer = _tagged(engine.webhooks.rotate(caller.actor(), webhook, overlap, key, looked))
    answer.headers.update(_PRIVATE)
    return answer


@router.put(
    "/webhooks/{webhook}/enabled",
    response_model=Webhook,
    response_model_exclude_none=True,
    responses=EDITS,
)
def switch_webhook(webhook: WebhookId, body: Switch, engine: Engine, caller: Calling, looked: IfMatch) -> Any:
    """Disable it, or enable it again; what happened while it was disabled comes by a replay."""
    switch = engine.webhooks.enable if body.enabled else engine.webhooks.disable
    return _tagged(switch(caller.actor(), webhook, looked))


@router.get("/webhooks/{webhook}/deliveries", response_model=Deliveries, response_model_exclude_unset=True)
def list_deliveries(
    webhook: WebhookId,
    engine: Engine,
    caller: Calling,
    state: DeliveryState | None = None,
    cursor: After = None,
    limit: Limit = PAGE,
) -> Any:
    """What it was told, the newest first, and what came of it."""
    found = engine.webhooks.log(caller.actor(), webhook, state, cursor, limit + 1)
    return JSONResponse(page("deliveries", found, limit, "position"))


@router.post("/webhooks/{webhook}/replay", response_model=Replayed)
def replay_events(webhook: WebhookId, body: Replay, engine: Engine, caller: Calling, key: Key) -> Any:
    """Send events once more, under the ids that they had: a receiver can tell that it knows them."""
    actor, which = caller.actor(), WhichEvents(body.event, body.since, body.until, body.dead)

    def again(store: Store) -> View:
        return {"queued": replace(engine.webhooks, store=store).replay(actor, webhook, which)}

    return JSONResponse(once_by(engine, actor, key, f"replay {webhook}", body, again))
