"""What all pages have around them: the head, the places that the reader may go to, the languages, the foot;
and the headers under which nothing runs, and nothing is asked of any other host, that is not the engine's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from perks_engine.bootstrap import Application
from perks_engine.delivery.localising import LANGUAGES
from perks_engine.services.access import Actor
from perks_engine.services.sessions import csrf_token
from perks_engine.services.views import Say
from perks_engine.web.cookies import Cookies
from perks_engine.web.page_languages import language_for, words_for
from perks_engine.web.pages.assets import asset
from perks_engine.web.pages.places import Face, Place, place_at, places_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PART = "HX-Request"
"""What scripts send that ask for a part of a page, as htmx does."""
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept, Accept-Language, Cookie",
    "Content-Security-Policy": POLICY,
}


@dataclass(frozen=True, slots=True)
class Language:
    tag: str
    name: str


_LANGUAGES = tuple(Language(tag, (Locale.parse(tag).display_name or tag).capitalize()) for tag in LANGUAGES)


@dataclass(frozen=True, slots=True)
class Shell:
    """What templates know as `shell`. `csrf` goes into every form of somebody signed in; `may_sign_in` is
    false also where nobody looked whose session it is."""

    face: Face
    places: Sequence[Place]
    at: Place | None
    who: str
    csrf: str
    path: str
    languages: Sequence[Language]
    is_demo: bool
    may_sign_in: bool
    asset: Callable[[str], str]


def show(
    engine: Application,
    request: Request,
    name: str,
    values: Mapping[str, Any] | None = None,
    *,
    person: str | None = None,
    language: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    is_looked_up: bool = True,
) -> HTMLResponse:
    """`templates/pages/NAME.html.j2` with these values, for whoever's session the browser has.

    `person` is who reads it where that is known otherwise, by a letter's link; `language` goes before theirs.
    Looks into the database, unless told not to: call it where the route runs, not on the event loop.
    """
    session = Cookies(engine.settings.public_url).read(request, "session")
    actor = engine.sessions.actor(session) if session and is_looked_up else None
    may_sign_in = actor is None and (is_looked_up or not session)
    spoken = language or language_for(engine, request, person or (actor.person_id if actor else None))
    text = engine.rules.renderer.page(
        name,
        {
            "shell": shell_for(request, actor, session, () if language else _LANGUAGES, may_sign_in),
            **(values or {}),
        },
        language=spoken,
        folder="pages",
    )
    return HTMLResponse(text, status, {**HEADERS, **(headers or {}), "Content-Language": spoken})


def show_part(engine: Application, request: Request, name: str, values: Mapping[str, Any]) -> Response:
    """A part of a page that is asked for again and again: where it is as it was, nothing but that is said."""
    shown = show(engine, request, name, values)
    tag = f'"{hashlib.sha256(shown.body).hexdigest()[:24]}"'
    headers = {**HEADERS, "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    shown.headers["ETag"] = tag
    return shown


def words_of(engine: Application, request: Request, reader: Actor) -> Say:
    """Turns the engine's words into the language of the page that `show` shows to the reader."""
    return words_for(engine, request, reader.person_id)


def shell_for(
    request: Request, actor: Actor | None, session: str, languages: Sequence[Language], may_sign_in: bool
) -> Shell:
    path = request.url.path
    places = places_of(actor)
    at = place_at(path, places)
    face = at.face if at else (places[0].face if places else Face.PORTAL)
    back = path + (f"?{request.url.query}" if request.url.query else "")
    shown = back if request.method == "GET" else ""
    who = (actor.holder or actor.person_id or "") if actor else ""
    word = csrf_token(session) if actor else ""
    is_demo = getattr(request.app.state, "guide", False)
    return Shell(face, places, at, who, word, shown, languages, is_demo, may_sign_in, asset)
