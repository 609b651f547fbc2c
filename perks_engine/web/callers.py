"""Who calls, and the engine that answers: what every route depends on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from perks_engine.bootstrap import Application
from perks_engine.services.access import Actor
from perks_engine.web.problems import ErasedError, UnauthenticatedError

_bearer = HTTPBearer(auto_error=False, description="a token made by `perks token issue`")


async def engine_of(request: Request) -> Application:
    return request.app.state.engine


class Caller:
    """The token of a request. It is looked up where the route runs, not on the event loop."""

    def __init__(self, token: str, engine: Application) -> None:
        self._token = token
        self._engine = engine

    def actor(self) -> Actor:
        """Raises `UnauthenticatedError`, and `ErasedError` for the token of who was erased."""
        found = self._engine.tokens.actor(self._token)
        if found is None:
            if self.erased() is not None:
                raise ErasedError
            raise UnauthenticatedError
        return found

    def erased(self) -> str | None:
        """The pseudonym of who bore this token, where they were erased."""
        return self._engine.tokens.erased(self._token)

    def person(self) -> str:
        """The person that an influencer's token stands for."""
        return self.actor().own_person()


async def caller_of(
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    engine: Annotated[Application, Depends(engine_of)],
) -> Caller:
    """Raises `UnauthenticatedError` where no token came: before anything else of the request is judged."""
    if credentials is None:
        raise UnauthenticatedError
    return Caller(credentials.credentials, engine)


Engine = Annotated[Application, Depends(engine_of)]
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
