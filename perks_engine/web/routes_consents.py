"""Consents: what I can be asked, what I said, and to say otherwise; staff writes down what people told them.

A yes is a PUT, a no a DELETE of the same address: either may be sent again, and changes nothing then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.services.consents import LONGEST_WHY, on_behalf, own_word
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.link_pages import PRIVATE_HEADERS, origin_of, wants_page
from perks_engine.web.pages.shell import show
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/v1", tags=["consents"], responses=RESPONSES)
links = APIRouter(
    prefix="/v1/consent-links",
    tags=["consents"],
    responses={status: answer for status, answer in RESPONSES.items() if status not in (401, 403)},
)

PurposeName = Annotated[StorableText, Path(max_length=60, description="a purpose", examples=["perks"])]
ChannelName = Annotated[StorableText, Path(max_length=60, description="a channel", examples=["email"])]
PersonId = Annotated[StorableText, Path(max_length=80, description="a person's id")]
LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]


class Words(BaseModel):
    """The exact words of one version in one language."""

    version: int
    language: str
    sha256: str = Field(description="of the text in UTF-8; a yes names it")
    text: str


class ConsentProblem(Problem):
    """What was shown, and what is current: the words changed in between."""

    shown: dict[str, Any] | None = None
    current: Words | None = None
    recorded: Words | None = None


_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": ConsentProblem, "description": "Not these words any more, or not possible now"}
}


class Consent(BaseModel):
    purpose: str
    channel: str
    title: str
    commercial: bool
    double_opt_in: bool = Field(description="whether a yes has to be confirmed by mail")
    state: str = Field(description="given, pending, not_asked, withdrawn or declined")
    ask: bool = Field(description="whether it was never answered: who answered is not asked again")
    text: Words
    since: datetime | None = None
    expires_at: datetime | None = Field(None, description="until when a pending one can be confirmed")


class ConsentAct(BaseModel):
    """Something that was said, with its proof."""

    purpose: str
    channel: str
    given: bool
    at: datetime
    how: str
    through: str = Field(description="own, link, import, provider or staff")
    text_version: int | None = None
    text_sha256: str | None = None
    language: str | None = None
    origin: str | None = None
    recorded_by: str | None = None
    why: str | None = None
    confirmed_at: datetime | None = None


class PersonConsents(BaseModel):
    person: str
    consents: list[Consent]
    history: list[ConsentAct]


class Yes(models.Body):
    text_sha256: StorableText = Field(
        min_length=64, max_length=64, description="the hash of the words that were shown"
    )


class StaffYes(Yes):
    why: StorableText = Field(min_length=1, max_length=LONGEST_WHY, examples=["said so by telephone"])


class StaffNo(models.Body):
    why: StorableText = Field(min_length=1, max_length=LONGEST_WHY, examples=["wrote to us by post"])


class Confirmation(BaseModel):
    title: str
    text: str
    expires_at: datetime
    confirmed_at: datetime | None
    how: str


@router.get("/consents", response_model=PersonConsents, response_model_exclude_none=True)
def my_consents(engine: Engine, caller: Calling) -> Any:
    """What I can be asked, what I said to it, and all that I ever said, with its proof."""
    return JSONResponse(engine.consents.of(caller.person()))


@router.put(
    "/consents/{purpose}/{channel}",
    response_model=Consent,
    response_model_exclude_none=True,
    responses=_CONFLICT,
)
def give_consent(
    purpose: PurposeName, channel: ChannelName, body: Yes, engine: Engine, caller: Calling, request: Request
) -> Any:
    """Say yes to the words that were shown, named by their hash. Where it has to be confirmed, the answer is
    `pending`, and a letter with a link is on its way."""
    speaker = own_word(caller.person(), origin_of(request))
    return JSONResponse(engine.consents.give(speaker, purpose, channel, body.text_sha256))


@router.delete(
    "/consents/{purpose}/{channel}",
    response_model=Consent | ConsentAct,
    response_model_exclude_none=True,
)
def withdraw_consent(
    purpose: PurposeName, channel: ChannelName, engine: Engine, caller: Calling, request: Request
) -> Any:
    """Say no: from this moment nothing is sent for it. Nobody asks why, and nobody asks again."""
    return JSONResponse(
        engine.consents.withdraw(own_word(caller.person(), origin_of(request)), purpose, channel)
    )


@router.get("/people/{person}/consents", response_model=PersonConsents, response_model_exclude_none=True)
def consents_of(person: PersonId, engine: Engine, caller: Calling) -> Any:
    """What somebody said, with its proof (compliance staff of all brands)."""
    return JSONResponse(engine.consents.seen_by(caller.actor(), person))


@router.put(
    "/people/{person}/consents/{purpose}/{channel}",
    response_model=Consent,
    response_model_exclude_none=True,
    responses=_CONFLICT,
)
def give_on_behalf(
    person: PersonId,
    purpose: PurposeName,
    channel: ChannelName,
    body: StaffYes,
    engine: Engine,
    caller: Calling,
) -> Any:
    """Write down the yes that somebody told us, and why we do (compliance staff of all brands)."""
    speaker = on_behalf(caller.actor(), person, body.why)
    return JSONResponse(engine.consents.give(speaker, purpose, channel, body.text_sha256))


@router.post(
    "/people/{person}/consents/{purpose}/{channel}/withdrawal",
    response_model=Consent | ConsentAct,
    response_model_exclude_none=True,
)
def withdraw_on_behalf(
    person: PersonId,
    purpose: PurposeName,
    channel: ChannelName,
    body: StaffNo,
    engine: Engine,
    caller: Calling,
) -> Any:
    """Write down the no that somebody told us, and why we do (compliance staff of all brands)."""
    return JSONResponse(
        engine.consents.withdraw(on_behalf(caller.actor(), person, body.why), purpose, channel)
    )


@links.get(
    "/{link}",
    response_model=Confirmation,
    responses={200: {"description": "What it confirms", "content": {"text/html": {}}}},
)
def look_at_a_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """What a link confirms; a browser gets the button that does. Looking confirms nothing: programs that scan
    mail look at links, too."""
    found = engine.consents.look(link)
    if wants_page(request):
        return show(engine, request, "links/consent", found, person=engine.consents.reader(link))
    return JSONResponse(found, headers=PRIVATE_HEADERS)


@links.post(
    "/{link}",
    response_model=Consent,
    response_model_exclude_none=True,
    responses={200: {"description": "Confirmed", "content": {"text/html": {}}}, **_CONFLICT},
)
def confirm_by_link(link: LinkText, engine: Engine, request: Request) -> Response:
    """Confirm that the yes was mine. No token is needed: the link proves who holds the mailbox."""
    confirmed = engine.consents.confirm(link, origin_of(request))
    if wants_page(request):
        found = engine.consents.look(link)
        return show(engine, request, "links/consent", found, person=engine.consents.reader(link))
    return JSONResponse(confirmed, headers=PRIVATE_HEADERS)
