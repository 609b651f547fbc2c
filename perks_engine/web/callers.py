"""Who calls, and the engine that answers: what every route depends on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from perks_engine.bootstrap import Application
from perks_engine.services.access import Actor
from perks_engine.services.errors import ForbiddenError
from perks_engine.services.records import ClaimFacts
from perks_engine.services.sessions import is_csrf_token
from perks_engine.services.tokens import TOKEN_PREFIX
from perks_engine.web.access_rules import RULES
from perks_engine.web.acting import acting
from perks_engine.web.cookies import CSRF_HEADER, SAFE, Cookies
from perks_engine.web.page_rules import PAGE_RULES
from perks_engine.web.problems import ErasedError, ForgedError, UnauthenticatedError


async def engine_of(request: Request) -> Application:
    return request.app.state.engine


async def cookies_of(engine: Annotated[Application, Depends(engine_of)]) -> Cookies:
    return Cookies(engine.settings.public_url)


class Caller:
    """The token or the session of a request. It is looked up where the route runs, not on the event loop."""

    def __init__(self, engine: Application, route: str, token: str | None, session: str = "") -> None:
        self._route = route
        self._token = token
        self.session = session
        self.engine = engine

    def actor(self) -> Actor:
        """Raises `UnauthenticatedError`, `ErasedError` for the token of who was erased, and `ForbiddenError`
        for a role that the route is not for."""
        if self._token is None:
            return self._admitted(self.engine.sessions.actor(self.session))
        if self._is_ours:
            return self._admitted(self.engine.tokens.actor(self._token))
        return self._admitted(self.engine.vouching.actor(self._token))

    @property
    def _is_ours(self) -> bool:
        """Whether what came is a token of this engine, or would have to be."""
        return self._token is not None and (self._token.startswith(TOKEN_PREFIX) or not self.engine.providers)

    def _admitted(self, found: Actor | None) -> Actor:
        if found is None:
            if self.erased() is not None:
                raise ErasedError
            raise UnauthenticatedError
        acting(found)
        rule = RULES.get(self._route) or PAGE_RULES.get(self._route)
        if rule is None:
            raise ForbiddenError("access.route", f"{self._route} has no rule, and so is closed")
        rule.require(found)
        return found

    def erased(self) -> str | None:
        """The pseudonym of who bore this token, where they were erased; a session went with them."""
        return None if self._token is None else self.engine.tokens.erased(self._token)

    def person(self) -> str:
        """The person that an influencer's credential stands for."""
        return self.actor().own_person()

    def person_and_facts(self, campaign: str, key: str = "") -> tuple[str, ClaimFacts | None]:
        """The same, and what a claim of theirs rests on where both are found in one look: what is asked for
        most, by apps that show a token of this engine. Else there is None, and who needs it looks."""
        if self._token is None or not self._is_ours:
            return self.person(), None
        found = self.engine.tokens.actor_and_facts(self._token, campaign, key)
        actor, facts = found or (None, None)
        return self._admitted(actor).own_person(), facts


async def caller_of(request: Request) -> Caller:
    """Raises `UnauthenticatedError` where neither token nor session came, and `ForgedError` where a session
    writes and nothing shows that its own page asks: before anything else of the request is judged.

    It reads both by itself: a dependency on each would cost every request as much as judging a rule. What the
    schema of the API says of them stands in `web.described`."""
    engine: Application = request.app.state.engine
    route = f"{request.method} {request.scope['route'].path_format}"
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return Caller(engine, route, token)
    session = Cookies(engine.settings.public_url).read(request, "session")
    if not session:
        raise UnauthenticatedError
    if request.method not in SAFE and not is_csrf_token(session, request.headers.get(CSRF_HEADER, "")):
        raise ForgedError
    return Caller(engine, route, None, session)


Engine = Annotated[Application, Depends(engine_of)]
CookiesOf = Annotated[Cookies, Depends(cookies_of)]
Calling = Annotated[Caller, Depends(caller_of)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="chosen by the caller, new for each request; the same key gives the same answer again",
        examples=["2f1c0d8e-claim-1"],
    ),
]
