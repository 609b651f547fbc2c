"""The editor of campaign files: faults at their lines as one writes, beside whom the file would reach."""

from __future__ import annotations

import gzip
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor, Permission
from perks_engine.services.drafting import Draft
from perks_engine.services.errors import ForbiddenError, InvalidInputError
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.charts import drawn
from perks_engine.web.pages.console import tried
from perks_engine.web.pages.entrance import see
from perks_engine.web.pages.readers import Reading, Sent
from perks_engine.web.pages.shell import show, words_of
from perks_engine.web.values import CampaignName

router = APIRouter(prefix="/console", include_in_schema=False)
BLANK = """campaign: a-name
brand: {brand}
title: What people see
perk:
  kind: item
  name: What they receive
  fair_market_value: 20.00 USD
  quantity: 100
window: {{opens: 2027-03-01T09:00Z, closes: 2027-03-31T18:00Z}}
eligibility:
  all:
    - opted_in: perks
    - age: {{at_least: 18}}
disclosure: {{connection: received_item, instruct: templates/messages/disclosure_gift}}
examples:
  - name: an adult who asked for perks
    person: {{opted_in: [perks], born_on: 1990-04-01}}
    verdict: eligible
  - name: a minor
    person: {{opted_in: [perks], born_on: 2015-04-01}}
    verdict: ineligible
    because: born_on.below
  - name: nothing is known of the age
    person: {{opted_in: [perks]}}
    verdict: unknown
    because: born_on.missing
"""


@router.get("/editor")
def new_campaign(engine: Engine, reader: Reading, request: Request) -> Response:
    """A file to begin with."""
    actor = reader.actor
    brands = engine.campaigning.brands_seen_by(actor)
    named = next(iter(brands), None) or next(iter(actor.reach or ()), "your-brand")
    return show(engine, request, "console/editor", _values(engine, actor, BLANK.format(brand=named)))


@router.get("/campaigns/{campaign}/editor")
def edit_campaign(campaign: CampaignName, engine: Engine, reader: Reading, request: Request) -> Response:
    """The latest version of a campaign, to be changed into the next one."""
    actor = reader.actor
    engine.console.running.require(actor, campaign)
    found = engine.console.running.versions(actor, campaign)
    source = found[0].source.decode("utf-8", "replace")
    return show(engine, request, "console/editor", {**_values(engine, actor, source), "name": campaign})


@router.get("/editor/keys")
def keys(engine: Engine, reader: Reading, request: Request) -> Response:
    """What may stand where in a file, for the editor to offer and to explain."""
    actor = reader.actor
    brands = {*engine.campaigning.brands_seen_by(actor), *(actor.reach or ())}
    found = engine.console.drafting.keys(sorted(brands), words_of(engine, request, actor))
    told = json.dumps(found, separators=(",", ":")).encode()
    kept = {"Cache-Control": "private, no-store", "Vary": "Accept-Language, Cookie"}
    return _light(request, Response(told, headers=kept, media_type="application/json"))


@router.post("/editor/check")
def check(engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """What is wrong with a file: the part of the page beside it, or for a browser without scripts all of it,
    with whom the file would reach."""
    actor, source = reader.actor, form.whole("source")
    values = _values(engine, actor, source)
    if request.headers.get("HX-Request") == "true":
        return _light(request, show(engine, request, "console/editor_check", values))
    return show(engine, request, "console/editor", {**values, **_foreseen(engine, actor, source)})


@router.post("/editor/preview")
def foresee(engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Whom a file would reach. It takes longer than finding its faults, and so comes after them."""
    found = _foreseen(engine, reader.actor, form.whole("source"))
    return _light(request, show(engine, request, "console/editor_preview", found))


def _light(request: Request, whole: Response) -> Response:
    """Zipped where the browser takes that. Only for what is asked for again and again while somebody writes,
    and holds no secret: of a page with the word of its form, the length of the zip would tell of it."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        whole.body = gzip.compress(bytes(whole.body), mtime=0)
        whole.headers["Content-Encoding"] = "gzip"
        whole.headers["Content-Length"] = str(len(whole.body))
    whole.headers["Vary"] = f"{whole.headers['Vary']}, Accept-Encoding"
    return whole


@router.post("/editor")
def save(engine: Engine, reader: Reading, request: Request, form: Sent) -> Response:
    """Keep a campaign file as a version."""
    actor = reader.actor
    source = form.whole("source")

    def work() -> View:
        draft = engine.console.drafting.read(source)
        if draft.file is None:
            raise InvalidInputError("file.problems", phrase("the file has faults; mend them first"))
        try:
            return engine.console.running.load(actor, engine.rules.loadable(draft.file))
        except ForbiddenError as error:
            raise InvalidInputError(error.code, error.said) from error

    return tried(
        engine,
        request,
        work,
        lambda loaded: see(f"/console/campaigns/{loaded['campaign']}?done=loaded"),
        "console/editor",
        lambda: _values(engine, actor, source),
    )


def _values(engine: Engine, actor: Actor, source: str) -> dict[str, Any]:
    draft = engine.console.drafting.read(source)
    brand = draft.file.campaign.brand if draft.file else ""
    is_reached = not brand or actor.may(Permission.RUN_CAMPAIGNS, brand)
    return {
        "source": source,
        "faults": list(draft.problems),
        "examples": list(draft.results),
        "failed": draft.failed,
        "untried": [one.suggestion for one in draft.coverage.missing] if draft.coverage else [],
        "covered": _covered(draft),
        "unreached": "" if is_reached else brand,
        "name": "",
    }


def _foreseen(engine: Engine, actor: Actor, source: str) -> dict[str, Any]:
    """Nothing for a file that cannot be read, or of a brand that the actor does not reach."""
    file = engine.console.drafting.read(source).file
    if file is None or not actor.may(Permission.RUN_CAMPAIGNS, file.campaign.brand):
        return {"preview": None, "is_too_large": False}
    found = engine.console.drafting.preview(actor, file)
    return {
        "preview": drawn(found, file.campaign) if found else None,
        "is_too_large": found is None,
    }


def _covered(draft: Draft) -> tuple[int, int]:
    return (draft.coverage.seen, draft.coverage.possible) if draft.coverage else (0, 0)
