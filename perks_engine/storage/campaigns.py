"""Campaigns, their versions, areas, previews and approvals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Row, insert, null, select, update

from perks_engine.domain.campaign import CampaignAct, CampaignState
from perks_engine.services.records import (
    ApprovalRecord,
    CampaignEvent,
    CampaignRecord,
    PreviewRecord,
    VersionRecord,
)
from perks_engine.storage import tables


class SqlCampaignBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> CampaignRecord | None:
        found = self._connection.execute(_CAMPAIGNS.where(tables.campaign.c.name == name)).one_or_none()
        return _campaign(found) if found else None

    def all(
        self,
        states: Sequence[CampaignState] = (),
        brands: Sequence[str] | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[CampaignRecord]:
        """By name: those in one of the states, of one of the brands, whose name comes after `after`."""
        table = tables.campaign
        query = _CAMPAIGNS.order_by(table.c.name).limit(limit)
        if states:
            query = query.where(table.c.state.in_([state.value for state in states]))
        if brands is not None:
            query = query.where(table.c.brand.in_(brands))
        if after is not None:
            query = query.where(table.c.name > after)
        return [_campaign(row) for row in self._connection.execute(query)]

    def add(self, campaign: CampaignRecord, now: datetime) -> None:
        self._connection.execute(
            insert(tables.campaign).values(
                name=campaign.name,
                brand=campaign.brand,
                state=campaign.state.value,
                version=campaign.version,
                latest=campaign.latest,
                opens_at=campaign.opens_at,
                closes_at=campaign.closes_at,
                created_at=now,
            )
        )

    def record(self, event: CampaignEvent, was: CampaignState) -> bool:
        """Append the event and give the campaign its state; False and neither, where it `was` so no more."""
        table = tables.campaign
        change = update(table).where(table.c.name == event.campaign, table.c.state == was.value)
        if self._connection.execute(change.values(state=event.state.value)).rowcount == 0:
            return False
        self._connection.execute(
            insert(tables.campaign_event).values(
                campaign=event.campaign,
                act=event.act.value,
                state=event.state.value,
                version=event.version,
                acted_by=event.acted_by,
                acted_at=event.acted_at,
                why=event.why,
                numbers=null() if event.numbers is None else dict(event.numbers),
            )
        )
        return True

    def events(self, name: str) -> list[CampaignEvent]:
        """Oldest first."""
        table = tables.campaign_event
        query = select(table).where(table.c.campaign == name).order_by(table.c.event_id)
        return [_event(row) for row in self._connection.execute(query)]

    def latest_pause(self, name: str) -> CampaignEvent | None:
        """With the latest reason that was given for it."""
        pause = self._latest(name, CampaignAct.PAUSED)
        said = self._latest(name, CampaignAct.EXPLAINED)
        if pause is None or said is None or said[0] < pause[0]:
            return pause[1] if pause else None
        return replace(pause[1], why=said[1].why)

    def _latest(self, name: str, act: CampaignAct) -> tuple[int, CampaignEvent] | None:
        table = tables.campaign_event
        query = select(table).where(table.c.campaign == name, table.c.act == act.value)
        found = self._connection.execute(query.order_by(table.c.event_id.desc()).limit(1)).one_or_none()
        return (found.event_id, _event(found)) if found else None

    def set_latest(self, name: str, version: str) -> None:
        """The version that is to be previewed, approved and opened next."""
        self._connection.execute(
            update(tables.campaign).where(tables.campaign.c.name == name).values(latest=version)
        )

    def go_live(self, campaign: CampaignRecord) -> None:
        """Make a version the live one, with its window."""
        self._connection.execute(
            update(tables.campaign)
            .where(tables.campaign.c.name == campaign.name)
            .values(version=campaign.version, opens_at=campaign.opens_at, closes_at=campaign.closes_at)
        )

    def version(self, version: str) -> VersionRecord | None:
        query = select(tables.campaign_version).where(tables.campaign_version.c.version == version)
        found = self._connection.execute(query).mappings().one_or_none()
        return VersionRecord(**found) if found else None

    def versions(self, campaign: str) -> list[VersionRecord]:
        """Oldest first."""
        table = tables.campaign_version
        query = select(table).where(table.c.campaign == campaign).order_by(table.c.loaded_at, table.c.version)
        return [VersionRecord(**row) for row in self._connection.execute(query).mappings()]

    def add_version(self, version: VersionRecord) -> None:
        self._connection.execute(
            insert(tables.campaign_version).values(
                version=version.version,
                campaign=version.campaign,
                brand=version.brand,
                canonical=version.canonical,
                source=version.source,
                examples_total=version.examples_total,
                examples_failed=version.examples_failed,
                loaded_at=version.loaded_at,
                loaded_by=version.loaded_by,
            )
        )

    def add_area(self, sha256: str, name: str, geojson: bytes) -> None:
        """Keep an area file, unless it is kept already."""
        if self.area(sha256) is None:
            self._connection.execute(insert(tables.area).values(sha256=sha256, name=name, geojson=geojson))

    def area(self, sha256: str) -> bytes | None:
        query = select(tables.area.c.geojson).where(tables.area.c.sha256 == sha256)
        return self._connection.execute(query).scalar_one_or_none()

    def add_preview(self, preview: PreviewRecord) -> None:
        self._connection.execute(
            insert(tables.preview).values(
                version=preview.version,
                made_by=preview.made_by,
                made_at=preview.made_at,
                summary=dict(preview.summary),
            )
        )

    def latest_preview(self, version: str) -> PreviewRecord | None:
        query = _PREVIEWS.where(tables.preview.c.version == version)
        return self._preview(query.order_by(tables.preview.c.preview_id.desc()).limit(1))

    def approved_preview(self, version: str) -> PreviewRecord | None:
        """The preview that the version was approved by."""
        approval = tables.approval
        query = _PREVIEWS.join(approval, approval.c.preview_id == tables.preview.c.preview_id)
        return self._preview(query.where(approval.c.version == version))

    def _preview(self, query: Executable) -> PreviewRecord | None:
        found = self._connection.execute(query).mappings().one_or_none()
        return PreviewRecord(**found) if found else None

    def add_approval(self, approval: ApprovalRecord) -> None:
        self._connection.execute(
            insert(tables.approval).values(
                version=approval.version,
                preview_id=approval.preview_id,
                approved_by=approval.approved_by,
                approved_at=approval.approved_at,
            )
        )

    def approval(self, version: str) -> ApprovalRecord | None:
        query = select(tables.approval).where(tables.approval.c.version == version)
        found = self._connection.execute(query).mappings().one_or_none()
        return ApprovalRecord(**found) if found else None


_PREVIEWS = select(
    tables.preview.c.version,
    tables.preview.c.made_by,
    tables.preview.c.made_at,
    tables.preview.c.summary,
    tables.preview.c.preview_id,
)

_CAMPAIGNS = select(
    tables.campaign.c.name,
    tables.campaign.c.brand,
    tables.campaign.c.state,
    tables.campaign.c.version,
    tables.campaign.c.latest,
    tables.campaign.c.opens_at,
    tables.campaign.c.closes_at,
    tables.campaign.c.counted_from,
)


def _campaign(row: Row[Any, Any, Any, Any, Any, Any, Any, Any]) -> CampaignRecord:
    return CampaignRecord(
        row.name,
        row.brand,
        CampaignState(row.state),
        row.version,
        row.latest,
        row.opens_at,
        row.closes_at,
        row.counted_from,
    )


def _event(row: Row[Any]) -> CampaignEvent:
    return CampaignEvent(
        row.campaign,
        CampaignAct(row.act),
        CampaignState(row.state),
        row.version,
        row.acted_by,
        row.acted_at,
        row.why,
        row.numbers,
    )
