"""Disclosure lists for compliance: as of a day, with filters; exports and what changed since; a recipient's
whole file."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.phrase import phrase
from perks_engine.services.access import Actor
from perks_engine.services.disclosing import DisclosureLine
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.list_changes import ListComparing, change_view
from perks_engine.services.list_records import Chosen, FileKind, period
from perks_engine.services.list_views import export_view
from perks_engine.web.callers import Engine
from perks_engine.web.pages.console import LINES, MOST_LINES, Cursor, Filter, day, end_of, wanted
from perks_engine.web.pages.readers import Reading
from perks_engine.web.pages.shell import show, words_of
from perks_engine.web.pages.told_errors import told_to_staff
from perks_engine.web.values import ClaimId, StorableText

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/lists")
def disclosure_list(
    engine: Engine,
    reader: Reading,
    request: Request,
    brand: Filter = "",
    campaign: Filter = "",
    person: Filter = "",
    as_of: Filter = "",
    received_from: Filter = "",
    received_to: Filter = "",
    annex: Filter = "",
) -> Response:
    """Who has a material connection to a brand, as of a day."""
    actor = reader.actor
    brands = engine.campaigning.brands_seen_by(actor)
    asked = {
        "brand": brand or (brands[0] if brands else ""),
        "campaign": campaign,
        "person": person,
        "as_of": as_of,
        "received_from": received_from,
        "received_to": received_to,
        "annex": "true" if annex else "",
    }
    values: dict[str, Any] = {"brands": brands, "asked": asked, "kinds": [one.value for one in FileKind]}
    if not brands:
        return show(engine, request, "console/lists", {**values, "lines": None})
    try:
        first, last = day(received_from, phrase("received from")), day(received_to, phrase("received to"))
        instant = end_of(day(as_of, phrase("as of")), engine.clock())
        chosen = Chosen(
            asked["brand"], wanted(campaign), wanted(person), *period(first, last), bool(asked["annex"])
        )
        found = _lines(engine, actor, chosen, instant)
    except (InvalidInputError, NotFoundError) as error:
        status = 422 if isinstance(error, InvalidInputError) else 404
        shown = {**values, "lines": None, "refused": told_to_staff(error)}
        return show(engine, request, "console/lists", shown, status=status)
    last = engine.exporting.exports(actor, asked["brand"], None, 1)
    more = {"chosen_as_of": instant, "last_export": export_view(last[0]) if last else None}
    return show(engine, request, "console/lists", {**values, **found, **more})


def _lines(engine: Engine, actor: Actor, chosen: Chosen, instant: datetime | None) -> dict[str, Any]:
    """The first lines, apart by section, and how it is counted."""
    with engine.exporting.a_slot(), engine.disclosing.listing(actor, chosen, instant) as listing:
        shown = list(islice(iter(listing.lines), MOST_LINES + 1))
    received = [one for one in shown[:MOST_LINES] if one.section is Section.RECEIVED]
    return {
        "as_of": listing.instant,
        "lines": shown[:MOST_LINES],
        "has_more": len(shown) > MOST_LINES,
        "sections": _sections(shown[:MOST_LINES]),
        "figures": {
            "received": sum(one.standing is Standing.UNDISPUTED for one in received),
            "disputed": sum(one.standing is Standing.DISPUTED for one in received),
            "acknowledged": sum(one.acknowledged_at is not None for one in received),
            "seen": sum(bool(one.seen) for one in received),
        },
    }


def _sections(lines: list[DisclosureLine]) -> list[tuple[str, list[DisclosureLine]]]:
    found = ((one.value, [line for line in lines if line.section is one]) for one in Section)
    return [(name, those) for name, those in found if those]


@router.get("/exports")
def exports(
    engine: Engine, reader: Reading, request: Request, brand: Filter = "", cursor: Cursor = ""
) -> Response:
    """The lists that were exported, the newest first."""
    actor = reader.actor
    found = engine.exporting.exports(actor, wanted(brand), wanted(cursor), LINES + 1)
    shown = [export_view(one) for one in found[:LINES]]
    return show(
        engine,
        request,
        "console/exports",
        {
            "exports": shown,
            "brands": engine.campaigning.brands_seen_by(actor),
            "asked": {"brand": brand},
            "next": shown[-1]["export"] if len(found) > LINES else "",
            "at": cursor,
        },
    )


@router.get("/exports/{export}")
def changes(export: StorableText, engine: Engine, reader: Reading, request: Request) -> Response:
    """What was added, corrected and removed since an export, and why each line."""
    with (
        engine.exporting.a_slot(),
        ListComparing(engine.exporting).since(reader.actor, export) as found,
    ):
        say = words_of(engine, request, reader.actor)
        shown = [change_view(one, say) for one in islice(found.changes, MOST_LINES + 1)]
        values = {"export": export_view(found.export), "until": found.instant}
    more = {"changes": shown[:MOST_LINES], "has_more": len(shown) > MOST_LINES}
    return show(engine, request, "console/changes", {**values, **more})


@router.get("/recipients/{claim}")
def recipient(claim: ClaimId, engine: Engine, reader: Reading, request: Request) -> Response:
    """All that is on record of one recipient's claim."""
    found = engine.console.recipient_files.of(reader.actor, claim)
    return show(engine, request, "console/recipient", {"file": found})
