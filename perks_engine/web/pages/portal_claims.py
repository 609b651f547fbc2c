"""The portal's claims: where the thing is, whether I received it, how I have to disclose it and where I did,
and to object to what is recorded."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from perks_engine.services.disputing import LONGEST_WORDS
from perks_engine.services.errors import InvalidInputError, RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Form, Reading, Sent
from perks_engine.web.pages.shell import show, words_of
from perks_engine.web.values import ClaimId, Cursor, page

router = APIRouter(prefix="/my/claims", include_in_schema=False)
ON_A_PAGE = 20
LONGEST_KEY = 80
LONGEST_DENIAL = 500
HOW = "acknowledged on the page"
Done = Annotated[str, Query(max_length=40)]
"""What was just done, for the words of the page: a code, of which unknown ones say nothing."""


def contact_of(engine: Engine) -> str:
    """Where a person who answers reads; "" where none was set."""
    return parseaddr(engine.settings.mail_from)[1]


@router.get("")
def my_claims(engine: Engine, reader: Reading, request: Request, cursor: Cursor = None) -> Response:
    """The newest first."""
    found = page("claims", engine.own_claims.listed(reader.person, cursor, ON_A_PAGE + 1), ON_A_PAGE, "claim")
    values = {"claims": found["claims"], "next": found.get("next", ""), "cursor": cursor or ""}
    return show(engine, request, "portal/claims", values)


@router.get("/{claim}")
def my_claim(claim: ClaimId, engine: Engine, reader: Reading, request: Request, done: Done = "") -> Response:
    """One claim, with all that I can do about it."""
    return _shown(claim, engine, reader, request, {"done": done})


@router.post("/{claim}/receipt")
def confirm_receipt(
    claim: ClaimId, engine: Engine, reader: Reading, form: Sent, request: Request
) -> Response:
    """I have it, or these parts of it."""
    parts = tuple(form.all_of("part"))
    if form.text("some") and not parts:
        return _shown(claim, engine, reader, request, {"wrong_parts": True}, status=422)
    engine.own_word.confirm(reader.person, claim, _key(form), parts)
    return see(f"/my/claims/{claim}?done=received")


@router.post("/{claim}/denial")
def deny_receipt(claim: ClaimId, engine: Engine, reader: Reading, form: Sent) -> Response:
    """I do not have it, whatever the record says."""
    engine.own_word.deny(reader.person, claim, form.text("why")[:LONGEST_DENIAL], _key(form))
    return see(f"/my/claims/{claim}?done=denied")


@router.post("/{claim}/cancellation")
def cancel(claim: ClaimId, engine: Engine, reader: Reading, form: Sent) -> Response:
    """I do not want it any more."""
    engine.own_word.cancel(reader.person, claim, _key(form))
    return see(f"/my/claims/{claim}?done=cancelled")


@router.post("/{claim}/acknowledgement")
def acknowledge(claim: ClaimId, engine: Engine, reader: Reading, form: Sent) -> Response:
    """I have read how to disclose, and will."""
    engine.instructing.acknowledge(reader.person, claim, _key(form), HOW)
    return see(f"/my/claims/{claim}?done=acknowledged#disclosing")


@router.post("/{claim}/posts")
def report_a_post(claim: ClaimId, engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """Here is where I said it."""
    url = form.text("url")
    try:
        engine.instructing.report(reader.person, claim, url, None, _key(form))
    except InvalidInputError:
        wrong = {"wrong_post": True, "post": url}
        return _shown(claim, engine, reader, request, wrong, status=422)
    return see(f"/my/claims/{claim}?done=posted#disclosing")


@router.post("/{claim}/disputes")
def object_to_it(claim: ClaimId, engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """What is recorded is not so."""
    words = form.text("text")
    if not words or len(words) > LONGEST_WORDS:
        wrong = {"wrong_dispute": True, "dispute_words": words[:LONGEST_WORDS]}
        return _shown(claim, engine, reader, request, wrong, status=422)
    opened = engine.disputing.open_own(reader.person, claim, words, _key(form))
    return see(f"/my/disputes/{opened['dispute']}?done=opened")


def _key(form: Form) -> str:
    """Of the page that the form stood on: two clicks do it once."""
    return f"portal {form.text('key')[:LONGEST_KEY]}"


def _shown(
    claim: str, engine: Engine, reader: Reading, request: Request, more: View, status: int = 200
) -> Response:
    person = reader.person
    found = engine.own_claims.shown(person, claim, words_of(engine, request, reader.actor))
    values: dict[str, Any] = {
        "claim": found,
        "instruction": None,
        "posts": [],
        "code": "",
        "dispute": None,
        "key": new_id("key", engine.clock()),
        "contact": contact_of(engine),
        "longest": LONGEST_WORDS,
        "done": "",
        "wrong_post": "",
        "wrong_parts": False,
        "post": "",
        "wrong_dispute": False,
        "dispute_words": "",
    }
    if found["outcome"] == "granted":
        values["instruction"] = _instruction(engine, person, claim)
        values["posts"] = engine.recipients.judging.own(person, claim)
        values["code"] = _code(engine, person, found)
        mine = engine.disputing.seen_by(reader.actor, True, None, 100)
        values["dispute"] = next((one for one in mine if one["claim"] == claim), None)
    return show(engine, request, "portal/claim", values | more, status=status)


def _instruction(engine: Engine, person: str, claim: str) -> View | None:
    try:
        return engine.instructing.instruction(person, claim)
    except RefusedError:
        return None  # it was never sent: of a claim that was granted by an incident, say


def _code(engine: Engine, person: str, found: View) -> str:
    """What opens a door or pays at a till, while there is something to open."""
    waits = found["where"] in ("reserved", "cleared") and found["perk"]["kind"] in ("event", "code")
    return engine.admitting.code(person, found["claim"])["code"] if waits else ""
