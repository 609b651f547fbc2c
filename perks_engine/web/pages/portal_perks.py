"""The portal's perks: what is open to me, what is not and why, and what is not known of me yet; and a claim,
in two steps: what it would oblige me to is said before it is made."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import said
from perks_engine.services.identifiers import new_id
from perks_engine.services.views import Speaking, View
from perks_engine.web.callers import Engine
from perks_engine.web.page_languages import language_for
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.portal_claims import Done, contact_of
from perks_engine.web.pages.portal_evidence import LOCATING, evidence_values
from perks_engine.web.pages.readers import Reader, Reading, Sent
from perks_engine.web.pages.shell import show, words_of
from perks_engine.web.values import CampaignName

router = APIRouter(prefix="/my", include_in_schema=False)
MOST_PERKS = 200
"""On the page: a person is offered a handful at a time."""
LONGEST_KEY = 80


@router.get("")
def my_perks(engine: Engine, reader: Reading, request: Request) -> Response:
    """The perks there are, sorted by what a claim would come to now."""
    found = engine.claiming.perks(reader.person, None, MOST_PERKS, _words(engine, request, reader))
    return show(engine, request, "portal/perks", {"groups": grouped(found)})


@router.get("/perks/{campaign}")
def my_perk(
    campaign: CampaignName, engine: Engine, reader: Reading, request: Request, done: Done = ""
) -> Response:
    """One perk with every condition of it, what I can do about those that are not known, and my claims of
    it."""
    found = engine.claiming.perk(reader.person, campaign, _words(engine, request, reader))
    claims = engine.own_claims.of_campaign(reader.person, campaign)
    values = {"perk": found, "state": state_of(found), "claims": claims, "done": done, "ways": None}
    values["contact"] = contact_of(engine)
    unknown = {one["code"].partition(".")[0] for one in found["reasons"] if one["mark"] == "unknown"}
    if unknown:
        ways = engine.own_evidence.ways(campaign, unknown)
        values |= evidence_values(engine, request, reader.person, ways)
    return show(engine, request, "portal/perk", values, headers=LOCATING)


@router.get("/perks/{campaign}/claim")
def before_a_claim(campaign: CampaignName, engine: Engine, reader: Reading, request: Request) -> Response:
    """The first step: what I would have to disclose, and what the perk is worth."""
    return _step(campaign, engine, reader, request)


@router.post("/perks/{campaign}/claim")
def claim(campaign: CampaignName, engine: Engine, reader: Reading, form: Sent, request: Request) -> Response:
    """The second step. The key of the page makes two clicks one claim."""
    key = form.text("key")[:LONGEST_KEY]
    if not form.text("understood") or not key:
        return _step(campaign, engine, reader, request, missing=True)
    made = engine.claiming.claim(reader.person, campaign, f"portal {key}")
    return see(f"/my/claims/{made['claim']}?done={made['outcome']}")


def _words(engine: Engine, request: Request, reader: Reader) -> Speaking:
    """In the language of the page, whatever is known of the person."""
    say = words_of(engine, request, reader.actor)
    return lambda _known: say


def _step(
    campaign: str, engine: Engine, reader: Reading, request: Request, missing: bool = False
) -> Response:
    person = reader.person
    found = engine.claiming.perk(person, campaign, _words(engine, request, reader))
    if not found["claimable"]:
        return see(f"/my/perks/{campaign}")
    spoken = language_for(engine, request, person)
    values = {
        "perk": found,
        "instruction": engine.own_claims.instruction_ahead(person, campaign, spoken),
        "key": new_id("key", engine.clock()),
        "missing": missing,
    }
    return show(engine, request, "portal/claim_ahead", values, status=422 if missing else 200)


def state_of(perk: View) -> str:
    """`yes` where a claim would be granted, `no`, or `open` where too little is known."""
    if perk["claimable"]:
        return "yes"
    return "open" if perk["verdict"] == "unknown" else "no"


def grouped(perks: Sequence[View]) -> list[tuple[str, str, list[View]]]:
    """State, heading and perks of each group that has any."""
    titles = (
        ("yes", said("Open to you")),
        ("open", said("Not known yet")),
        ("no", said("Not open to you")),
    )
    groups = [(state, title, [one for one in perks if state_of(one) == state]) for state, title in titles]
    return [one for one in groups if one[2]]
