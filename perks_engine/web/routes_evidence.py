"""My evidence: what is known of me, and what I show and say myself, so that what is unknown becomes known.

Each is a PUT of how it is now: sent again, it stands in the place of itself, with a later time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from perks_engine.bootstrap import Application
from perks_engine.services.consents import own_word
from perks_engine.services.own_evidence import MOST_WORDS, Fix
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine
from perks_engine.web.link_pages import origin_of
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_consents import Consent
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/v1/evidence", tags=["records"], responses=RESPONSES)
AttributeName = Annotated[
    StorableText, Path(max_length=60, description="one of `words` of my evidence", examples=["topics"])
]
_REFUSED: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "Not agreed to, on record already, or the words changed meanwhile"}
}


class Fact(BaseModel):
    """Something that is known, from where and of when."""

    attribute: str = Field(examples=["location"])
    value: Any = Field(description="of a location its coordinates or its words; else a value")
    source: str = Field(examples=["device"])
    key: str | None = None
    observed_at: datetime


class Words(BaseModel):
    """What I say of myself about one attribute."""

    attribute: str = Field(examples=["topics"])
    title: str
    several: bool = Field(description="whether more than one word may be said")
    choices: list[str] = Field(description="what there is to choose from")
    free: bool = Field(description="whether other words may be said as well")
    said: list[str]
    others: list[Fact] = Field(description="what is known of it from other sources")


class OwnEvidence(BaseModel):
    locations: list[Fact]
    consent: Consent | None = Field(None, description="to it that my device tells where it is")
    born_on: Fact | None = None
    words: list[Words]


class Place(models.Body):
    """Where my device says that it is. `text_sha256` names the words of the consent that were shown, where I
    agree to them by this; it is not needed again once I agreed."""

    lat: float = Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[40.6782])
    lon: float = Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[-73.9442])
    accuracy_m: float = Field(
        strict=True,
        gt=0,
        allow_inf_nan=False,
        description="the radius that is right in 68 % of cases",
        examples=[20],
    )
    text_sha256: StorableText | None = Field(None, min_length=64, max_length=64)


class Country(models.Body):
    country: StorableText = Field(min_length=2, max_length=2, examples=["US"])


class BirthDate(models.Body):
    born_on: StorableText = Field(min_length=10, max_length=10, examples=["1990-04-01"])


class Said(models.Body):
    words: list[StorableText] = Field(
        max_length=MOST_WORDS, description="all of them, as they are to be", examples=[["technology"]]
    )


@router.get("", response_model=OwnEvidence, response_model_exclude_none=True)
def my_evidence(engine: Engine, caller: Calling) -> Any:
    """What is known of me that rules ask for, and what I can show and say of it myself."""
    return _shown(engine, caller.person())


@router.put("/location", response_model=OwnEvidence, response_model_exclude_none=True, responses=_REFUSED)
def share_my_location(body: Place, engine: Engine, caller: Calling, request: Request) -> Any:
    """Share where my device is, now: only with my consent, which can be given by the same request."""
    speaker = own_word(caller.person(), origin_of(request), "shared through the API")
    fix = Fix(body.lat, body.lon, body.accuracy_m)
    engine.own_evidence.share_location(speaker, fix, body.text_sha256 or "")
    return _shown(engine, speaker.person_id)


@router.put("/country", response_model=OwnEvidence, response_model_exclude_none=True)
def say_my_country(body: Country, engine: Engine, caller: Calling) -> Any:
    """Say in which country I live. It counts where a rule takes my word for it."""
    person = caller.person()
    engine.own_evidence.say_country(person, body.country)
    return _shown(engine, person)


@router.put("/birth-date", response_model=OwnEvidence, response_model_exclude_none=True, responses=_REFUSED)
def confirm_my_birth_date(body: BirthDate, engine: Engine, caller: Calling) -> Any:
    """Say when I was born, once; of a day that makes me too young nothing is kept."""
    person = caller.person()
    engine.own_evidence.confirm_birth_date(person, body.born_on)
    return _shown(engine, person)


@router.put("/words/{attribute}", response_model=OwnEvidence, response_model_exclude_none=True)
def say_my_words(attribute: AttributeName, body: Said, engine: Engine, caller: Calling) -> Any:
    """Say something of myself, in the place of what I said before; no words take it back."""
    person = caller.person()
    engine.own_evidence.say(person, attribute, body.words)
    return _shown(engine, person)


def _shown(engine: Application, person: str) -> JSONResponse:
    known = engine.own_evidence.shown(person)
    return JSONResponse({name: value for name, value in known.items() if value is not None})
