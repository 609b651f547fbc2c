"""To sign in by a link in a letter, and sessions of browsers.

What a browser sends comes as a form, what a program sends as JSON; pages work without a script.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError

from perks_engine.domain.phrase import said
from perks_engine.domain.sealed_links import LONGEST_LINK
from perks_engine.services.access import Role
from perks_engine.services.session_records import Session
from perks_engine.services.sessions import csrf_token
from perks_engine.services.signing_in import PATH
from perks_engine.services.views import instant_view
from perks_engine.web import models
from perks_engine.web.callers import Calling, CookiesOf, Engine
from perks_engine.web.link_pages import PRIVATE_HEADERS, wants_page
from perks_engine.web.pages.shell import show
from perks_engine.web.problems import RESPONSES, Problem, UnauthenticatedError
from perks_engine.web.values import StorableText

_OPEN = {status: answer for status, answer in RESPONSES.items() if status not in (401, 410)}
links = APIRouter(tags=["identity"], responses=_OPEN)
router = APIRouter(prefix="/v1", tags=["identity"], responses=RESPONSES)

LinkText = Annotated[
    StorableText, Path(max_length=LONGEST_LINK, description="what the letter's link ends with")
]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}
_EITHER: dict[str, Any] = {"description": "A page or JSON", "content": {"text/html": {}}}
_PAGE: dict[int | str, dict[str, Any]] = {200: _EITHER}
SIGNED_IN = "/home"
"""Where a browser goes on that signed in."""
_FORM = "application/x-www-form-urlencoded"


class Asked(models.Body):
    address: StorableText = Field(min_length=3, max_length=254, examples=["ana@mail.example"])


class Accepted(BaseModel):
    told: str


class SignInLink(BaseModel):
    expires_at: datetime
    used: bool
    this_browser: bool = Field(description="whether this browser asked for it, so that it can be signed in")


class SignedIn(BaseModel):
    """A session: its cookie is sent by the browser itself; a write has to bring `csrf` in a header, too."""

    session: str
    role: Role
    person: str | None
    holder: str | None
    csrf: str = Field(description="to be sent as X-CSRF-Token with every write")
    expires_at: datetime


class Ended(BaseModel):
    ended: int = Field(description="how many sessions")


_ACCEPTED = {
    "told": said(
        "If somebody is reached at this address here, a letter with a link is on its way. Open it in this "
        "browser."
    )
}
_ASK_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Asked.model_json_schema()},
            _FORM: {"schema": Asked.model_json_schema()},
        },
    }
}


@links.get("/v1/sign-in", response_class=HTMLResponse, responses=_PAGE)
def sign_in_page(engine: Engine, request: Request) -> Response:
    """A page to ask for a link."""
    return sign_in_state(engine, request, "ask", {})


@links.post(
    "/v1/sign-in",
    status_code=202,
    response_model=Accepted,
    responses={**_NOT_NOW, 202: _EITHER},
    openapi_extra=_ASK_BODY,
)
async def ask_for_a_link(engine: Engine, cookies: CookiesOf, request: Request) -> Response:
    """Ask for a link that signs this browser in. The answer is the same whether or not anybody is known under
    the address; it sets a cookie, without which the link is of no use."""
    body = await _asked(request)
    cookies.require_safe()
    browser = cookies.browser(request)
    await run_in_threadpool(engine.signing_in.ask, body.address, browser)
    if wants_page(request):
        answer = sign_in_state(engine, request, "asked", _ACCEPTED, 202)
    else:
        answer = JSONResponse(_ACCEPTED, 202, PRIVATE_HEADERS)
    cookies.put(answer, "sign-in", browser, engine.signing_in.lifetime)
    return answer


async def _asked(request: Request) -> Asked:
    try:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
            return Asked.model_validate(dict(await request.form()))
        return Asked.model_validate_json(await request.body())
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from error


@links.get(PATH + "/{link}", response_model=SignInLink, responses=_PAGE)
def look_at_a_sign_in_link(link: LinkText, engine: Engine, cookies: CookiesOf, request: Request) -> Response:
    """What a link is good for; a browser gets the button that uses it. Looking signs nobody in: programs that
    scan mail look at links, too."""
    found = engine.signing_in.look(link, cookies.read(request, "sign-in"))
    if wants_page(request):
        return sign_in_state(engine, request, "link", found)
    return JSONResponse(found, headers=PRIVATE_HEADERS)


@links.post(PATH + "/{link}", response_model=SignedIn, responses={**_PAGE, **_NOT_NOW})
def sign_in(link: LinkText, engine: Engine, cookies: CookiesOf, request: Request) -> Response:
    """Sign this browser in, if it is the one that asked; once. The answer sets the session's cookie."""
    cookies.require_safe()
    session, text = engine.signing_in.redeem(link, cookies.read(request, "sign-in"))
    engine.sessions.end(cookies.read(request, "session"))
    view = session_view(session, text)
    if wants_page(request):
        answer: Response = RedirectResponse(SIGNED_IN, 303, PRIVATE_HEADERS)
    else:
        answer = JSONResponse(view, headers=PRIVATE_HEADERS)
    cookies.put(answer, "session", text, session.expires_at - session.created_at)
    cookies.drop(answer, "sign-in")
    return answer


@router.get("/session", response_model=SignedIn)
def my_session(engine: Engine, caller: Calling) -> Any:
    """The session of this browser, and what its writes have to bring in the header X-CSRF-Token."""
    found = engine.sessions.session(caller.session) if caller.session else None
    if found is None:
        raise UnauthenticatedError
    return JSONResponse(session_view(found, caller.session), headers=PRIVATE_HEADERS)


@router.delete("/session", response_model=Ended)
def sign_out(
    engine: Engine,
    caller: Calling,
    cookies: CookiesOf,
    everywhere: Annotated[bool, Query(description="in every browser")] = False,
) -> Any:
    """Sign this browser out, or every one of mine. The session ends here, not only in the browser."""
    if not caller.session or engine.sessions.session(caller.session) is None:
        raise UnauthenticatedError
    ended = engine.sessions.end_all(caller.session) if everywhere else engine.sessions.end(caller.session)
    answer = JSONResponse({"ended": ended}, headers=PRIVATE_HEADERS)
    cookies.drop(answer, "session")
    return answer


def session_view(session: Session, text: str) -> dict[str, Any]:
    return {
        "session": session.session_id,
        "role": session.role,
        "person": session.person_id,
        "holder": session.holder,
        "csrf": csrf_token(text),
        "expires_at": instant_view(session.expires_at),
    }


def sign_in_state(
    engine: Engine, request: Request, state: str, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """In the language of the browser, whoever it is: nothing here tells whether somebody is known."""
    shown = {"state": state, "used": False, "this_browser": True, "expires_at": "", "told": ""}
    shown |= {"said_out": False}
    shown |= {"providers": [{"name": one.name, "title": one.title} for one in engine.providers], **values}
    return show(engine, request, "sign_in", shown, status=status)
