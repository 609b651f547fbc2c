"""What a receiver is told of an event, made when it is sent, of what the ids stand for then.

A claim's id is the handle of a person here: who may know more asks the API for it, with a token. No name, no
address, no tracking number, no free text goes out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.events import EventType
from perks_engine.services.event_records import BrandEvent
from perks_engine.services.list_records import ExportRecord
from perks_engine.services.ports import Transaction
from perks_engine.services.records import Entry
from perks_engine.services.views import instant_view

_STATE: Mapping[str, CampaignState] = {
    EventType.CAMPAIGN_OPENED: CampaignState.OPEN,
    EventType.CAMPAIGN_PAUSED: CampaignState.PAUSED,
    EventType.CAMPAIGN_RESUMED: CampaignState.OPEN,
    EventType.CAMPAIGN_CLOSED: CampaignState.CLOSED,
}


class NothingToTellError(Exception):
    """The event came to nothing; the message says why."""


def body_of(tx: Transaction, event: BrandEvent) -> bytes:
    """JSON in the form that Standard Webhooks recommends; the same whenever it is made, but for what was
    erased. Raises `NothingToTellError`."""
    told = {
        "type": event.type,
        "timestamp": instant_view(event.occurred_at),
        "data": {"brand": event.brand, **_data(tx, event)},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _data(tx: Transaction, event: BrandEvent) -> dict[str, Any]:
    kind, about = event.type.partition(".")[0], {"campaign": event.campaign}
    claim = {**about, "claim": event.claim_id}
    match kind:
        case "claim":
            return {**claim, **_entry_view(_entry(tx, event))}
        case "disclosures":
            return {**claim, "entry": event.entry_id, "exports": _exports(tx, event)}
        case "dispute":
            return {**claim, "dispute": event.subject}
        case "incident":
            return {**about, "incident": event.subject}
        case "campaign":
            return {**about, "state": _STATE[event.type].value}
        case "promotion":
            return {**claim, **_promotion(tx, event)}
        case _:
            return claim


def _entry(tx: Transaction, event: BrandEvent) -> Entry:
    for one in tx.ledger.entries(event.claim_id or ""):
        if one.entry_id == event.entry_id:
            return one
    raise NothingToTellError(f"the entry {event.entry_id} is not of the claim {event.claim_id}")


def _entry_view(entry: Entry) -> dict[str, Any]:
    view: dict[str, Any] = {
        "entry": entry.entry_id,
        "move": entry.move.value,
        "from": entry.source.value,
        "to": entry.target.value,
        "recorded_at": instant_view(entry.recorded_at),
    }
    if entry.evidence:
        view["evidence"] = entry.evidence
    if entry.corrects is not None:
        view["corrects"] = entry.corrects
    return view


def _promotion(tx: Transaction, event: BrandEvent) -> dict[str, Any]:
    """Which one and why. The words themselves are not here: they are asked for, and that is recorded."""
    found = tx.promotions.get(event.subject)
    if found is None:
        raise NothingToTellError(f"there is no promotion {event.subject}")
    act = event.type.partition(".")[2]
    causes = [one.cause.value for one in tx.promotions.events(event.subject) if one.act == act]
    view: dict[str, Any] = {
        "promotion": found.promotion_id,
        "channel": found.channel,
        "publisher": found.publisher,
        "text_hash": found.text_hash,
        "cause": causes[0] if causes else None,
    }
    return view | {"place": found.place} if found.place else view


def _exports(tx: Transaction, event: BrandEvent) -> list[str]:
    """The lists that named the claim and were given away: who has one is to be given its changes."""
    entries = tx.ledger.entries(event.claim_id or "")
    received = next((one for one in entries if one.target == "recipient"), None)
    if received is None:
        raise NothingToTellError("it was never received")
    given = tx.exports.latest([event.brand], None, None)
    found = [
        one.export_id
        for one in reversed(given)
        if received.recorded_at <= one.as_of < event.recorded_at and _covers(one, event, received)
    ]
    if not found:
        raise NothingToTellError("no list that was given away named it")
    return found


def _covers(export: ExportRecord, event: BrandEvent, received: Entry) -> bool:
    chosen = export.chosen
    return (
        chosen.campaign in (None, event.campaign)
        and chosen.person in (None, received.person_id)
        and chosen.covers(received.occurred_at)
    )
