"""My record: have it whole, and have it erased; and the same by staff, for a person who told them to.

A browser gets pages, everybody else JSON; `format` says otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.services.holding import LONGEST_WHY
from perks_engine.services.ports import Store
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.editions import ENDS, TAGGED, IfMatch, with_tag
from perks_engine.web.keyed import once_by
from perks_engine.web.link_pages import AsForm, is_page, told
from perks_engine.web.page_languages import language_for, words_for
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/v1", tags=["records"], responses=RESPONSES)
PersonId = Annotated[StorableText, Path(max_length=80, description="a person's id")]
HoldId = Annotated[StorableText, Path(max_length=80, description="a hold's id")]
_HELD: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "A legal hold is on the record"}
}
_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "The handle belongs to somebody else"}
}
_PAGE: dict[int | str, dict[str, Any]] = {200: {"description": "Done", "content": {"text/html": {}}}}
_SHOWN: dict[int | str, dict[str, Any]] = {200: {**_PAGE[200], **TAGGED[200]}}


class Section(BaseModel):
    """What one table holds."""

    table: str
    what: str
    why: str
    basis: str
    kept: str
    span: str = Field(description="what `kept` says, without the number of days")
    days: int | None
    rows: list[dict[str, Any]]


class Record(BaseModel):
    person: str
    made_at: datetime
    sections: list[Section]
    nothing_of: list[str]
    rights: str


class ReceiptLine(BaseModel):
    what: str
    count: int
    why: str | None = None
    until: datetime | None = None


class StatementLater(BaseModel):
    at: str
    until: datetime
    how: str


class Receipt(BaseModel):
    """What an erasure did."""

    pseudonym: str = Field(description="what is kept bears it since")
    erased_at: datetime
    gone: list[ReceiptLine]
    kept: list[ReceiptLine]
    ended: list[ReceiptLine]
    statement: StatementLater
    letter: str | None
    already: bool = Field(description="it was done before, and nothing changed now")


class OwnCorrection(models.Body):
    """What is left out stays as it is."""

    name: StorableText | None = Field(None, max_length=200)
    handle: StorableText | None = Field(None, max_length=80)
    email: StorableText | None = Field(None, max_length=254)
    speaks: StorableText | None = Field(None, max_length=2, description="the language to write in")
    time_zone: StorableText | None = Field(
        None,
        max_length=60,
        description="by which letters come at no time of night; null for the zones of the country",
        examples=["America/New_York"],
    )


class Address(models.Body):
    country: StorableText = Field(max_length=2, examples=["US"])
    region: StorableText | None = Field(None, max_length=6, examples=["US-NY"])
    postal_code: StorableText | None = Field(None, max_length=12, examples=["11201"])


class Correction(OwnCorrection):
    born_on: StorableText | None = Field(None, max_length=10, examples=["1990-04-01"])
    address: Address | None = None
    why: StorableText = Field(min_length=1, max_length=LONGEST_WHY, examples=["saw the passport"])


class Corrected(BaseModel):
    person: str
    corrected: list[str] = Field(description="what was otherwise before")
    told: list[str] = Field(description="the brands whose staff is told to take its lists again")


class Why(models.Body):
    why: StorableText = Field(min_length=1, max_length=LONGEST_WHY, examples=["a court asked for it"])


class Hold(BaseModel):
    hold: str
    person: str
    why: str
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_because: str | None = None


class Holds(BaseModel):
    holds: list[Hold]


@router.get("/record", response_model=Record, responses=_SHOWN)
def my_record(engine: Engine, caller: Calling, request: Request, form: AsForm = None) -> Response:
    """Everything that is held about me, why, and for how long."""
    person = caller.person()
    say = words_for(engine, request, person) if is_page(request, form) else str
    edition = engine.records.rectifying.edition(person)  # first: never newer than what is shown
    record = engine.records.recording.own(person, say)
    return with_tag(told(engine, request, form, "record", record, person), edition)


@router.patch("/record", response_model=Corrected, responses=_TAKEN | ENDS)
def correct_mine(body: OwnCorrection, engine: Engine, caller: Calling, key: Key, looked: IfMatch) -> Any:
    """Correct what is wrong about me. Staff corrects what somebody has to see, such as a birth date."""
    actor, changes = caller.actor(), body.model_dump(exclude_unset=True)
    person = actor.own_person()

    def correct(store: Store) -> View:
        return replace(engine.records.rectifying, store=store).correct_own(person, changes, looked)

    return JSONResponse(once_by(engine, actor, key, "correct own record", body, correct))


@router.patch("/people/{person}/record", response_model=Corrected, responses=_TAKEN | ENDS)
def correct_person(
    person: PersonId, body: Correction, engine: Engine, caller: Calling, key: Key, looked: IfMatch
) -> Any:
    """Correct what is wrong about a person, and why (compliance staff of all brands)."""
    changes = body.model_dump(exclude_unset=True)
    actor, why = caller.actor(), changes.pop("why")

    def correct(store: Store) -> View:
        rectifying = replace(engine.records.rectifying, store=store)
        return rectifying.correct_for(actor, person, changes, why, looked)

    return JSONResponse(once_by(engine, actor, key, f"correct record {person}", body, correct))


@router.delete("/record", response_model=Receipt, response_model_exclude_none=True, responses=_HELD | _PAGE)
def erase_me(engine: Engine, caller: Calling, request: Request, form: AsForm = None) -> Response:
    """Erase my record, at once and whole. The receipt says what is gone and what is kept until when; it is
    also mailed, as the last letter. Sent again, it answers with the same receipt."""
    before = caller.erased()
    person = None if before else caller.person()
    spoken = language_for(engine, request, person)  # afterwards nobody knows any more
    erasing = engine.records.erasing
    done = erasing.receipt(before) if before else erasing.erase_own(caller.person())
    return told(engine, request, form, "erasure_receipt", done, language=spoken)


@router.get("/people/{person}/record", response_model=Record, responses=_SHOWN)
def record_of(
    person: PersonId, engine: Engine, caller: Calling, request: Request, form: AsForm = None
) -> Response:
    """Everything that is held about a person who asked us (compliance staff of all brands)."""
    actor = caller.actor()
    say = words_for(engine, request, person) if is_page(request, form) else str
    edition = engine.records.rectifying.edition_for(actor, person)
    found = engine.records.recording.of(actor, person, say)
    return with_tag(told(engine, request, form, "record", found, person), edition)


@router.delete(
    "/people/{person}/record",
    response_model=Receipt,
    response_model_exclude_none=True,
    responses=_HELD | _PAGE,
)
def erase_person(
    person: PersonId, engine: Engine, caller: Calling, request: Request, form: AsForm = None
) -> Response:
    """Erase the record of a person who told us to (compliance staff of all brands)."""
    actor, spoken = caller.actor(), language_for(engine, request)
    done = engine.records.erasing.erase_for(actor, person)
    return told(engine, request, form, "erasure_receipt", done, language=spoken)


@router.get("/people/{person}/holds", response_model=Holds, response_model_exclude_none=True)
def holds_on(person: PersonId, engine: Engine, caller: Calling) -> Any:
    """The legal holds that there are and were on a record (compliance staff of all brands)."""
    return JSONResponse({"holds": engine.records.holding.listed(caller.actor(), person, live_only=False)})


@router.post("/people/{person}/holds", status_code=201, response_model=Hold, response_model_exclude_none=True)
def hold(person: PersonId, body: Why, engine: Engine, caller: Calling, key: Key) -> Any:
    """Let nothing of a record be erased, until the hold is lifted (compliance staff of all brands)."""
    actor = caller.actor()

    def put(store: Store) -> View:
        return replace(engine.records.holding, store=store).put(actor, person, body.why)

    return JSONResponse(once_by(engine, actor, key, f"hold {person}", body, put), 201)


@router.post("/holds/{hold}/lifting", response_model=Hold, response_model_exclude_none=True)
def lift_hold(hold: HoldId, body: Why, engine: Engine, caller: Calling, key: Key) -> Any:
    """Lift a legal hold, and why (compliance staff of all brands)."""
    actor = caller.actor()

    def lift(store: Store) -> View:
        return replace(engine.records.holding, store=store).lift(actor, hold, body.why)

    return JSONResponse(once_by(engine, actor, key, f"lift {hold}", body, lift))
