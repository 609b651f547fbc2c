"""What came back of letters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from perks_engine.services.mail_records import MailEvent
from perks_engine.storage.table_model import TableModel, among, instant, table_of


class MailReportRow(TableModel, table=True):
    """Of a message to a person, at the address that was theirs; goes with the person."""

    __table_args__ = (
        CheckConstraint(among("event", MailEvent), name="mail_event_known"),
        UniqueConstraint("message_id", "event", name="uq_mail_report_message_id_event"),
    )

    report_id: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    message_id: str
    event: str
    status: str
    address: str
    reported_at: datetime = instant()


mail_report = table_of(MailReportRow)
