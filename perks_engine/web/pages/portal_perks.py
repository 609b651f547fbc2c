"""The portal's perks: what is open to me, what is not and why, and what is not known of me yet."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import said
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.readers import Reading
from perks_engine.web.pages.shell import show, words_of
from perks_engine.web.values import CampaignName

router = APIRouter(prefix="/my", include_in_schema=False)
MOST_PERKS = 200
"""On the page: a person is offered a handful at a time."""


@router.get("")
def my_perks(engine: Engine, reader: Reading, request: Request) -> Response:
    """The perks there are, sorted by what a claim would come to now."""
    found = engine.claiming.perks(
        reader.person, limit=MOST_PERKS, say=words_of(engine, request, reader.actor)
    )
    return show(engine, request, "portal/perks", {"groups": grouped(found)})


@router.get("/perks/{campaign}")
def my_perk(campaign: CampaignName, engine: Engine, reader: Reading, request: Request) -> Response:
    """One perk with every condition of it."""
    found = engine.claiming.perk(reader.person, campaign, words_of(engine, request, reader.actor))
    return show(engine, request, "portal/perk", {"perk": found, "state": state_of(found)})


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
