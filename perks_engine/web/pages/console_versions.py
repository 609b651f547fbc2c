"""Two versions of a campaign: what changes, in words and line by line, and whom that concerns."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.change_meaning import change_meaning
from perks_engine.domain.line_changes import TooLongError, line_changes
from perks_engine.services.access import Permission
from perks_engine.services.comparing import Judged, NotJudged, VersionAtHand, changes_view
from perks_engine.services.drafting import MOST_PEOPLE
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.views import View
from perks_engine.web.callers import Engine
from perks_engine.web.pages.charts import drawn_change
from perks_engine.web.pages.console import Filter, compared
from perks_engine.web.pages.readers import Reader, Reading
from perks_engine.web.pages.shell import PART, show
from perks_engine.web.pages.told_errors import told_to_staff
from perks_engine.web.values import CampaignName

router = APIRouter(prefix="/console/campaigns", include_in_schema=False)


@router.get("/{campaign}/versions")
def versions(
    campaign: CampaignName,
    engine: Engine,
    reader: Reading,
    request: Request,
    old: Filter = "",
    new: Filter = "",
    count: Filter = "",
) -> Response:
    """Two versions of a campaign, whichever the reader chooses."""
    shown = engine.campaigning.show_to(reader.actor, campaign)
    live = shown["version"]
    choice = compared(engine, reader.actor, campaign, live)
    asked = {"old": old or choice["old"], "new": new or choice["new"]}
    values: View = {
        "name": campaign,
        "versions": choice["options"],
        "asked": asked,
        "changes": None,
        "refused": "",
    }
    try:
        before, after = (engine.comparing.version(f"{campaign}@{one}") for one in asked.values())
    except (NotFoundError, InvalidInputError) as error:
        return show(
            engine, request, "console/versions", {**values, "refused": told_to_staff(error)}, status=404
        )
    values |= _people(engine, reader, before, after, shown["brand"], count or _asked_later(request))
    if request.headers.get(PART) == "true":
        return show(engine, request, "console/versions_people", values)
    order = [version for version, _words in choice["options"]]
    values |= {
        "asked": {"old": before.version, "new": after.version},
        "is_one": before.version == after.version,
        "goes_back": order.index(before.version) < order.index(after.version),
        "live": "new" if after.version == live else "old" if before.version == live else "",
        "changes": changes_view(before, after)["changes"],
        "meaning": change_meaning(before.campaign, after.campaign),
        **_lines(before, after),
    }
    return show(engine, request, "console/versions", values)


def _asked_later(request: Request) -> str:
    """A script asks for people once the rest is there."""
    return Judged.FEW if request.headers.get(PART) == "true" else ""


def _lines(old: VersionAtHand, new: VersionAtHand) -> View:
    try:
        return {"stretches": line_changes(old.source, new.source), "is_too_long": False}
    except TooLongError:
        return {"stretches": [], "is_too_long": True}


def _people(
    engine: Engine, reader: Reader, old: VersionAtHand, new: VersionAtHand, brand: str, count: str
) -> View:
    """What it does to those on record. Where they are many, whoever could as well make a preview may have
    them looked at."""
    may_count = reader.actor.may(Permission.RUN_CAMPAIGNS, brand)
    at = f"?old={old.version}&new={new.version}&count="
    who = Judged.NOBODY if not count else Judged.FEW
    if count == Judged.EVERYBODY and may_count:
        who = Judged.EVERYBODY
    found = engine.comparing.people(old, new, who, MOST_PEOPLE)
    is_same = found.not_judged is NotJudged.SAME_RULE
    return {
        "is_counted": bool(count) or is_same,
        "is_same_rule": is_same,
        "people": drawn_change(found.view) if found.view else None,
        "incomparable": found.why_not if found.not_judged is NotJudged.INCOMPARABLE else "",
        "most": MOST_PEOPLE,
        "may_count": may_count,
        "counted_at": at + Judged.FEW,
        "all_counted_at": at + Judged.EVERYBODY,
    }
