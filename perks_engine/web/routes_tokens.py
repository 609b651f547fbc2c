"""API tokens: who I am to the engine, and tokens for services and for one's own use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Permission, Role
from perks_engine.services.tokens import LONGEST_LIFE, LONGEST_OVERLAP, NewToken, token_edition
from perks_engine.services.views import View
from perks_engine.web import models
from perks_engine.web.callers import Calling, Engine, Key
from perks_engine.web.editions import EDITS, TAGGED, IfMatch, with_tag
from perks_engine.web.problems import RESPONSES, Problem
from perks_engine.web.values import PAGE, WHOLE, Cursor, Limit, StorableText, page

router = APIRouter(prefix="/v1", tags=["identity"], responses=RESPONSES)

TokenId = Annotated[StorableText, Path(max_length=80, description="a token's id")]
_NOT_NOW: dict[int | str, dict[str, Any]] = {409: {"model": Problem, "description": "Not possible now"}}
_PRIVATE = {"Cache-Control": "no-store"}


class Identity(BaseModel):
    """Who a request is taken to come from."""

    name: str = Field(description="under which what you do is recorded", examples=["noor"])
    role: Role
    brands: list[str] = Field(description="that you reach; `*` for all")
    person: str | None = Field(description="for influencers: whom the credential stands for")
    holder: str | None = Field(description="the human of staff behind the credential; null for a service")
    permissions: list[Permission]
    credential: str = Field(description="the id of the token or session")


class NewTokenBody(models.Body):
    role: Role
    label: StorableText = Field(min_length=1, max_length=120, examples=["warehouse of the east"])
    brands: list[Annotated[StorableText, Field(min_length=1, max_length=60)]] = Field(
        [], max_length=100, description="that it reaches; `*` for all", examples=[["northwind-phones"]]
    )
    permissions: list[Permission] | None = Field(
        None, min_length=1, max_length=50, description="of what the role may, only these; left out: all of it"
    )
    days: Annotated[int, Field(ge=1, le=LONGEST_LIFE.days), WHOLE] = Field(
        90, description="for how many days it lives"
    )
    mine: bool = Field(
        False,
        strict=True,
        description="for your own use, under your name; else for a service, which cannot approve what a "
        "second person has to",
    )


class ApiToken(BaseModel):
    token: str
    label: str
    role: Role
    brands: list[str]
    person: str | None
    holder: str | None
    permissions: list[Permission] | None = Field(description="null: all that its role may")
    issued_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    older_secret_until: datetime | None = Field(description="until when the secret before works along")
    last_used_at: datetime | None = Field(description="to the minute or so")


class ApiTokenWithSecret(ApiToken):
    secret: str | None = Field(
        None,
        description="what to send as `Authorization: Bearer …`; shown this once, and not in the answer to a "
        "repeated request. Lost: rotate it",
        examples=["perks.tok_….…"],
    )


class ApiTokens(models.Page):
    tokens: list[ApiToken]


class TokenRotation(models.Body):
    overlap_h: Annotated[int, Field(ge=0, le=int(LONGEST_OVERLAP.total_seconds() // 3_600)), WHOLE] = Field(
        24,
        description="for how many hours the secret before works along",
    )


@router.get("/identity", response_model=Identity)
def who_am_i(caller: Calling) -> Any:
    """Who the credential of this request stands for, and what it may do."""
    actor = caller.actor()
    return JSONResponse(
        {
            "name": actor.name,
            "role": actor.role.value,
            "brands": list(actor.brands),
            "person": actor.person_id,
            "holder": actor.holder,
            "permissions": sorted(actor.permissions),
            "credential": actor.credential,
        },
        headers=_PRIVATE,
    )


@router.post("/tokens", status_code=201, response_model=ApiTokenWithSecret, responses=_NOT_NOW)
def issue_token(body: NewTokenBody, engine: Engine, caller: Calling, key: Key) -> Any:
    """Make a token that may do no more than you may. The answer has its secret: once."""
    actor = caller.actor()
    holder = actor.require_human(phrase("a token for one's own use")) if body.mine else None
    permissions = None if body.permissions is None else tuple(body.permissions)
    asked = NewToken(body.role, body.label, tuple(body.brands), None, timedelta(days=body.days), holder)
    made = engine.tokens.issue_as(actor, asked.narrowed(permissions), key)
    return JSONResponse(made, 201, _PRIVATE)


@router.get("/tokens", response_model=ApiTokens)
def list_tokens(engine: Engine, caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """All tokens without their secrets, the oldest first."""
    found = engine.tokens.seen_by(caller.actor(), cursor, limit + 1)
    return JSONResponse(page("tokens", found, limit, "token"))


@router.get("/tokens/{token}", response_model=ApiToken, responses=TAGGED)
def show_token(token: TokenId, engine: Engine, caller: Calling) -> Any:
    """One token without its secrets. Every bearer can look at the token that they bear."""
    return _tagged(engine.tokens.show(caller.actor(), token))


def _tagged(view: View) -> Response:
    return with_tag(JSONResponse(view, headers=_PRIVATE), token_edition(view))


@router.post("/tokens/{token}/secret", response_model=ApiTokenWithSecret, responses=_NOT_NOW | EDITS)
def rotate_token(
    token: TokenId, body: TokenRotation, engine: Engine, caller: Calling, key: Key, looked: IfMatch
) -> Any:
    """A new secret, shown once. The one before works along for a while, so that services can change over.
    Every bearer can rotate the token that they bear."""
    overlap = timedelta(hours=body.overlap_h)
    return _tagged(engine.tokens.rotate_as(caller.actor(), token, overlap, key, looked))


@router.delete("/tokens/{token}", status_code=204)
def revoke_token(token: TokenId, engine: Engine, caller: Calling) -> Response:
    """End it at once, with all of its secrets. Every bearer can end the token that they bear."""
    engine.tokens.revoke_as(caller.actor(), token)
    return Response(status_code=204)
