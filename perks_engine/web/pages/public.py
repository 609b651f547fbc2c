"""What anybody may do: ask for a statement by an address, and verify a document that they hold."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import SaidError
from perks_engine.services.errors import InvalidInputError
from perks_engine.web.callers import Engine
from perks_engine.web.page_languages import words_for
from perks_engine.web.pages.readers import SentByAnybody
from perks_engine.web.pages.shell import show

router = APIRouter(include_in_schema=False)
VERIFY = re.compile(r"/verify")
"""Where a body may be as large as a document."""
MOST_FAULTS = 50
"""That a page lists; a document that was made up has them without end."""
LONGEST_ADDRESS = 254


@router.get("/statement")
def statement_page(engine: Engine, request: Request) -> Response:
    """To ask what is recorded."""
    return show(engine, request, "statement", {"state": "ask", "address": "", "wrong": False})


@router.post("/statement")
def ask_for_a_statement(engine: Engine, form: SentByAnybody, request: Request) -> Response:
    """The same answer whether or not anybody is known under the address."""
    address = form.text("address")
    try:
        engine.statement_requests.ask(address)
    except InvalidInputError:
        values = {"state": "ask", "address": address[:LONGEST_ADDRESS], "wrong": True}
        return show(engine, request, "statement", values, status=422)
    return show(engine, request, "statement", {"state": "asked"}, status=202)


@router.get("/verify")
def verify_page(engine: Engine, request: Request) -> Response:
    """To give a document to be verified."""
    return _shown(engine, request, {"state": "ask"})


@router.post("/verify")
def verify(engine: Engine, form: SentByAnybody, request: Request) -> Response:
    """What the document turned out to be. It is looked at, and not kept."""
    given = form.file("document")
    if given is None:
        return _shown(engine, request, {"state": "none"}, status=422)
    say = words_for(engine, request)
    try:
        found = engine.verifying.look_at(given.content)
    except SaidError as error:
        return _shown(
            engine, request, {"state": "other", "why": say(error.why), "name": given.name}, status=422
        )
    faults = [say(one) for one in found.faults[:MOST_FAULTS]]
    return _shown(engine, request, {"state": "checked", "found": found, "faults": faults, "name": given.name})


def _shown(engine: Engine, request: Request, values: dict[str, object], status: int = 200) -> Response:
    keys = [str(one) for one in engine.sealing.keys.verifiers] if engine.sealing.has_keys else []
    return show(engine, request, "verify", {**values, "keys": keys}, status=status)
