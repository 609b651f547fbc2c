"""How far each message has come; a row is made when a sender first takes the message up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, String
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, long_text, table_of


class MessageDeliveryRow(TableModel, table=True):
    """Goes with its message."""

    __table_args__ = (
        CheckConstraint("attempts >= 0", name="delivery_attempts_count"),
        CheckConstraint("(leased_by IS NULL) = (leased_until IS NULL)", name="delivery_lease_is_whole"),
    )

    message_id: str = Field(
        sa_column=Column(
            String, ForeignKey("message.message_id", ondelete="CASCADE"), primary_key=True, nullable=False
        )
    )
    attempts: int
    next_at: datetime = instant()
    due_at: datetime = instant()
    leased_by: str | None = None
    leased_until: datetime | None = instant(nullable=True)
    tried_at: datetime | None = instant(nullable=True)
    settled_at: datetime | None = instant(nullable=True)
    why: str = long_text()


message_delivery = table_of(MessageDeliveryRow)
