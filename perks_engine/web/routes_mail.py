"""What comes back of letters: bounces and complaints, handed in as they came."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.problems import RESPONSES
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/v1/mail-reports", tags=["messages"], responses=RESPONSES)
LONGEST_REPORT = 500_000


class Report(models.Body):
    raw: StorableText = Field(
        min_length=1, max_length=LONGEST_REPORT, description="the whole report, headers first, as it came"
    )


class Noted(BaseModel):
    message: str
    event: str = Field(description="bounced, complained, undelivered or delayed")
    status: str | None = Field(description="the enhanced status (RFC 3463), where there is one")


@router.post("", response_model=Noted)
def take_a_report(body: Report, engine: Engine, caller: Calling) -> Any:
    """Note a bounce (RFC 3464) or a complaint (RFC 5965), as a mailbox for returned mail gets it. A mailbox
    that is none is not written to again; who complained gets answers alone. The same report again changes
    nothing."""
    return JSONResponse(engine.mail_reports.take(caller.actor(), body.raw.encode("utf-8", "surrogateescape")))
