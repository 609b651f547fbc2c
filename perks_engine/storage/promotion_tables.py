"""The tables of promotions: the words that may be shown, what became of them, and who was told them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Index, Text, text
from sqlmodel import Field

from perks_engine.domain.promotion import LIVE, Cause, PromotionState
from perks_engine.storage.table_model import TableModel, among, instant, long_text, row_number, table_of

IS_LIVE = among("state", LIVE)


def _erasable() -> str | None:
    return Field(default=None, sa_column=Column(Text, nullable=True))


class PromotionRow(TableModel, table=True):
    """`state` is moved by a trigger with each act. What names the person is deleted by erasure."""

    __table_args__ = (
        CheckConstraint(among("state", PromotionState), name="promotion_state_known"),
        CheckConstraint("(words IS NULL) = (salt IS NULL)", name="promotion_salt_goes_with_words"),
        CheckConstraint(f"NOT ({IS_LIVE}) OR words IS NOT NULL", name="promotion_live_has_words"),
        CheckConstraint("disclosure <> ''", name="promotion_carries_a_disclosure"),
        Index(
            "uq_promotion_live_once",
            *("claim_id", "channel", "publisher"),
            unique=True,
            sqlite_where=text(IS_LIVE),
            postgresql_where=text(IS_LIVE),
        ),
        Index("ix_promotion_brand", "brand", "promotion_id"),
        Index("ix_promotion_person_id", "person_id"),
    )

    promotion_id: str = Field(primary_key=True)
    claim_id: str = Field(foreign_key="claim.claim_id")
    person_id: str
    brand: str
    campaign: str = Field(foreign_key="campaign.name")
    channel: str
    publisher: str
    decision_id: str = Field(foreign_key="decision.decision_id", unique=True)
    disclosure: str = long_text()
    text_hash: str
    asked_by: str
    asked_at: datetime = instant()
    state: str
    words: str | None = _erasable()
    called: str | None = _erasable()
    salt: str | None = _erasable()
    place: str | None = _erasable()


class PromotionEventRow(TableModel, table=True):
    """Append-only, and names nobody."""

    __table_args__ = (
        CheckConstraint(among("act", PromotionState), name="promotion_act_known"),
        CheckConstraint(among("cause", Cause), name="promotion_cause_known"),
        Index("ix_promotion_event_promotion_id", "promotion_id", "event_id"),
    )

    event_id: int | None = row_number()
    promotion_id: str = Field(foreign_key="promotion.promotion_id")
    act: str
    cause: str
    acted_by: str
    acted_at: datetime = instant()


class PromotionToldRow(TableModel, table=True):
    """Who was told the words of which hash, and when; append-only, and names nobody."""

    __table_args__ = (Index("ix_promotion_told_promotion_id", "promotion_id", "telling_id"),)

    telling_id: int | None = row_number()
    promotion_id: str = Field(foreign_key="promotion.promotion_id")
    publisher: str
    told_by: str
    told_at: datetime = instant()
    text_hash: str


promotion = table_of(PromotionRow)
promotion_event = table_of(PromotionEventRow)
promotion_told = table_of(PromotionToldRow)
