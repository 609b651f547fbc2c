"""Metrics for Prometheus, closed until PERKS_METRICS_TOKEN names the token that it sends."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from perks_engine.bootstrap.database_metrics import database_text
from perks_engine.bootstrap.metrics import CONTENT_TYPE, may_read
from perks_engine.web.callers import Engine
from perks_engine.web.problems import UnauthenticatedError

router = APIRouter(tags=["operation"], include_in_schema=False)
Authorization = Annotated[str, Header()]


@router.get("/metrics")
def metrics(engine: Engine, authorization: Authorization = "") -> Response:
    """What the processes of this server have counted."""
    _require(engine, authorization)
    return Response(engine.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/metrics/database")
def database(engine: Engine, authorization: Authorization = "") -> Response:
    """What the database knows: to be asked of one server, for all would say the same."""
    _require(engine, authorization)
    return Response(database_text(engine.measuring.now()), media_type=CONTENT_TYPE)


def _require(engine: Engine, authorization: str) -> None:
    token = engine.settings.metrics_token
    if not token:
        raise HTTPException(404)
    if not may_read(token, authorization):
        raise UnauthenticatedError
