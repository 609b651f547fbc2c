"""What staff sees of a campaign on record: its state and why, its guards, its history, its versions."""

from __future__ import annotations

from typing import Any

from perks_engine.domain.campaign import CampaignState
from perks_engine.services.ports import Transaction
from perks_engine.services.records import CampaignRecord, PreviewRecord, VersionRecord
from perks_engine.services.views import View, campaign_view, event_view, instant_view, message_view


def shown_briefly(tx: Transaction, record: CampaignRecord) -> View:
    """The campaign in a list."""
    event = tx.campaigns.latest_pause(record.name) if record.state is CampaignState.PAUSED else None
    return campaign_view(record, tx.ledger.free_units(record.name), event)


def shown_in_full(tx: Transaction, record: CampaignRecord, readings: list[View]) -> View:
    """The campaign by itself; `readings` are what its guards have counted."""
    return {
        **shown_briefly(tx, record),
        "counted_from": instant_view(record.counted_from),
        "guards": readings,
        "contacts": [one.email for one in tx.contacts.of_brand(record.brand)],
        "told": [message_view(one) for one in tx.outbox.to_staff(record.name)],
        "history": [event_view(one) for one in tx.campaigns.events(record.name)],
        "versions": [_version(tx, one) for one in tx.campaigns.versions(record.name)],
    }


def _version(tx: Transaction, version: VersionRecord) -> View:
    """Who loaded, previewed and approved it; the preview is the one that it was approved by, if it was."""
    approval = tx.campaigns.approval(version.version)
    preview = (
        tx.campaigns.approved_preview(version.version)
        if approval
        else tx.campaigns.latest_preview(version.version)
    )
    view: dict[str, Any] = {
        "version": version.version,
        "loaded_at": instant_view(version.loaded_at),
        "loaded_by": version.loaded_by,
        "examples": version.examples_total,
        "examples_failed": version.examples_failed,
    }
    if preview is not None:
        view |= {
            "previewed_by": preview.made_by,
            "previewed_at": instant_view(preview.made_at),
            "preview": dict(preview.summary),
        }
    if approval is not None:
        view |= {"approved_by": approval.approved_by, "approved_at": instant_view(approval.approved_at)}
    return view


def preview_head(preview: PreviewRecord) -> View:
    """The numbers of a preview that an approval rests on."""
    counts = ("people", "eligible", "ineligible", "unknown")
    return {
        "made_by": preview.made_by,
        "made_at": instant_view(preview.made_at),
        **{name: preview.summary.get(name, 0) for name in counts},
    }
