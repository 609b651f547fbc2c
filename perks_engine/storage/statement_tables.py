"""The table of requests for statements. Rows are deleted when their link expires."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, table_of


class StatementRequestRow(TableModel, table=True):
    """`subject` stands here only until the letter is on its way; `mailbox` is a keyed hash of the address it
    went to, by which letters are counted."""

    __table_args__ = (
        CheckConstraint("(subject_kind IS NULL) = (subject IS NULL)", name="statement_subject_is_whole"),
        Index("ix_statement_request_mailbox_requested_at", "mailbox", "requested_at"),
        Index("ix_statement_request_expires_at", "expires_at"),
        Index(
            "ix_statement_request_waiting",
            "request_id",
            sqlite_where=text("subject IS NOT NULL"),
            postgresql_where=text("subject IS NOT NULL"),
        ),
    )

    request_id: str = Field(primary_key=True)
    subject_kind: str | None = None
    subject: str | None = None
    mailbox: str | None = None
    requested_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


statement_request = table_of(StatementRequestRow)
