"""What members of staff did, for compliance staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.services.staff_records import WhichActions
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.problems import RESPONSES
from perks_engine.web.values import PAGE, Instant, Limit, StorableText, page

router = APIRouter(prefix="/v1/staff-actions", tags=["staff"], responses=RESPONSES)
Filter = Annotated[StorableText | None, Query(max_length=200)]


class StaffAction(BaseModel):
    """A write that somebody of staff asked for, or a look at somebody's whole data; and what came of it."""

    action: int
    at: datetime
    by: str = Field(description="under which name it is recorded elsewhere, too", examples=["noor"])
    role: str
    credential: str = Field(description="the id of the token or session")
    route: str = Field(
        description="or the command, such as `perks campaign pause`",
        examples=["POST /v1/claims/{claim}/approval"],
    )
    about: str = Field(description="what its path named, where that is there", examples=["claim=clm_01jdx"])
    person: str | None = Field(description="whom it was about; nobody any more once they are erased")
    brand: str | None = Field(description="to which it was done, where it was one")
    status: int = Field(description="of the answer", examples=[200])
    code: str = Field(description="of the problem, where it was one")
    request: str = Field(description="the id that the request has in the logs (`X-Request-ID`)")


class StaffActions(BaseModel):
    actions: list[StaffAction]
    next: int | None = Field(None, description="`cursor` of the next page; absent on the last")


@router.get("", response_model=StaffActions)
def list_actions(
    engine: Engine,
    caller: Calling,
    by: Filter = None,
    route: Annotated[
        StorableText | None,
        Query(max_length=200, examples=["POST /v1/claims/{claim}/approval"]),
    ] = None,
    about: Annotated[StorableText | None, Query(max_length=400, examples=["claim=clm_01jdx"])] = None,
    person: Annotated[StorableText | None, Query(max_length=80)] = None,
    since: Instant | None = None,
    until: Instant | None = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before")] = None,
    limit: Limit = PAGE,
) -> Any:
    """What staff did, the newest first; who reaches only some brands sees what was done to these (compliance
    staff)."""
    which = WhichActions(by, route, about, person, since, until, cursor)
    found = engine.staff_actions.seen_by(caller.actor(), which, limit + 1)
    return JSONResponse(page("actions", found, limit, "action"))
