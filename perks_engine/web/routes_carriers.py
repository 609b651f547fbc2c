"""Carriers' signed webhooks, and what of them somebody has to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.services.carriers import SignedMessage
from perks_engine.services.ports import Store
from perks_engine.services.report_records import ReportState
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.keyed import once_by
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, Cursor, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["carriers"], responses=RESPONSES)
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}


class Report(BaseModel):
    """A carrier's report, and what became of it."""

    report: str | None = None
    source: str | None = Field(None, examples=["easypost"])
    state: str = Field(description="applied, noted, waiting, refused or dismissed")
    code: str | None = Field(None, description="what stands in its way", examples=["tracking.unknown"])
    why: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    status: str | None = None
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    claim: str | None = None
    settled_by: str | None = None


class Reports(models.Page):
    reports: list[Report]


class Dismissal(models.Body):
    why: StorableText = Field(min_length=1, max_length=500, description="what you found")


ReportId = Annotated[StorableText, Path(max_length=80, description="a report's id")]


async def message_of(request: Request) -> SignedMessage:
    """The request as it came in: the signature is over its very bytes."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return SignedMessage(request.method, request.url.path, headers, await request.body())


@router.post(
    "/carriers/{source}",
    response_model=Report,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def take_webhook(
    source: Annotated[StorableText, Path(max_length=40, description="easypost or shippo")],
    engine: Engine,
    message: Annotated[SignedMessage, Depends(message_of)],
) -> Any:
    """For carriers: what happened to a shipment, signed with the secret that both know. What the engine
    cannot use is kept until somebody has looked."""
    return JSONResponse(dict(engine.carrier_reports.receive(source, message)))


@router.get("/carrier-reports", response_model=Reports, response_model_exclude_none=True)
def list_reports(
    engine: Engine,
    caller: Calling,
    state: Annotated[ReportState | None, Query(description="only these; those that wait if left out")] = (
        ReportState.WAITING
    ),
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Any:
    """Carriers' reports, the oldest first: at first those that somebody has to look at."""
    found = engine.carrier_reports.reports(caller.actor(), state, cursor, limit + 1)
    return JSONResponse(page("reports", found, limit, "report"))


@router.post(
    "/carrier-reports/{report}/retry",
    response_model=Report,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def retry_report(report: ReportId, engine: Engine, caller: Calling, key: Key) -> Any:
    """Try a report again, after what stood in its way was mended. It is safe to repeat."""
    actor = caller.actor()

    def retry(store: Store) -> View:
        return replace(engine.carrier_reports, store=store).try_again(report, actor)

    return JSONResponse(once_by(engine, actor, key, f"retry {report}", None, retry))


@router.post(
    "/carrier-reports/{report}/dismissal",
    response_model=Report,
    response_model_exclude_none=True,
    responses=_NOT_NOW,
)
def dismiss_report(report: ReportId, body: Dismissal, engine: Engine, caller: Calling, key: Key) -> Any:
    """You have looked, and nothing follows from it."""
    actor = caller.actor()

    def dismiss(store: Store) -> View:
        return replace(engine.carrier_reports, store=store).dismiss(report, body.why, actor)

    return JSONResponse(once_by(engine, actor, key, f"dismiss {report}", body, dismiss))
