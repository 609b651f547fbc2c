"""To sign in at an OpenID provider, and to come back from there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, RedirectResponse, Response

from perks_engine.services.vouching import BACK, LIFETIME, LOGOUT
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.forms import FORM, fields_of
from perks_engine.web.link_pages import PRIVATE_HEADERS, wants_page
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_sign_in import SIGNED_IN, Ended, SignedIn, session_view
from perks_engine.web.values import StorableText

router = APIRouter(
    tags=["identity"],
    responses={
        **{status: answer for status, answer in RESPONSES.items() if status not in (401, 410)},
        409: {"model": Problem, "description": "Not possible now"},
        503: {"model": Problem, "description": "The provider does not answer"},
    },
)
ProviderName = Annotated[StorableText, Path(max_length=60, description="a provider's name")]
Brought = Annotated[StorableText | None, Query(max_length=4_000)]


@router.get("/v1/sign-in/with/{provider}", status_code=303, response_class=Response)
def go_to_a_provider(provider: ProviderName, engine: Engine, cookies: CookiesOf) -> Response:
    """Send the browser to the provider; what comes back is taken only from this browser."""
    cookies.require_safe()
    address, held = engine.vouching.start(provider)
    answer = RedirectResponse(address, 303, PRIVATE_HEADERS)
    cookies.put(answer, "provider", held, LIFETIME)
    return answer


@router.get(
    BACK + "/{provider}",
    response_model=SignedIn,
    responses={200: {"description": "A page or JSON", "content": {"text/html": {}}}},
)
def come_back(
    provider: ProviderName,
    engine: Engine,
    cookies: CookiesOf,
    request: Request,
    state: Brought = None,
    code: Brought = None,
    iss: Brought = None,
) -> Response:
    """Where the provider sends the browser: with a code that becomes a session, once."""
    cookies.require_safe()
    brought = {"state": state, "code": code, "iss": iss}
    given = {name: value for name, value in brought.items() if value is not None}
    session, text = engine.vouching.finish(provider, cookies.read(request, "provider"), given)
    engine.sessions.end(cookies.read(request, "session"))
    view: dict[str, Any] = session_view(session, text)
    if wants_page(request):
        answer: Response = RedirectResponse(SIGNED_IN, 303, PRIVATE_HEADERS)
    else:
        answer = JSONResponse(view, headers=PRIVATE_HEADERS)
    cookies.put(answer, "session", text, session.expires_at - session.created_at)
    cookies.drop(answer, "provider")
    return answer


_LOGOUT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"logout_token": {"type": "string", "maxLength": 16_000}},
                    "required": ["logout_token"],
                }
            }
        },
    }
}


@router.post(LOGOUT + "/{provider}", response_model=Ended, openapi_extra=_LOGOUT_BODY)
async def told_of_a_logout(provider: ProviderName, engine: Engine, request: Request) -> Response:
    """Where a provider tells that somebody signed out there (OpenID Connect Back-Channel Logout 1.0): their
    sessions here end. Its token has to hold like an ID token; 422 says why it does not."""
    token = (await fields_of(request, "logout_token", and_others=True))["logout_token"]
    ended = await run_in_threadpool(engine.vouching.logged_out, provider, token)
    return JSONResponse({"ended": ended}, headers=PRIVATE_HEADERS)
