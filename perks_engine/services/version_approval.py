"""A second person approves a version of a campaign, with its preview before them: at the command line or over
HTTP, by one and the same rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.phrase import phrase
from perks_engine.services import campaign_refusals
from perks_engine.services.access import Actor, Permission
from perks_engine.services.campaign_overview import preview_head
from perks_engine.services.errors import RefusedError
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.readiness import require_preview, require_second_person
from perks_engine.services.records import ApprovalRecord, VersionRecord
from perks_engine.services.versions import Versions
from perks_engine.services.views import View, instant_view


def approve(tx: Transaction, versions: Versions, version: VersionRecord, by: str, now: datetime) -> View:
    """The approval: the first yes is the one that counts. Raises `ForbiddenError` for whoever loaded the
    version, and `RefusedError` where nobody has seen a preview of it."""
    require_second_person(version, by)
    preview = require_preview(tx, version, versions.get(version.version, tx))
    approval = tx.campaigns.approval(version.version)
    if approval is None:
        approval = ApprovalRecord(version.version, preview.preview_id or 0, by, now)
        tx.campaigns.add_approval(approval)
    seen = tx.campaigns.approved_preview(version.version) or preview
    return {
        "campaign": version.campaign,
        "version": version.version,
        "approved_by": approval.approved_by,
        "approved_at": instant_view(approval.approved_at),
        "preview": preview_head(seen),
    }


@dataclass(frozen=True, slots=True)
class VersionApproval:
    """For members of staff, who see and approve the campaigns of their brands."""

    store: Store
    versions: Versions
    clock: Clock

    def shown(self, actor: Actor, campaign: str) -> View:
        """What there is to approve: the latest version, who loaded it, its latest preview, and whether it is
        approved already."""
        actor.require(Permission.APPROVE_CAMPAIGNS)
        with self.store.read() as tx:
            version = self._latest(tx, actor, campaign)
            preview = tx.campaigns.latest_preview(version.version)
            approval = tx.campaigns.approval(version.version)
            return {
                "campaign": campaign,
                "version": version.version,
                "loaded_by": version.loaded_by,
                "loaded_at": instant_view(version.loaded_at),
                "examples": version.examples_total,
                "examples_failed": version.examples_failed,
                "preview": preview_head(preview) if preview else None,
                "approved_by": approval.approved_by if approval else None,
                "approved_at": instant_view(approval.approved_at) if approval else None,
            }

    def approve(self, actor: Actor, campaign: str, version: str, key: str) -> Mapping[str, Any]:
        """Approve that very version. Raises `RefusedError` where a newer one was loaded meanwhile, and
        `ForbiddenError` for a service, and for whoever loaded it."""
        actor.require(Permission.APPROVE_CAMPAIGNS)
        by = actor.require_human(phrase("to approve a campaign"))
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            latest = self._latest(tx, actor, campaign)
            if latest.version != version:
                raise RefusedError(
                    "campaign.version_changed",
                    phrase(
                        "the latest version of {campaign} is {version}, not the one that you approve; "
                        "look at that one, and approve it",
                        campaign=campaign,
                        version=latest.version,
                    ),
                )
            answer = approve(tx, self.versions, latest, by, now)
            keep(answer)
            return answer

        request = {"operation": "approve campaign", "campaign": campaign, "version": version}
        return once(self.store, f"staff:{actor.name}", key, request, now, work)

    def _latest(self, tx: Transaction, actor: Actor, campaign: str) -> VersionRecord:
        record = tx.campaigns.get(campaign)
        version = tx.campaigns.version(record.latest) if record else None
        if record is None or version is None or not actor.may(Permission.APPROVE_CAMPAIGNS, record.brand):
            raise campaign_refusals.unknown(campaign)
        return version
