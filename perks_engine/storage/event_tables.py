"""The tables of events: to whom a brand's events are told, the events, and how far each has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String
from sqlmodel import Field

from perks_engine.services.event_records import DeliveryState
from perks_engine.storage.table_model import (
    TableModel,
    among,
    instant,
    long_text,
    partial,
    row_number,
    table_of,
)
from perks_engine.storage.types import RowNumber


class WebhookRow(TableModel, table=True):
    """An address of a brand. It stays when it is removed, for its log; its secrets do not."""

    webhook_id: str = Field(primary_key=True)
    brand: str = Field(index=True)
    url: str
    publisher: str | None = None
    created_by: str
    created_at: datetime = instant()
    disabled_at: datetime | None = instant(nullable=True)
    disabled_why: str = long_text()
    removed_at: datetime | None = instant(nullable=True)
    failures: int = 0
    rests_until: datetime | None = instant(nullable=True)


class WebhookTypeRow(TableModel, table=True):
    """A type of event that a webhook wants; `*` is every one."""

    webhook_id: str = Field(primary_key=True, foreign_key="webhook.webhook_id")
    type: str = Field(primary_key=True)


class WebhookSecretRow(TableModel, table=True):
    """A secret, sealed with a key that does not lie in the database."""

    webhook_id: str = Field(primary_key=True, foreign_key="webhook.webhook_id")
    number: int = Field(primary_key=True)
    sealed: str = long_text()
    made_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)


class BrandEventRow(TableModel, table=True):
    """Something that a brand is told, by its ids alone. Written by triggers (see `event_0001`)."""

    __table_args__ = (
        Index("ix_brand_event_brand_position", "brand", "position"),
        Index("ix_brand_event_recorded_at", "recorded_at"),
    )

    position: int | None = row_number()
    event_id: str = Field(unique=True)
    brand: str
    type: str
    campaign: str | None = None
    claim_id: str | None = None
    entry_id: int | None = Field(default=None, sa_column=Column(RowNumber, nullable=True))
    subject: str = ""
    publisher: str | None = None
    occurred_at: datetime = instant()
    recorded_at: datetime = instant()


class EventDeliveryRow(TableModel, table=True):
    """An event on its way to a webhook; it goes with its event. No key leads to the webhook: claims that are
    granted at the same moment would all hold on to its row."""

    __table_args__ = (
        CheckConstraint(among("state", DeliveryState), name="event_delivery_state_known"),
        CheckConstraint("attempts >= 0", name="event_delivery_attempts_count"),
        CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name="event_delivery_lease_is_whole"),
        Index("ix_event_delivery_webhook_id", "webhook_id"),
        partial("ix_event_delivery_due", "state = 'queued'", "next_at"),
        partial("ix_event_delivery_turn", "state = 'queued'", "webhook_id", "next_at"),
        partial("ix_event_delivery_dead", "state = 'dead'", "event_id"),
    )

    event_id: str = Field(
        sa_column=Column(
            String, ForeignKey("brand_event.event_id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    webhook_id: str = Field(primary_key=True)
    state: str
    attempts: int
    next_at: datetime = instant()
    leased_by: str | None = None
    leased_until: datetime | None = instant(nullable=True)
    tried_at: datetime | None = instant(nullable=True)
    settled_at: datetime | None = instant(nullable=True)
    status: int | None = None
    why: str = long_text()


webhook = table_of(WebhookRow)
webhook_type = table_of(WebhookTypeRow)
webhook_secret = table_of(WebhookSecretRow)
brand_event = table_of(BrandEventRow)
event_delivery = table_of(EventDeliveryRow)
