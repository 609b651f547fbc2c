"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from functools import cache
from typing import Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from perks_engine import __version__
from perks_engine.bootstrap.standing import troubles
from perks_engine.web.callers import Engine

router = APIRouter(tags=["operation"])


@cache
def _asking() -> CapacityLimiter:
    return CapacityLimiter(2)


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive", "version": __version__}


@router.get("/readyz", responses={503: {"description": "Not ready"}})
async def readiness(engine: Engine) -> Any:
    """Whether requests can be served: the database answers, has the schema that this engine needs, and room.

    Where they can, and something else does not get on (the log is not sealed, letters are not sent), it is
    `degraded` and says what: no reason to send requests elsewhere."""
    # Threads of its own: those of the pool may all be waiting for the very database that is asked about.
    found = await run_sync(troubles, engine, limiter=_asking())
    if not found:
        return {"status": "ready"}
    stops = [one for one in found if one.stops]
    told = {
        "status": "not ready" if stops else "degraded",
        "reason": "; ".join(one.words for one in stops or found),
        "troubles": [{"what": one.what, "reason": one.words, "stops": one.stops} for one in found],
    }
    return JSONResponse(told, 503 if stops else 200)
