"""What came back of letters."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from perks_engine.services.mail_records import STOPS, MailEvent, MailReport
from perks_engine.services.sending_records import MessageState
from perks_engine.storage import tables
from perks_engine.storage.mail_tables import mail_report


class SqlMailReportBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, report: MailReport) -> bool:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(mail_report).values(**asdict(report))
        once = insert.on_conflict_do_nothing(index_elements=["message_id", "event"])
        return self._connection.execute(once).rowcount == 1

    def forget_bounces(self, message_id: str | None) -> None:
        dead = select(tables.message.c.person_id).where(tables.message.c.state == MessageState.DEAD.value)
        if message_id is not None:
            dead = dead.where(tables.message.c.message_id == message_id)
        bounced = mail_report.c.event == MailEvent.BOUNCED.value
        self._connection.execute(delete(mail_report).where(bounced, mail_report.c.person_id.in_(dead)))

    def stops(self, person_id: str, address: str) -> MailReport | None:
        query = (
            select(mail_report)
            .where(
                mail_report.c.person_id == person_id,
                func.lower(mail_report.c.address) == address.lower(),
                mail_report.c.event.in_(STOPS),
            )
            .order_by(mail_report.c.event, mail_report.c.reported_at)
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        values: dict[str, Any] = {**row, "event": MailEvent(row["event"])}
        return MailReport(**values)
