"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from perks_engine import __version__
from perks_engine.bootstrap.standing import troubles
from perks_engine.web.callers import Engine

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive", "version": __version__}


@router.get("/readyz", responses={503: {"description": "Not ready"}})
def readiness(engine: Engine) -> Any:
    """Whether requests can be served: the database answers, has the schema that this engine needs, and room.

    Where they can, and something else does not get on (the log is not sealed, letters are not sent), it is
    `degraded` and says what: no reason to send requests elsewhere."""
    found = troubles(engine)
    if not found:
        return {"status": "ready"}
    stops = [one for one in found if one.stops]
    told = {
        "status": "not ready" if stops else "degraded",
        "reason": "; ".join(one.words for one in stops or found),
        "troubles": [{"what": one.what, "reason": one.words, "stops": one.stops} for one in found],
    }
    return JSONResponse(told, 503 if stops else 200)
