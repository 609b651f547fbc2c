"""What members of staff did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, row_number, table_of


class StaffActionRow(TableModel, table=True):
    """One action with what came of it. Append-only; an erasure takes the person."""

    __table_args__ = (CheckConstraint("status BETWEEN 100 AND 599", name="staff_action_has_a_status"),)

    action_id: int | None = row_number()
    acted_at: datetime = instant(index=True)
    acted_by: str = Field(index=True)
    role: str
    credential: str
    route: str
    about: str = Field(index=True)
    person_id: str | None = Field(default=None, index=True)
    brand: str | None = Field(default=None, index=True)
    status: int
    code: str
    request_id: str


staff_action = table_of(StaffActionRow)
