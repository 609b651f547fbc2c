"""What is told of disclosure lists and their exports, as plain data."""

from __future__ import annotations

from perks_engine.services.list_records import (
    Acknowledgement,
    Chosen,
    ExportRecord,
    HeadDelivery,
    Sighting,
)
from perks_engine.services.records import Message
from perks_engine.services.views import View, instant_view

CHOSEN = ("brand", "campaign", "person", "received_from", "received_before", "annex")
"""What can be asked for, by the names that files have for it."""


def chosen_view(chosen: Chosen) -> View:
    """What a list is of, without what was not asked for."""
    view: View = {
        "brand": chosen.brand,
        "campaign": chosen.campaign,
        "person": chosen.person,
        "received_from": instant_view(chosen.received_from),
        "received_before": instant_view(chosen.received_before),
        "annex": chosen.annex or None,
    }
    return {name: value for name, value in view.items() if value is not None}


def export_view(record: ExportRecord) -> View:
    form = record.form
    return {
        "export": record.export_id,
        "made_by": record.made_by,
        "made_at": instant_view(record.made_at),
        "chosen": chosen_view(record.chosen),
        "as_of": instant_view(record.as_of),
        "format": form.kind.value,
        "columns": form.columns,
        "proofs": form.proofs,
        "lines": record.lines,
        "bytes": record.bytes,
        "sha256": record.sha256,
        "head_size": record.head_size,
    }


def instruction_view(message: Message, acknowledged: Acknowledgement | None) -> View:
    """How to disclose, as the person was told, and when they acknowledged it."""
    view: View = {
        "claim": message.claim_id,
        "instruction": message.message_id,
        "subject": message.subject,
        "text": message.body_text,
        "channel": message.channel,
        "sent_at": instant_view(message.created_at),
    }
    if acknowledged is not None:
        view |= {"acknowledged_at": instant_view(acknowledged.acknowledged_at), "how": acknowledged.how}
    return view


def sighting_view(seen: Sighting) -> View:
    return {
        "claim": seen.claim_id,
        "url": seen.url,
        "seen_at": instant_view(seen.seen_at),
        "reported_by": seen.reported_by,
        "note": seen.note,
    }


def delivery_view(delivery: HeadDelivery) -> View:
    return {
        "size": delivery.size,
        "attempts": delivery.attempts,
        "tried_at": instant_view(delivery.tried_at),
        "error": delivery.error,
    }
