"""What members of staff did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Connection, Select, String, bindparam, cast, insert, select

from perks_engine.services.staff_records import StaffAction, WhichActions
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import dispute_event
from perks_engine.storage.event_tables import webhook
from perks_engine.storage.incident_tables import incident
from perks_engine.storage.list_tables import disclosure_export, sighting
from perks_engine.storage.promotion_tables import promotion
from perks_engine.storage.staff_tables import staff_action as _table


class SqlStaffActionBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, action: StaffAction) -> None:
        values = {name: value for name, value in asdict(action).items() if name != "action_id"}
        self._connection.execute(insert(_table).values(**values))

    def find(self, which: WhichActions, limit: int) -> Sequence[StaffAction]:
        column = _table.c
        same = {"acted_by": which.by, "route": which.route, "about": which.about, "person_id": which.person}
        wanted = [column[name] == value for name, value in same.items() if value is not None]
        if which.since is not None:
            wanted.append(column.acted_at >= which.since)
        if which.until is not None:
            wanted.append(column.acted_at < which.until)
        if which.before is not None:
            wanted.append(column.action_id < which.before)
        if which.brands is not None:
            wanted.append(column.brand.in_(which.brands))
        query = select(_table).where(*wanted).order_by(column.action_id.desc()).limit(limit)
        return [StaffAction(**row) for row in self._connection.execute(query).mappings()]

    def brand_of(self, kind: str, name: str) -> str | None:
        query = _BRANDS.get(kind)
        return None if query is None else self._connection.execute(query, {"name": name}).scalar()


def _own(column: Column[Any], brand: Column[Any]) -> Select[Any]:
    return select(brand).where(cast(column, String) == bindparam("name", type_=String)).limit(1)


def _through(column: Column[Any], campaign: Column[Any]) -> Select[Any]:
    brand = tables.campaign.c
    return _own(column, brand.brand).join_from(column.table, tables.campaign, brand.name == campaign)


_CLAIM, _DISPUTE = tables.claim.c, dispute_event.c
_BRANDS: Mapping[str, Select[Any]] = {
    "brand": _own(tables.campaign.c.brand, tables.campaign.c.brand),
    "campaign": _own(tables.campaign.c.name, tables.campaign.c.brand),
    "claim": _through(_CLAIM.claim_id, _CLAIM.campaign),
    "dispute": _through(_DISPUTE.dispute_id, _DISPUTE.campaign),
    "export": _own(disclosure_export.c.export_id, disclosure_export.c.brand),
    "incident": _own(incident.c.incident_id, incident.c.brand),
    "post": _own(sighting.c.sighting_id, tables.campaign.c.brand)
    .join_from(sighting, tables.claim, _CLAIM.claim_id == sighting.c.claim_id)
    .join(tables.campaign, tables.campaign.c.name == _CLAIM.campaign),
    "promotion": _own(promotion.c.promotion_id, promotion.c.brand),
    "webhook": _own(webhook.c.webhook_id, webhook.c.brand),
}
"""By what an action's path names; each asks by `name`."""
