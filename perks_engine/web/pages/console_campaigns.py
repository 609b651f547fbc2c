"""A brand's campaigns: state, stock, guards, history; pausing and opening; claims as they come."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.guards import Tally
from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Permission
from perks_engine.services.errors import ForbiddenError, InvalidInputError
from perks_engine.services.guards import foreseen
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.charts import drawn
from perks_engine.web.pages.console import LINES, Cursor, Filter, compared, tried, wanted
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Reader, Reading, Sent
from perks_engine.web.pages.shell import PART, show, show_part
from perks_engine.web.values import CampaignName, StorableText

router = APIRouter(prefix="/console/campaigns", include_in_schema=False)


@router.get("")
def campaigns(engine: Engine, reader: Reading, request: Request, cursor: Cursor = "") -> Response:
    """The campaigns of the reader's brands."""
    actor = reader.actor
    found = engine.campaigning.seen_by(actor, wanted(cursor), LINES + 1)
    values = {
        "campaigns": found[:LINES],
        "next": found[LINES - 1]["campaign"] if len(found) > LINES else "",
        "at": cursor,
        "may_run": actor.may(Permission.RUN_CAMPAIGNS),
    }
    return show(engine, request, "console/campaigns", values)


@router.get("/{campaign}")
def campaign(
    campaign: CampaignName,
    engine: Engine,
    reader: Reading,
    request: Request,
    done: Filter = "",
    seen: Filter = "",
) -> Response:
    """One campaign: how it stands and why, and what can be done with it."""
    if request.headers.get(PART) == "true":
        watched = {**_watched(engine, reader, campaign), "state": seen}
        return show_part(engine, request, "console/campaign_now", watched)
    return show(engine, request, "console/campaign", {**_values(engine, reader, campaign), "done": done})


@router.post("/{campaign}/acts/{act}")
def act(
    campaign: CampaignName,
    act: StorableText,
    engine: Engine,
    reader: Reading,
    request: Request,
    form: Sent,
) -> Response:
    """Take a step with a campaign: preview, approve, open, pause, resume, close."""
    actor = reader.actor

    def work() -> View:
        try:
            return engine.console.running.act(actor, campaign, act, form.text("why"))
        except ForbiddenError as error:
            if error.code != "campaign.second_person":
                raise
            told = phrase("you loaded this version; somebody else of the brand has to approve it")
            raise InvalidInputError(error.code, told) from error

    return tried(
        engine,
        request,
        work,
        lambda _done: see(f"/console/campaigns/{campaign}?done={act}"),
        "console/campaign",
        lambda: {**_values(engine, reader, campaign), "given": {"why": form.text("why")}},
    )


def _watched(engine: Engine, reader: Reader, name: str) -> View:
    """What changes by itself."""
    return {
        "campaign": _told(engine, reader, engine.campaigning.show_to(reader.actor, name)),
        "watch": engine.console.claim_watch.of(reader.actor, name),
    }


def _told(engine: Engine, reader: Reader, shown: View) -> View:
    """The campaign with the words of its guards as phrases."""
    if not shown["guards"]:
        return shown
    name = shown["campaign"]
    campaign = engine.comparing.version(f"{name}@{shown['version']}").campaign
    summary = engine.console.running.preview_of(reader.actor, name, shown["version"])
    before = foreseen(summary or {}, campaign)
    guards = [
        {
            **one,
            "healthy": guard.healthy_words(),
            "found": guard.found_words(Tally(one["hits"], one["total"]), preview, one.get("point", "")),
        }
        for one, guard, preview in zip(shown["guards"], campaign.guards, before, strict=True)
    ]
    return {**shown, "guards": guards}


def _values(engine: Engine, reader: Reader, name: str) -> View:
    actor = reader.actor
    watched = _watched(engine, reader, name)
    shown = watched["campaign"]
    latest, version = engine.campaigning.latest(name)
    newest = next(one for one in shown["versions"] if one["version"] == version)
    return {
        **watched,
        "state": shown["state"],
        "title": latest.title,
        "perk": latest.perk,
        "offered": _offered(engine, shown, latest),
        "history": _history(shown),
        "latest": newest,
        "compared": compared(engine, actor, name, shown["version"]),
        "is_live": shown["version"] == version,
        "may_run": actor.may(Permission.RUN_CAMPAIGNS, shown["brand"]),
        "may_take_back": engine.console.running.may_take_back(actor, shown),
        "is_own": actor.holder is not None and newest["loaded_by"] == actor.holder,
        "given": {"why": ""},
    }


def _offered(engine: Engine, shown: View, latest: Campaign) -> Campaign:
    """What people are offered: by the version that is live, or before one is by the latest."""
    live = shown["version"]
    return engine.comparing.version(f"{shown['campaign']}@{live}").campaign if live else latest


def _history(shown: View) -> list[View]:
    """What was done with the campaign and with its versions, in its order."""
    acts = (
        {"at": one[f"{act}_at"], "by": one[f"{act}_by"], "act": act, "version": one["version"]}
        for one in shown["versions"]
        for act in ("loaded", "previewed", "approved")
        if f"{act}_at" in one
    )
    return sorted([*acts, *shown["history"]], key=lambda one: datetime.fromisoformat(one["at"]))


@router.get("/{campaign}/claims")
def claims(campaign: CampaignName, engine: Engine, reader: Reading, request: Request) -> Response:
    """Its claims as they come: what was granted, what stood in the way, and what is not known."""
    watched = _watched(engine, reader, campaign)
    # What `live.js` asks for again and again is the middle of the page alone.
    if request.headers.get(PART) == "true":
        return show_part(engine, request, "console/claims_now", watched)
    return show(engine, request, "console/claims", {**watched, "name": campaign})


@router.get("/{campaign}/preview")
def preview(
    campaign: CampaignName, engine: Engine, reader: Reading, request: Request, version: Filter = ""
) -> Response:
    """Whom a version would reach, as it was recorded, drawn."""
    actor = reader.actor
    engine.console.running.require(actor, campaign, Permission.SEE_CAMPAIGNS)
    found = engine.comparing.version(f"{campaign}@{version}")
    summary = engine.console.running.preview_of(actor, campaign, found.version)
    values = {
        "name": campaign,
        "version": found.version,
        "title": found.campaign.title,
        "preview": drawn(summary, found.campaign) if summary else None,
    }
    return show(engine, request, "console/preview", values)
