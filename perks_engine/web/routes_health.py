"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from perks_engine import __version__
from perks_engine.bootstrap import SchemaOutdatedError
from perks_engine.web.callers import Engine

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive", "version": __version__}


@router.get("/readyz", responses={503: {"description": "Not ready"}})
def readiness(engine: Engine) -> Any:
    """The database answers and has the schema that this engine needs."""
    try:
        engine.require_schema()
    except SchemaOutdatedError as error:
        return JSONResponse({"status": "not ready", "reason": str(error)}, 503)
    except SQLAlchemyError:
        return JSONResponse({"status": "not ready", "reason": "the database does not answer"}, 503)
    return {"status": "ready"}
