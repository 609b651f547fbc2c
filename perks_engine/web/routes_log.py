"""The log as anybody may see it: its signed heads, the keys that open them, and that it only ever grew.

Nothing here needs a token: a head says nothing about a person, and is worth only what is published.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, PlainTextResponse

from perks_engine.services.errors import NotFoundError
from perks_engine.services.views import instant_view
from perks_engine.web import models
from perks_engine.web.callers import Engine
from perks_engine.web.problems import RESPONSES

router = APIRouter(prefix="/v1/log", tags=["log"], responses=RESPONSES)


@router.get("/head", response_class=PlainTextResponse)
def newest_head(engine: Engine) -> PlainTextResponse:
    """The newest head, as a signed note (C2SP tlog-checkpoint)."""
    heads = engine.sealing.heads(1)
    if not heads:
        raise NotFoundError("log.empty", "nothing is sealed yet")
    return PlainTextResponse(heads[0].note, headers={"Cache-Control": "public, max-age=5"})


@router.get("/heads", response_model=models.LogHeads)
def list_heads(
    engine: Engine,
    limit: Annotated[int, Query(ge=1, le=1_000, description="how many, the newest first")] = 100,
) -> Any:
    """The signed heads, the newest first, and the public keys that open them."""
    heads = [
        {"size": one.size, "signed_at": instant_view(one.signed_at), "note": one.note}
        for one in engine.sealing.heads(limit)
    ]
    return JSONResponse({"keys": [str(key) for key in engine.sealing.keys.verifiers], "heads": heads})


@router.get("/consistency", response_model=models.Consistency)
def consistency(
    engine: Engine,
    first: Annotated[int, Query(ge=1, le=2**53, description="the size of the older head")],
    second: Annotated[int, Query(ge=1, le=2**53, description="the size of the newer head")],
) -> Any:
    """The proof that the log of the older head is the beginning of that of the newer (RFC 9162, 2.1.4)."""
    path = engine.sealing.consistency(first, second)
    return JSONResponse({"first": first, "second": second, "path": [one.hex() for one in path]})
