"""The tables, as SQLModel declares them. What must never be wrong stands here as a constraint.

`entry` is the ledger and is only ever appended to. `stock`, `holding` and `allowance` are its
balances; triggers (see `migrations/ledger_0001.py`) move them with each entry, so that nobody can write
one without the other.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.fulfillment import MOVES, Account, MoveKind
from perks_engine.storage.types import Instant, JsonData, RowNumber

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


class TableModel(SQLModel):
    """Names the table of `CampaignVersionRow` `campaign_version`."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore[reportIncompatibleVariableOverride]
        words = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__.removesuffix("Row"))
        return words.lower()


def _among(column: str, words: Any) -> str:
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def _instant(nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(Instant(), nullable=nullable, index=index))


def _json() -> Any:
    return Field(sa_column=Column(JsonData, nullable=False))


def _text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


def _row_number() -> Any:
    return Field(default=None, sa_column=Column(RowNumber, primary_key=True, autoincrement=True))


class CampaignRow(TableModel, table=True):
    """A campaign through all its versions. `version` is the live one, None before the first opening;
    `latest` is the one loaded last."""

    __table_args__ = (
        CheckConstraint(_among("state", CampaignState), name="campaign_state_known"),
        CheckConstraint(
            f"state = '{CampaignState.DRAFT}' OR version IS NOT NULL", name="campaign_live_has_a_version"
        ),
    )

    name: str = Field(primary_key=True)
    brand: str = Field(index=True)
    state: str
    version: str | None = Field(default=None, foreign_key="campaign_version.version")
    latest: str = Field(foreign_key="campaign_version.version")
    opens_at: datetime | None = _instant(nullable=True)
    closes_at: datetime | None = _instant(nullable=True)
    paused_because: str = Field(default="", sa_column=Column(Text, nullable=False))
    created_at: datetime = _instant()


class CampaignVersionRow(TableModel, table=True):
    """One immutable version, named by the SHA-256 of its canonical form."""

    version: str = Field(primary_key=True)
    campaign: str = Field(index=True)
    brand: str
    canonical: str = _text()
    source: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    examples_total: int
    examples_failed: int
    loaded_at: datetime = _instant()
    loaded_by: str


class AreaRow(TableModel, table=True):
    """An area file as it was when a version that names it was loaded."""

    sha256: str = Field(primary_key=True)
    name: str
    geojson: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PreviewRow(TableModel, table=True):
    """Who looked at whom a version would reach, and what they saw."""

    preview_id: int | None = _row_number()
    version: str = Field(foreign_key="campaign_version.version", index=True)
    made_by: str
    made_at: datetime = _instant()
    summary: dict[str, Any] = _json()


class ApprovalRow(TableModel, table=True):
    version: str = Field(primary_key=True, foreign_key="campaign_version.version")
    approved_by: str
    approved_at: datetime = _instant()


class PersonRow(TableModel, table=True):
    """Somebody who opted in; no row exists before that."""

    person_id: str = Field(primary_key=True)
    handle: str | None = Field(default=None, unique=True)
    email: str | None = Field(default=None, index=True)
    name: str | None = None
    language: str = "en"
    joined_at: datetime = _instant()


class ConsentRow(TableModel, table=True):
    """One act of opting in or out; append-only, the latest by purpose and channel holds."""

    consent_id: int | None = _row_number()
    person_id: str = Field(foreign_key="person.person_id", index=True)
    purpose: str
    channel: str
    given: bool
    acted_at: datetime = _instant()
    how: str = _text()
    recorded_at: datetime = _instant()


class EvidenceRow(TableModel, table=True):
    __table_args__ = (Index("ix_evidence_person_id_attribute", "person_id", "attribute"),)

    evidence_id: int | None = _row_number()
    person_id: str = Field(foreign_key="person.person_id")
    attribute: str
    key: str = ""
    source: str
    value: list[Any] = _json()
    note: str = ""
    observed_at: datetime = _instant()
    recorded_at: datetime = _instant()


class DecisionRow(TableModel, table=True):
    """A recorded verdict with all that it saw. `point` and `edge_m` serve the guards."""

    __table_args__ = (
        Index("ix_decision_campaign_decided_at", "campaign", "decided_at"),
        Index("ix_decision_campaign_point", "campaign", "point"),
    )

    decision_id: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    campaign: str
    version: str = Field(foreign_key="campaign_version.version")
    purpose: str
    verdict: str
    reason: dict[str, Any] = _json()
    standing: list[Any] = _json()
    evidence: list[Any] = _json()
    point: str | None = None
    edge_m: float | None = None
    decided_at: datetime = _instant()


class ClaimRow(TableModel, table=True):
    __table_args__ = (
        CheckConstraint("outcome IN ('granted', 'refused')", name="claim_outcome_known"),
        CheckConstraint("outcome = 'refused' OR reserved_until IS NOT NULL", name="grant_is_reserved"),
        Index("ix_claim_person_id_claim_id", "person_id", "claim_id"),
        Index("ix_claim_campaign_created_at", "campaign", "created_at"),
    )

    claim_id: str = Field(primary_key=True)
    person_id: str
    campaign: str = Field(foreign_key="campaign.name")
    version: str
    decision_id: str = Field(foreign_key="decision.decision_id", unique=True)
    outcome: str
    created_at: datetime = _instant()
    reserved_until: datetime | None = _instant(nullable=True)


_LEGAL_MOVES = ", ".join(repr(f"{move.kind}:{move.source}:{move.target}") for move in MOVES)
_IS_OF_THE_STOCK = _among("move", (MoveKind.SUPPLY, MoveKind.WITHDRAW))
_CORRECTIONS = {move.kind for move in MOVES if move.is_correction}


class EntryRow(TableModel, table=True):
    """One line of the ledger: `units` go from the account `source` to the account `target`.

    `occurred_at` is when it was true, `recorded_at` when it became known.
    """

    __table_args__ = (
        CheckConstraint("units > 0", name="entry_moves_something"),
        CheckConstraint("claim_id IS NULL OR units = 1", name="entry_of_a_claim_moves_one_unit"),
        CheckConstraint(
            f"(claim_id IS NULL AND person_id IS NULL AND {_IS_OF_THE_STOCK})"
            f" OR (claim_id IS NOT NULL AND person_id IS NOT NULL AND NOT {_IS_OF_THE_STOCK})",
            name="entry_belongs_to_a_claim_or_to_the_stock",
        ),
        CheckConstraint(
            f"move || ':' || source || ':' || target IN ({_LEGAL_MOVES})", name="entry_is_a_legal_move"
        ),
        CheckConstraint(f"target <> '{Account.RECIPIENT}' OR evidence <> ''", name="receipt_has_evidence"),
        CheckConstraint(
            f"NOT ({_among('move', sorted(_CORRECTIONS))}) OR (corrects IS NOT NULL AND note <> '')",
            name="correction_names_what_and_why",
        ),
        CheckConstraint("occurred_at <= recorded_at", name="entry_is_not_of_the_future"),
        Index(
            "uq_entry_one_reservation_per_claim",
            "claim_id",
            unique=True,
            sqlite_where=text("move = 'reserve'"),
            postgresql_where=text("move = 'reserve'"),
        ),
        Index("ix_entry_claim_id_entry_id", "claim_id", "entry_id"),
        Index("ix_entry_campaign_recorded_at", "campaign", "recorded_at"),
    )

    entry_id: int | None = _row_number()
    campaign: str = Field(foreign_key="campaign.name")
    claim_id: str | None = Field(default=None, foreign_key="claim.claim_id")
    person_id: str | None = None
    move: str
    source: str
    target: str
    units: int
    evidence: str = ""
    reference: str = ""
    note: str = Field(default="", sa_column=Column(Text, nullable=False))
    corrects: int | None = Field(
        default=None, sa_column=Column(RowNumber, ForeignKey("entry.entry_id"), nullable=True)
    )
    occurred_at: datetime = _instant()
    recorded_at: datetime = _instant()
    recorded_by: str


class StockRow(TableModel, table=True):
    """How many units of a campaign are free, and how many one person may have."""

    __table_args__ = (CheckConstraint("units >= 0", name="stock_not_below_zero"),)

    campaign: str = Field(primary_key=True, foreign_key="campaign.name")
    units: int
    per_person: int


class HoldingRow(TableModel, table=True):
    """Where the unit of a granted claim is now."""

    __table_args__ = (
        CheckConstraint(_among("account", Account), name="holding_account_known"),
        Index("ix_holding_campaign_account", "campaign", "account"),
    )

    claim_id: str = Field(primary_key=True, foreign_key="claim.claim_id")
    campaign: str
    person_id: str
    account: str
    entry_id: int = Field(sa_column=Column(RowNumber, nullable=False))


class AllowanceRow(TableModel, table=True):
    """How many units of a campaign a person has had; what went back to stock does not count."""

    __table_args__ = (
        CheckConstraint("units >= 0", name="allowance_not_below_zero"),
        CheckConstraint("units <= per_person", name="allowance_not_exceeded"),
    )

    campaign: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    units: int
    per_person: int


class ListedRow(TableModel, table=True):
    """The latest instant that a disclosure list was given for: one row, moved on before the list is read.

    Entries are recorded after it, so that a list as of an instant never changes.
    """

    __table_args__ = (CheckConstraint("listed_id = 1", name="listed_is_one_row"),)

    listed_id: int = Field(default=1, primary_key=True)
    as_of: datetime = _instant()


class IdempotencyRow(TableModel, table=True):
    """An answered write: the same key replays the answer, another body under it is a conflict."""

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=200)
    request_hash: str
    answer: dict[str, Any] = _json()
    created_at: datetime = _instant()


class MessageRow(TableModel, table=True):
    """The outbox: queued in the transaction that caused the message."""

    message_id: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    campaign: str
    claim_id: str | None = None
    kind: str
    purpose: str
    channel: str
    subject: str = _text()
    body_text: str = _text()
    body_html: str = _text()
    state: str = "queued"
    created_at: datetime = _instant(index=True)


class ApiTokenRow(TableModel, table=True):
    """An API token; only the SHA-256 of its secret is kept (the secret has 256 random bits)."""

    token_id: str = Field(primary_key=True)
    secret_hash: str
    label: str
    role: str
    brands: list[str] = _json()
    person_id: str | None = Field(default=None, foreign_key="person.person_id")
    created_at: datetime = _instant()
    expires_at: datetime | None = _instant(nullable=True)
    revoked_at: datetime | None = _instant(nullable=True)


class LeaseRow(TableModel, table=True):
    """Who may run a job, and until when."""

    name: str = Field(primary_key=True)
    holder: str
    held_until: datetime = _instant()


def _table(model: type[SQLModel]) -> Table:
    return metadata.tables[str(model.__tablename__)]


campaign = _table(CampaignRow)
campaign_version = _table(CampaignVersionRow)
area = _table(AreaRow)
preview = _table(PreviewRow)
approval = _table(ApprovalRow)
person = _table(PersonRow)
consent = _table(ConsentRow)
evidence = _table(EvidenceRow)
decision = _table(DecisionRow)
claim = _table(ClaimRow)
entry = _table(EntryRow)
stock = _table(StockRow)
holding = _table(HoldingRow)
allowance = _table(AllowanceRow)
listed = _table(ListedRow)
idempotency = _table(IdempotencyRow)
message = _table(MessageRow)
api_token = _table(ApiTokenRow)
lease = _table(LeaseRow)
