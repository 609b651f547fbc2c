"""The table of pictures; their bytes lie elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from perks_engine.domain.pictures import PictureKind
from perks_engine.services.picture_records import PictureUse
from perks_engine.storage.table_model import TableModel, among, instant, table_of


class PictureRow(TableModel, table=True):
    """A picture by or about a person. Erasure deletes it, after its bytes."""

    __table_args__ = (
        CheckConstraint(among("use", PictureUse), name="picture_use_known"),
        CheckConstraint(among("kind", PictureKind), name="picture_kind_known"),
        CheckConstraint("width > 0 AND height > 0 AND size > 0", name="picture_has_a_size"),
        UniqueConstraint("claim_id", "use", "sha256"),
        Index(
            "ix_picture_unkept",
            "given_at",
            sqlite_where=text("kept_at IS NULL"),
            postgresql_where=text("kept_at IS NULL"),
        ),
    )

    picture_id: str = Field(primary_key=True)
    claim_id: str = Field(foreign_key="claim.claim_id")
    person_id: str = Field(index=True)
    use: str
    kind: str
    width: int
    height: int
    size: int
    sha256: str
    stored_as: str = Field(unique=True)
    given_by: str
    given_at: datetime = instant()
    kept_at: datetime | None = instant(nullable=True)


picture = table_of(PictureRow)
