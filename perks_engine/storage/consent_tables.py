"""The tables of consent: what people said, the yes that waits for its confirmation, the words that they were
shown, and how many were refused for their age."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, String, Text
from sqlmodel import Field

from perks_engine.domain.consent import Through
from perks_engine.storage.table_model import TableModel, among, instant, long_text, row_number, table_of


def _unless_known(kind: type[String] = String) -> Any:
    """Text that is empty where nobody knows it."""
    return Field(default="", sa_column=Column(kind(), nullable=False, server_default=""))


class ConsentRow(TableModel, table=True):
    """One act of opting in or out with its proof; append-only, the latest by purpose and channel holds."""

    __table_args__ = (
        CheckConstraint(among("through", Through), name="consent_through_known"),
        CheckConstraint("through <> 'staff' OR why <> ''", name="consent_by_staff_says_why"),
        CheckConstraint(
            "request_id IS NULL OR confirmed_at IS NOT NULL", name="double_opt_in_says_when_confirmed"
        ),
    )

    consent_id: int | None = row_number()
    person_id: str = Field(index=True)
    purpose: str
    channel: str
    given: bool
    acted_at: datetime = instant()
    how: str = long_text()
    recorded_at: datetime = instant()
    through: str = Field(
        default=Through.IMPORT.value,
        sa_column=Column(String, nullable=False, server_default=Through.IMPORT.value),
    )
    text_version: int | None = None
    text_sha256: str = _unless_known()
    language: str = _unless_known()
    origin: str = _unless_known(Text)
    recorded_by: str = _unless_known()
    why: str = _unless_known(Text)
    request_id: str | None = Field(default=None, foreign_key="consent_request.request_id", unique=True)
    confirmed_at: datetime | None = instant(nullable=True)


class ConsentRequestRow(TableModel, table=True):
    """A yes that waits to be confirmed; append-only. It was, where a consent names it: at most once."""

    __table_args__ = (CheckConstraint("asked_at < expires_at", name="consent_request_expires"),)

    request_id: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    purpose: str
    channel: str
    text_version: int
    text_sha256: str
    language: str
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    how: str = long_text()
    origin: str = long_text()
    recorded_by: str
    why: str = long_text()


class ConsentTextRow(TableModel, table=True):
    """The words of a version as somebody was shown them; append-only, so that a version never means other
    words than it did."""

    purpose: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    words: str = long_text()
    first_used_at: datetime = instant()


class AgeRefusalRow(TableModel, table=True):
    """How many were refused for their age on a day: all that is kept of them."""

    __table_args__ = (CheckConstraint("people > 0", name="age_refusal_counts"),)

    refused_on: date = Field(primary_key=True)
    people: int


consent = table_of(ConsentRow)
consent_request = table_of(ConsentRequestRow)
consent_text = table_of(ConsentTextRow)
age_refusal = table_of(AgeRefusalRow)
