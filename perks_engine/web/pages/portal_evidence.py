"""The portal's evidence: what is known of me, and what I can show and say myself, so that what is unknown
becomes known. The forms stand here, and on the page of a perk that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from babel import Locale
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from perks_engine.bootstrap import Application
from perks_engine.campaigns.countries import COUNTRIES
from perks_engine.domain.phrase import said
from perks_engine.services.consents import own_word
from perks_engine.services.errors import ConflictError, InvalidInputError, RefusedError
from perks_engine.services.own_evidence import Fix
from perks_engine.services.own_ways import Ways
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.link_pages import origin_of
from perks_engine.web.page_languages import language_for
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import Done, contact_of
from perks_engine.web.pages.readers import Form, Reader, Reading, Sent
from perks_engine.web.pages.shell import show
from perks_engine.web.pages.told_errors import told
from perks_engine.web.values import StorableText

router = APIRouter(prefix="/my/evidence", include_in_schema=False)
Attribute = Annotated[StorableText, Path(max_length=60)]
_CAMPAIGN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LOCATING = {"Permissions-Policy": "camera=(), geolocation=(self), microphone=()"}
"""Of pages that may ask the device where it is."""
_LONGEST_NAME = 60
_HOW = said("shared on their own page")


@router.get("")
def my_evidence(engine: Engine, reader: Reading, request: Request, done: Done = "") -> Response:
    """All of it."""
    return _shown(engine, reader, request, {"done": done})


@router.post("/location")
def share_location(engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """Where my device says that it is: sent only after I pressed for it."""
    speaker = own_word(reader.person, origin_of(request), _HOW)
    fix = Fix(*(_number(form.text(name)) for name in ("lat", "lon", "accuracy")))

    def share() -> None:
        engine.own_evidence.share_location(speaker, fix, form.text("words"))

    return _done(engine, reader, form, request, "located", share)


@router.post("/country")
def say_country(engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """Where I live, as I say myself."""

    def say() -> None:
        engine.own_evidence.say_country(reader.person, form.text("country"))

    return _done(engine, reader, form, request, "said", say)


@router.post("/birth-date")
def confirm_birth_date(engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """When I was born."""

    def confirm() -> None:
        engine.own_evidence.confirm_birth_date(reader.person, form.text("born_on"))

    return _done(engine, reader, form, request, "born", confirm)


@router.post("/words/{attribute}")
def say_words(
    attribute: Attribute, engine: Engine, reader: Reading, form: Sent, request: Request
) -> Response:
    """What I say of myself: all of it, as it is to be."""
    words = [*form.all_of("word"), *form.text("more").split(",")]

    def say() -> None:
        engine.own_evidence.say(reader.person, attribute, words)

    return _done(engine, reader, form, request, "said", say)


def evidence_values(engine: Application, request: Request, person: str, ways: Ways | None) -> View:
    """What the forms need; `ways` are those that a perk's page has a form for, None stands for all."""
    language = language_for(engine, request, person)
    known = engine.own_evidence.shown(person, language)
    said: list[View] = known["words"]
    chosen = said if ways is None else [one for one in said if one["attribute"] in ways.words]
    locale = Locale.parse(language)
    countries = ((code, str(locale.territories.get(code, code))) for code in COUNTRIES)
    return {
        "ways": ways,
        "known": known | {"words": chosen},
        "countries": sorted(countries, key=lambda one: one[1]),
        "languages": locale.languages,
        "contact": contact_of(engine),
    }


def _done(
    engine: Application,
    reader: Reader,
    form: Form,
    request: Request,
    done: str,
    act: Callable[[], None],
) -> Response:
    """Back to where the form stood, where the verdict is by now another, or is not."""
    asked = form.text("for")
    perk = asked if len(asked) <= _LONGEST_NAME and _CAMPAIGN.fullmatch(asked) else ""
    try:
        act()
    except ConflictError:
        return _shown(engine, reader, request, {"perk": perk, "done": "changed"}, 409)
    except (InvalidInputError, RefusedError) as error:
        values = {"perk": perk, "wrong": told(error), "code": error.code}
        return _shown(engine, reader, request, values, 422)
    return see(f"/my/perks/{perk}?done={done}" if perk else f"/my/evidence?done={done}")


def _shown(
    engine: Application, reader: Reader, request: Request, values: Mapping[str, Any], status: int = 200
) -> Response:
    nothing: View = {"done": "", "wrong": "", "code": "", "perk": ""}
    shown = {**nothing, **evidence_values(engine, request, reader.person, None), **values}
    return show(engine, request, "portal/evidence", shown, status=status, headers=LOCATING)


def _number(text: str) -> float:
    """Not a number where it is none: that is no place."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
