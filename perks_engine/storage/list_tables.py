"""The tables of disclosure: what people are called, what they acknowledged, where it was seen, which
lists were exported, and which heads of the log were delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, UniqueConstraint
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, json_data, long_text, row_number, table_of
from perks_engine.storage.types import RowNumber


class NamingRow(TableModel, table=True):
    """What a person is called since `recorded_at`: `field` is `handle`, `name` or `on.PLATFORM`, a `value` of
    None says that they are so no more. Erasure deletes it."""

    __table_args__ = (Index("ix_naming_person_id_recorded_at", "person_id", "recorded_at"),)

    naming_id: int | None = row_number()
    person_id: str = Field(foreign_key="person.person_id")
    field: str
    value: str | None = None
    recorded_at: datetime = instant()


class AcknowledgementRow(TableModel, table=True):
    """The person says that they read how to disclose, and will; append-only, once for each claim."""

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    person_id: str
    message_id: str
    text_sha256: str
    how: str
    acknowledged_at: datetime = instant()
    recorded_at: datetime = instant()


class SightingRow(TableModel, table=True):
    """Where a disclosure was seen: a post, reported by the person or recorded by staff."""

    __table_args__ = (UniqueConstraint("claim_id", "url"),)

    sighting_id: int | None = row_number()
    claim_id: str = Field(foreign_key="claim.claim_id")
    person_id: str
    url: str
    seen_at: datetime = instant()
    reported_by: str
    note: str = long_text()
    recorded_at: datetime = instant()


class DisclosureExportRow(TableModel, table=True):
    """A list that was exported: who had which one, and the hash of the very file. Append-only."""

    export_id: str = Field(primary_key=True)
    made_by: str
    made_at: datetime = instant()
    brand: str | None = Field(default=None, index=True)
    chosen: dict[str, Any] = json_data()
    as_of: datetime = instant()
    form: dict[str, Any] = json_data()
    sha256: str
    bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    lines: int
    head_size: int = Field(sa_column=Column(RowNumber, nullable=False))


class HeadDeliveryRow(TableModel, table=True):
    """How far the delivery of a signed head to the outside came; no row before the first attempt."""

    size: int = Field(
        sa_column=Column(RowNumber, ForeignKey("log_head.size"), primary_key=True, autoincrement=False)
    )
    attempts: int
    tried_at: datetime = instant()
    delivered_at: datetime | None = instant(nullable=True)
    error: str = Field(default="", sa_column=Column(Text, nullable=False))


naming = table_of(NamingRow)
acknowledgement = table_of(AcknowledgementRow)
sighting = table_of(SightingRow)
disclosure_export = table_of(DisclosureExportRow)
head_delivery = table_of(HeadDeliveryRow)
