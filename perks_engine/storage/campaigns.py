"""Campaigns, their versions, areas, previews and approvals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from perks_engine.domain.campaign import CampaignState
from perks_engine.services.records import (
    ApprovalRecord,
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
                paused_because="",
                created_at=now,
            )
        )

    def set_state(
        self, name: str, state: CampaignState, because: str = "", was: CampaignState | None = None
    ) -> bool:
        """Whether it was changed; where `was` is given, only if that is its state still."""
        table = tables.campaign
        change = update(table).where(table.c.name == name).values(state=state.value, paused_because=because)
        if was is not None:
            change = change.where(table.c.state == was.value)
        return self._connection.execute(change).rowcount == 1

    def set_latest(self, name: str, version: str) -> None:
        """The version that is to be previewed, approved and opened next."""
        self._connection.execute(
            update(tables.campaign).where(tables.campaign.c.name == name).values(latest=version)
        )

    def go_live(self, campaign: CampaignRecord) -> None:
        """Make a version the live one, with its state and window."""
        self._connection.execute(
            update(tables.campaign)
            .where(tables.campaign.c.name == campaign.name)
            .values(
                state=campaign.state.value,
                version=campaign.version,
                opens_at=campaign.opens_at,
                closes_at=campaign.closes_at,
                paused_because="",
            )
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
        table = tables.preview
        query = (
            select(table.c.version, table.c.made_by, table.c.made_at, table.c.summary)
            .where(table.c.version == version)
            .order_by(table.c.preview_id.desc())
            .limit(1)
        )
        found = self._connection.execute(query).mappings().one_or_none()
        return PreviewRecord(**found) if found else None

    def add_approval(self, approval: ApprovalRecord) -> None:
        self._connection.execute(
            insert(tables.approval).values(
                version=approval.version,
                approved_by=approval.approved_by,
                approved_at=approval.approved_at,
            )
        )

    def approval(self, version: str) -> ApprovalRecord | None:
        query = select(tables.approval).where(tables.approval.c.version == version)
        found = self._connection.execute(query).mappings().one_or_none()
        return ApprovalRecord(**found) if found else None


_CAMPAIGNS = select(
    tables.campaign.c.name,
    tables.campaign.c.brand,
    tables.campaign.c.state,
    tables.campaign.c.version,
    tables.campaign.c.latest,
    tables.campaign.c.opens_at,
    tables.campaign.c.closes_at,
    tables.campaign.c.paused_because,
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
        row.paused_because,
    )
