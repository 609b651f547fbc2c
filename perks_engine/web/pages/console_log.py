"""The ledger's log: its signed heads and the whole of it verified; and what staff did, with the receipts of
erasures."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from perks_engine.services.access import ALL_BRANDS
from perks_engine.services.staff_records import WhichActions
from perks_engine.services.views import instant_view
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, Cursor, Filter, skipped, turned, wanted
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
def staff_log(
    engine: Engine,
    reader: Reading,
    request: Request,
    by: Filter = "",
    about: Filter = "",
    person: Filter = "",
    cursor: Cursor = "",
) -> Response:
    """Who did what, the newest first: what `GET /v1/staff-actions` lists."""
    which = WhichActions(
        wanted(by), about=wanted(about), person=wanted(person), before=skipped(cursor) or None
    )
    found = engine.staff_actions.seen_by(reader.actor, which, LINES + 1)
    does = doings(request.app.state.parts)
    values = {
        "lines": [
            {**one, "things": _things(str(one["about"])), "does": does.get(str(one["route"]), "")}
            for one in found[:LINES]
        ],
        "is_of_all": ALL_BRANDS in reader.actor.brands,
        "next": str(found[LINES - 1]["action"]) if len(found) > LINES else "",
        "at": cursor,
        "asked": {"by": by.strip(), "about": about.strip(), "person": person.strip()},
    }
    return show(engine, request, "console/staff_log", values)


def doings(parts: Sequence[APIRouter]) -> Mapping[str, str]:
    """What each route does, in its own words: by how the log names it."""
    routes = [one for part in parts for one in part.routes if isinstance(one, APIRoute)]
    return {
        f"{method} {route.path}": re.split(r"[.;:(]", inspect.getdoc(route.endpoint) or "")[0]
        .replace("\n", " ")
        .strip()
        for route in routes
        for method in route.methods or ()
    }


_PAGES = {
    "campaign": "campaigns",
    "claim": "recipients",
    "dispute": "disputes",
    "export": "exports",
    "incident": "incidents",
}
"""Where the console shows what an action was about."""


def _things(about: str) -> list[tuple[str, str, str]]:
    """The kind, the id and the page of each thing, an empty one where there is none."""
    found = [one.partition("=") for one in about.split(" ") if one]
    return [(kind, it, f"/console/{_PAGES[kind]}/{it}" if kind in _PAGES else "") for kind, _, it in found]


@router.get("/erasures")
def erasures(engine: Engine, reader: Reading, request: Request, cursor: Cursor = "") -> Response:
    """The erasures there were."""
    found = engine.console.erasures.listed(reader.actor, skipped(cursor), LINES + 1)
    return show(engine, request, "console/erasures", turned(found, cursor))


@router.get("/erasures/{pseudonym}")
def erasure(pseudonym: StorableText, engine: Engine, reader: Reading, request: Request) -> Response:
    """The receipt of one: what became of what."""
    found = engine.console.erasures.receipt(reader.actor, pseudonym)
    return show(engine, request, "console/erasure", {"erasure": found})
