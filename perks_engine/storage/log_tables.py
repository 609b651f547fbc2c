"""The tables of the log: what a tamper-evident copy of the ledger needs, apart from the ledger itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Text
from sqlmodel import Field

from perks_engine.storage.tables import TableModel, metadata
from perks_engine.storage.types import Instant, RowNumber


class LogLeafRow(TableModel, table=True):
    """One sealed entry: the bytes that were hashed, at its place in the log. Append-only."""

    __table_args__ = (CheckConstraint("position >= 0", name="leaf_has_a_position"),)

    position: int = Field(sa_column=Column(RowNumber, primary_key=True, autoincrement=False))
    entry_id: int = Field(
        sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=False, unique=True)
    )
    data: str = Field(sa_column=Column(Text, nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LeafSaltRow(TableModel, table=True):
    """What opens a leaf's commitments. Erasure deletes it; the leaf stays."""

    position: int = Field(
        sa_column=Column(RowNumber, ForeignKey("log_leaf.position"), primary_key=True, autoincrement=False)
    )
    salt: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LogNodeRow(TableModel, table=True):
    """The hash of a perfect subtree above the leaves. Append-only."""

    level: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    place: int = Field(sa_column=Column(RowNumber, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class LogHeadRow(TableModel, table=True):
    """A signed head: the checkpoint over the first `size` leaves. Append-only."""

    size: int = Field(sa_column=Column(RowNumber, primary_key=True, autoincrement=False))
    note: str = Field(sa_column=Column(Text, nullable=False))
    signed_at: datetime = Field(sa_column=Column(Instant(), nullable=False))


log_leaf = metadata.tables["log_leaf"]
leaf_salt = metadata.tables["leaf_salt"]
log_node = metadata.tables["log_node"]
log_head = metadata.tables["log_head"]
