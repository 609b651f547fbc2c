"""To sign in at an OpenID provider, and to come back from there."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from perks_engine.services.vouching import BACK, LIFETIME
from perks_engine.web.callers import CookiesOf, Engine
from perks_engine.web.link_pages import PRIVATE_HEADERS, wants_page
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.routes_sign_in import SIGNED_IN, SignedIn, session_view
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
