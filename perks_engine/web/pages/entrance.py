"""The way in and out: the first page, signing in and out, and the choice of a language."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from perks_engine.delivery.localising import LANGUAGES
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.page_languages import CHOSEN
from perks_engine.web.pages.places import home_of
from perks_engine.web.pages.readers import Reading, Sent, SentByAnybody
from perks_engine.web.pages.shell import show
from perks_engine.web.routes_sign_in import sign_in_state

router = APIRouter(include_in_schema=False)
_A_YEAR = timedelta(days=365)
_NOT_KEPT = {"Cache-Control": "private, no-store"}


def see(path: str) -> RedirectResponse:
    """Look at this after what a form did: loading that anew does nothing twice."""
    return RedirectResponse(path, 303, _NOT_KEPT)


@router.get("/")
def first_page(engine: Engine, cookies: CookiesOf, request: Request) -> Response:
    """What this is, and where to go on; whoever is signed in is there already."""
    session = cookies.read(request, "session")
    if session and engine.sessions.session(session) is not None:
        return see("/home")
    return show(engine, request, "first")


@router.get("/console")
@router.get("/home")
def home(reader: Reading) -> Response:
    """Where whoever signed in begins: the console has no page before the first that they may see."""
    return see(home_of(reader.actor))


@router.get("/sign-in")
def sign_in_page(engine: Engine, request: Request, out: bool = False) -> Response:
    """To ask for a link."""
    return sign_in_state(engine, request, "ask", {"said_out": out})


@router.post("/sign-out")
def sign_out(engine: Engine, cookies: CookiesOf, reader: Reading, _form: Sent) -> Response:
    """End the session, here and not only in the browser."""
    engine.sessions.end(reader.session)
    answer = see("/sign-in?out=true")
    cookies.drop(answer, "session")
    return answer


@router.post("/language")
def choose_language(form: SentByAnybody, cookies: CookiesOf) -> Response:
    """Pages are in this language in this browser from now on."""
    back = form.text("back")
    # Only a path of this engine: neither `//host` nor what browsers read as that.
    is_ours = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = see(back if is_ours else "/")
    if form.text("language") in LANGUAGES:
        cookies.put(answer, CHOSEN, form.text("language"), _A_YEAR)
    return answer
