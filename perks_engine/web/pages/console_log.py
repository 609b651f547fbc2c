"""The ledger's log: its signed heads and the whole of it verified; and what staff did, with the receipts of
erasures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.services.views import instant_view
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, skipped, turned
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/console", include_in_schema=False)
MOST_HEADS = 50


@router.get("/log")
def log(engine: Engine, reader: Reading, request: Request) -> Response:
    """The signed heads, and the keys that open them."""
    _ = reader.actor
    return show(engine, request, "console/log", _values(engine))


@router.post("/log")
def verify(engine: Engine, reader: Reading, request: Request, _form: Sent) -> Response:
    """Look through the whole log, against the ledger, the tree and the heads."""
    _ = reader.actor
    # As a list: it reads all there is, on a connection of its own.
    with engine.exporting.a_slot():
        found = engine.auditing.audit(engine.sealing.keys)
    return show(engine, request, "console/log", {**_values(engine), "audit": found})


def _values(engine: Engine) -> dict[str, Any]:
    sealing = engine.sealing
    heads = [
        {"size": one.size, "signed_at": instant_view(one.signed_at), "note": one.note}
        for one in sealing.heads(MOST_HEADS)
    ]
    keys = [str(key) for key in sealing.keys.verifiers] if sealing.has_keys else []
    return {"heads": heads, "keys": keys, "audit": None}


@router.get("/staff-log")
def staff_log(engine: Engine, reader: Reading, request: Request, cursor: Cursor = "") -> Response:
    """Who did what, the newest first."""
    found = engine.console.staff_log.acts(reader.actor, skipped(cursor), LINES + 1)
    return show(engine, request, "console/staff_log", turned(found, cursor))


@router.get("/erasures")
def erasures(engine: Engine, reader: Reading, request: Request, cursor: Cursor = "") -> Response:
    """The erasures there were."""
    found = engine.console.staff_log.erasures(reader.actor, skipped(cursor), LINES + 1)
    return show(engine, request, "console/erasures", turned(found, cursor))


@router.get("/erasures/{pseudonym}")
def erasure(pseudonym: StorableText, engine: Engine, reader: Reading, request: Request) -> Response:
    """The receipt of one: what became of what."""
    found = engine.console.staff_log.erasure(reader.actor, pseudonym)
    return show(engine, request, "console/erasure", {"erasure": found})
