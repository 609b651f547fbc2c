"""The tables of a person's own data: corrections, holds, requests, and what an erasure leaves behind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, text
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, json_data, long_text, row_number, table_of


class ErasingRow(TableModel, table=True):
    """Who is being erased: a row is there within that transaction and never after it. For them alone the
    triggers of append-only tables let the columns go that may be about a person."""

    person_id: str = Field(primary_key=True)


class ErasureRow(TableModel, table=True):
    """The receipt of an erasure, under the pseudonym that what is kept bears since."""

    __table_args__ = (CheckConstraint("through IN ('own', 'staff')", name="erasure_through_known"),)

    pseudonym: str = Field(primary_key=True)
    erased_at: datetime = instant()
    through: str
    acted_by: str
    receipt: dict[str, Any] = json_data()
    kept_until: datetime = instant(index=True)


class SuppressionRow(TableModel, table=True):
    """A keyed hash of what an erased person was known by: an id, an e-mail address, a handle. `pseudonym` is
    None as soon as nothing has to be found by it any more."""

    hash: str = Field(primary_key=True)
    kind: str
    since: datetime = instant()
    pseudonym: str | None = Field(default=None, index=True)


class SuppressionKeyRow(TableModel, table=True):
    """One row, made with the first hash."""

    __table_args__ = (CheckConstraint("key_id = 1", name="suppression_key_is_one_row"),)

    key_id: int = Field(default=1, primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LegalHoldRow(TableModel, table=True):
    """While it is not lifted nothing of the person's record is erased."""

    __table_args__ = (
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifting_is_whole"),
        CheckConstraint("why <> ''", name="hold_says_why"),
        Index(
            "ix_legal_hold_live",
            "person_id",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    hold_id: str = Field(primary_key=True)
    person_id: str
    why: str = long_text()
    set_by: str
    set_at: datetime = instant()
    lifted_by: str | None = None
    lifted_at: datetime | None = instant(nullable=True)
    lifted_because: str = long_text()


class RectificationRow(TableModel, table=True):
    """What was corrected: the field and what it was before, who did it and why."""

    rectification_id: int | None = row_number()
    person_id: str = Field(foreign_key="person.person_id", index=True)
    field: str
    was: str | None = None
    corrected_at: datetime = instant()
    corrected_by: str
    why: str = long_text()


class DataRequestRow(TableModel, table=True):
    """A request about one's own data, and what came of it."""

    __table_args__ = (
        CheckConstraint("kind IN ('access', 'rectification', 'erasure')", name="data_request_kind_known"),
    )

    request_id: int | None = row_number()
    person_id: str = Field(index=True)
    kind: str
    through: str
    asked_by: str
    asked_at: datetime = instant(index=True)
    outcome: str


class DroppedFileRow(TableModel, table=True):
    """A file that belongs to nobody any more: deleted as soon as the transaction has ended."""

    stored_as: str = Field(primary_key=True)
    dropped_at: datetime = instant()


class RetentionCountRow(TableModel, table=True):
    """How many rows retention removed on a day: all that is kept of them."""

    __table_args__ = (CheckConstraint("rows > 0", name="retention_counts"),)

    removed_on: date = Field(primary_key=True)
    what: str = Field(primary_key=True)
    rows: int


erasing = table_of(ErasingRow)
erasure = table_of(ErasureRow)
suppression = table_of(SuppressionRow)
suppression_key = table_of(SuppressionKeyRow)
legal_hold = table_of(LegalHoldRow)
rectification = table_of(RectificationRow)
data_request = table_of(DataRequestRow)
dropped_file = table_of(DroppedFileRow)
retention_count = table_of(RetentionCountRow)
