"""What an influencer does: see perks, claim, follow a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.services.views import Say
from perks_engine.web import models
from perks_engine.web.answers import Json
from perks_engine.web.callers import Calling, Key
from perks_engine.web.page_languages import speaking_for, words_for
from perks_engine.web.problems import RESPONSES, Problem, problem
from perks_engine.web.turns import in_turn
from perks_engine.web.values import PAGE, CampaignName, ClaimId, Cursor, Limit, page

router = APIRouter(prefix="/v1", tags=["influencer"], responses=RESPONSES)


class Refusal(Problem):
    """A refused claim: kept under its id, with every reason."""

    claim: str
    verdict: str
    reasons: list[models.Reason]


@router.get("/perks", response_model=models.Perks, response_model_exclude_none=True)
async def list_perks(caller: Calling, request: Request, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """The perks there are, each with the verdict that a claim would come to now, and why."""

    def listed() -> Json:
        speaking = speaking_for(caller.engine, request)
        found = caller.engine.claiming.perks(caller.person(), cursor, limit + 1, speaking)
        return Json(page("perks", found, limit, "campaign"))

    return await in_turn(request, listed)


@router.get("/perks/{campaign}", response_model=models.Perk, response_model_exclude_none=True)
async def show_perk(campaign: CampaignName, caller: Calling, request: Request) -> Any:
    """One perk, with the verdict that a claim would come to now, and why."""

    def shown() -> Json:
        person, facts = caller.person_and_facts(campaign)
        speaking = speaking_for(caller.engine, request)
        return Json(caller.engine.claiming.perk(person, campaign, speaking, facts))

    return await in_turn(request, shown)


@router.post(
    "/claims",
    status_code=201,
    response_model=models.DecidedClaim,
    response_model_exclude_none=True,
    responses={
        403: {"model": Refusal, "description": "Refused: not eligible, or not known to be"},
        409: {
            "model": Refusal | Problem,
            "description": "Refused: closed, sold out or had already; or the key is taken",
        },
    },
)
def claim_perk(body: models.ClaimRequest, caller: Calling, request: Request, key: Key) -> Any:
    """Claim one unit. A refusal names every reason; the same key gives the same answer again."""
    person, facts = caller.person_and_facts(body.campaign, key)
    speaking = speaking_for(caller.engine, request)
    answer = caller.engine.claiming.claim(person, body.campaign, key, speaking, facts)
    if answer["outcome"] == "granted":
        return Json(dict(answer), 201)
    return _refusal(answer, words_for(caller.engine, request, person))


_FOUND = phrase("it asks for {required}; found: {actual}")
_ASKED = phrase("it asks for {required}")
_NOT_KNOWN = phrase("we do not know enough to say yes: it asks for {required}; found: {actual}")


def _refusal(answer: Mapping[str, Any], say: Say) -> Response:
    status = 409 if answer["verdict"] == "eligible" else 403
    first = answer["reasons"][0] if answer["reasons"] else {}
    detail = _NOT_KNOWN if answer["verdict"] == "unknown" else _FOUND
    if "actual" not in first:
        detail = _ASKED
    found = {name: str(first.get(name)) for name in ("required", "actual")}
    return problem(
        status,
        say(phrase("Your claim was refused")),
        "claim.refused",
        say(Phrase(detail.template, found)),
        claim=answer["claim"],
        verdict=answer["verdict"],
        reasons=answer["reasons"],
    )


@router.get("/claims", response_model=models.Claims, response_model_exclude_none=True)
def list_claims(caller: Calling, cursor: Cursor = None, limit: Limit = PAGE) -> Any:
    """Your claims, the newest first."""
    found = caller.engine.claiming.claims(caller.person(), cursor, limit + 1)
    return Json(page("claims", found, limit, "claim"))


@router.get("/claims/{claim}", response_model=models.ClaimWithHistory, response_model_exclude_none=True)
def show_claim(claim: ClaimId, caller: Calling, request: Request) -> Any:
    """One of your claims: its reasons, and the way of its unit so far."""
    return Json(
        caller.engine.claiming.own_claim(caller.person(), claim, speaking_for(caller.engine, request))
    )
