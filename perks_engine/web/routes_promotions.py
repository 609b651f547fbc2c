"""Promotions: whether "NAME received ITEM" may be shown, what became of it, and what is shown of me."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.promotion import PromotionState
from perks_engine.services.ports import Store
from perks_engine.services.promotion_records import WhichPromotions
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.keyed import once_by
from perks_engine.web.problems import RESPONSES, Problem, problem
from perks_engine.web.values import PAGE, Cursor, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["promotions"], responses=RESPONSES)

PromotionId = Annotated[StorableText, Path(max_length=80, description="a promotion's id")]
Name = Annotated[StorableText, Field(min_length=1, max_length=60)]
_PRIVATE = {"Cache-Control": "no-store"}
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class NewPromotion(models.Body):
    claim: StorableText = Field(max_length=80)
    channel: Name = Field(description="where it is to be shown, as consents name it", examples=["site"])
    publisher: Name = Field(description="who shows it", examples=["northwind-blog"])


class Act(BaseModel):
    act: str = Field(description="queued, published, cancelled, retracted or taken_down")
    cause: str = Field(description="asked, reported, staff, or what fell away: consent, dispute, return, …")
    at: datetime
    by: str | None = None


class Telling(BaseModel):
    """The words were given to a publisher."""

    publisher: str
    at: datetime
    text_hash: str
    by: str | None = None


class Promotion(BaseModel):
    promotion: str
    claim: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    state: str = Field(description="queued, published, cancelled, retracted or taken_down")
    text: str | None = Field(description="none once the person was erased")
    disclosure: str = Field(description="to be shown with the text, as easy to see")
    text_hash: str = Field(description="SHA-256 over a salt, the text and the disclosure")
    place: str | None = Field(description="where it is or was")
    asked_at: datetime


class PromotionStory(Promotion):
    decision: str
    history: list[Act]
    told: list[Telling]
    salt: str | None = Field(None, description="of the hash; for the person alone")


class Promotions(models.Page):
    promotions: list[Promotion]


class OwnPromotions(models.Page):
    promotions: list[PromotionStory]


class DecidedPromotion(BaseModel):
    """The gate's yes, and what may be shown: the text only together with the disclosure."""

    promotion: str
    claim: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    state: str
    decision: str
    verdict: str
    reasons: list[models.Reason]
    tree: models.ReasonNode
    text: str | None = Field(None, description="while it may be shown")
    disclosure: str
    text_hash: str
    place: str | None = Field(None, description="where it is, once that was recorded")
    asked_at: datetime


class Refused(Problem):
    """The gate's no, recorded as a decision."""

    decision: str | None = None
    verdict: str | None = None
    reasons: list[models.Reason] | None = None
    promotion: str | None = Field(None, description="the one that is live already")


class Words(BaseModel):
    promotion: str
    text: str
    disclosure: str
    text_hash: str


class Publication(models.Body):
    place: StorableText | None = Field(
        None, max_length=500, description="where it is", examples=["https://blog.shop.example/launch"]
    )


class Acted(BaseModel):
    promotion: str
    state: str


@router.post(
    "/promotions",
    status_code=201,
    response_model=DecidedPromotion,
    response_model_exclude_none=True,
    responses={
        403: {"model": Refused, "description": "Refused by the gate, or by role or brand"},
        409: {"model": Refused, "description": "The same is live already, or the key is taken"},
    },
)
def ask_for_promotion(body: NewPromotion, engine: Engine, caller: Calling, key: Key) -> Any:
    """Whether a recipient may be promoted on a channel by a publisher. A yes has the words to show."""
    answer = engine.promoting.ask(caller.actor(), body.claim, body.channel, body.publisher, key)
    return JSONResponse(answer, 201, _PRIVATE) if "promotion" in answer else _refusal(answer)


def _refusal(answer: Mapping[str, Any]) -> Response:
    first = answer["reasons"][0]
    unknown = answer["verdict"] == "unknown"
    detail = "too little is known to say yes: " if unknown else ""
    detail += f"it asks for {first['required']}; found: {first.get('actual', 'nothing on record')}"
    return problem(
        403,
        "This may not be shown",
        "promotion.refused",
        detail,
        decision=answer["decision"],
        verdict=answer["verdict"],
        reasons=answer["reasons"],
    )


@router.get("/promotions", response_model=Promotions)
def list_promotions(
    engine: Engine,
    caller: Calling,
    brand: Annotated[StorableText | None, Query(max_length=60)] = None,
    campaign: Annotated[StorableText | None, Query(max_length=60)] = None,
    claim: Annotated[StorableText | None, Query(max_length=80)] = None,
    publisher: Annotated[StorableText | None, Query(max_length=60)] = None,
    state: PromotionState | None = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Any:
    """Promotions of your brands. `state=retracted` are those that somebody has to take down."""
    brands = [brand] if brand is not None else None
    which = WhichPromotions(brands, campaign, claim, None, state, publisher, cursor)
    found = engine.promoting.seen_by(caller.actor(), which, limit + 1)
    return JSONResponse(page("promotions", found, limit, "promotion"), headers=_PRIVATE)


@router.get("/promotions/{promotion}", response_model=PromotionStory, response_model_exclude_unset=True)
def show_promotion(promotion: PromotionId, engine: Engine, caller: Calling) -> Any:
    """One of them: what became of it and why, and who was told what, when."""
    return JSONResponse(engine.promoting.show(caller.actor(), promotion), headers=_PRIVATE)


@router.get("/promotions/{promotion}/text", response_model=Words, responses=_NOT_NOW)
def read_words(promotion: PromotionId, engine: Engine, caller: Calling) -> Any:
    """The words to show, while they may be shown. Whoever reads them is on record as told."""
    return JSONResponse(engine.promoting.text(caller.actor(), promotion), headers=_PRIVATE)


@router.post("/promotions/{promotion}/publication", response_model=Acted, responses=_NOT_NOW)
def record_publication(
    promotion: PromotionId, body: Publication, engine: Engine, caller: Calling, key: Key
) -> Any:
    """It is out. Refused where it may not be any more: then it has to be taken down at once."""
    return JSONResponse(dict(engine.promoting.publish(caller.actor(), promotion, body.place, key)))


@router.post("/promotions/{promotion}/takedown", response_model=Acted, responses=_NOT_NOW)
def record_takedown(promotion: PromotionId, engine: Engine, caller: Calling, key: Key) -> Any:
    """What was retracted is taken down."""
    return JSONResponse(dict(engine.promoting.taken_down(caller.actor(), promotion, key)))


@router.post(
    "/promotions/{promotion}/retraction",
    response_model=PromotionStory,
    response_model_exclude_unset=True,
    responses=_NOT_NOW,
)
def retract_promotion(promotion: PromotionId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Take it back by your own wish (the brand, or compliance staff)."""
    actor = caller.actor()

    def retract(store: Store) -> View:
        return replace(engine.promoting, store=store).retract(actor, promotion)

    retracted = once_by(engine, actor, key, f"retract {promotion}", None, retract)
    return JSONResponse(retracted, headers=_PRIVATE)


@router.get("/my/promotions", response_model=OwnPromotions, response_model_exclude_unset=True)
def my_promotions(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """What is or was shown of me, where, and who was told. Withdrawing my consent takes it back at once."""
    found = engine.promoting.about(caller.person(), cursor, limit + 1)
    return JSONResponse(page("promotions", found, limit, "promotion"), headers=_PRIVATE)
