"""The tables, as SQLModel declares them. What must never be wrong stands here as a constraint.

`entry` is the ledger and is only ever appended to. `stock`, `holding` and `allowance` are its
balances; triggers (see `migrations/ledger_0001.py`) move them with each entry, so that nobody can write
one without the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, String, Text, text
from sqlmodel import Field

from perks_engine.domain.campaign import CampaignState
from perks_engine.domain.consent import ACCOUNT, EMAIL, OPERATIONS
from perks_engine.domain.fulfillment import AMEND, MOVES, Account, MoveKind
from perks_engine.services.sending_records import MessageState
from perks_engine.storage import (
    consent_tables,
    dispute_tables,
    duty_tables,
    event_tables,
    feedback_tables,
    incident_tables,
    judgement_tables,
    keeping_tables,
    key_tables,
    mail_tables,
    offer_tables,
    picture_tables,
    promotion_tables,
    receipt_tables,
    run_tables,
    sending_tables,
    slot_tables,
    statement_tables,
    table_model,
)
from perks_engine.storage.table_model import (
    TableModel,
    among,
    instant,
    json_as_written,
    json_data,
    long_text,
    partial,
    row_number,
    table_of,
)
from perks_engine.storage.types import JsonOrNull, RowNumber

metadata = table_model.metadata


class CampaignRow(TableModel, table=True):
    """A campaign through all its versions. `version` is the live one, None before the first opening;
    `latest` is the one loaded last; `counted_from` is since when its guards count."""

    __table_args__ = (
        CheckConstraint(among("state", CampaignState), name="campaign_state_known"),
        CheckConstraint(
            f"state = '{CampaignState.DRAFT}' OR version IS NOT NULL", name="campaign_live_has_a_version"
        ),
    )

    name: str = Field(primary_key=True)
    brand: str = Field(index=True)
    state: str
    version: str | None = Field(default=None, foreign_key="campaign_version.version")
    latest: str = Field(foreign_key="campaign_version.version")
    opens_at: datetime | None = instant(nullable=True)
    closes_at: datetime | None = instant(nullable=True)
    counted_from: datetime | None = instant(nullable=True)
    created_at: datetime = instant()


class CampaignVersionRow(TableModel, table=True):
    """One immutable version, named by the SHA-256 of its canonical form."""

    version: str = Field(primary_key=True)
    campaign: str = Field(index=True)
    brand: str
    canonical: str = long_text()
    source: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    examples_total: int
    examples_failed: int
    loaded_at: datetime = instant()
    loaded_by: str


class AreaRow(TableModel, table=True):
    """An area file as it was when a version that names it was loaded."""

    sha256: str = Field(primary_key=True)
    name: str
    geojson: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PreviewRow(TableModel, table=True):
    """Who looked at whom a version would reach, and what they saw."""

    preview_id: int | None = row_number()
    version: str = Field(foreign_key="campaign_version.version", index=True)
    made_by: str
    made_at: datetime = instant()
    summary: dict[str, Any] = json_data()


class ApprovalRow(TableModel, table=True):
    """Who let a version be opened, having seen which preview of it."""

    version: str = Field(primary_key=True, foreign_key="campaign_version.version")
    preview_id: int = Field(sa_column=Column(RowNumber, ForeignKey("preview.preview_id"), nullable=False))
    approved_by: str
    approved_at: datetime = instant()


class PersonRow(TableModel, table=True):
    """Somebody who opted in; no row exists before that."""

    person_id: str = Field(primary_key=True)
    handle: str | None = Field(default=None, unique=True)
    email: str | None = Field(default=None, index=True)
    name: str | None = None
    language: str = "en"
    time_zone: str | None = None
    joined_at: datetime = instant()


class EvidenceRow(TableModel, table=True):
    __table_args__ = (Index("ix_evidence_person_id_attribute", "person_id", "attribute"),)

    evidence_id: int | None = row_number()
    person_id: str = Field(foreign_key="person.person_id")
    attribute: str
    key: str = ""
    source: str
    value: list[Any] = json_data()
    note: str = ""
    observed_at: datetime = instant()
    recorded_at: datetime = instant()


class DecisionRow(TableModel, table=True):
    """A recorded verdict with all that it saw."""

    __table_args__ = (
        Index("ix_decision_campaign_decided_at", "campaign", "decided_at"),
        # A guard asks whether somebody came to the same before.
        Index(
            "ix_decision_person_id_campaign_verdict_decided_at",
            *("person_id", "campaign", "verdict", "decided_at"),
        ),
    )

    decision_id: str = Field(primary_key=True)
    person_id: str
    campaign: str
    version: str = Field(foreign_key="campaign_version.version")
    purpose: str
    verdict: str
    reason: dict[str, Any] = json_as_written()
    standing: list[Any] = json_as_written()
    evidence: list[Any] = json_as_written()
    decided_at: datetime = instant()


class ClaimRow(TableModel, table=True):
    __table_args__ = (
        CheckConstraint("outcome IN ('granted', 'refused')", name="claim_outcome_known"),
        CheckConstraint("outcome = 'refused' OR reserved_until IS NOT NULL", name="grant_is_reserved"),
        Index("ix_claim_person_id_claim_id", "person_id", "claim_id"),
        Index("ix_claim_campaign_created_at", "campaign", "created_at"),
        # A guard asks whether somebody was granted before.
        Index(
            "ix_claim_granted",
            *("person_id", "campaign", "created_at"),
            sqlite_where=text("outcome = 'granted'"),
            postgresql_where=text("outcome = 'granted'"),
        ),
    )

    claim_id: str = Field(primary_key=True)
    person_id: str
    campaign: str = Field(foreign_key="campaign.name")
    version: str
    decision_id: str = Field(foreign_key="decision.decision_id", unique=True)
    outcome: str
    created_at: datetime = instant()
    reserved_until: datetime | None = instant(nullable=True)


_LEGAL_MOVES = ", ".join(
    dict.fromkeys(repr(f"{move.kind}:{move.source}:{move.target}") for move in (*MOVES, AMEND))
)
_IS_OF_THE_STOCK = among("move", (MoveKind.SUPPLY, MoveKind.WITHDRAW))
_CORRECTIONS = {move.kind for move in (*MOVES, AMEND) if move.is_correction}


class EntryRow(TableModel, table=True):
    """One line of the ledger: `units` go from the account `source` to the account `target`.

    `occurred_at` is when it was true, `recorded_at` when it became known. `contents` is what the unit
    consists of, null where it is the perk as its campaign declares it.
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
            f"NOT ({among('move', sorted(_CORRECTIONS))}) OR (corrects IS NOT NULL AND note <> '')",
            name="correction_names_what_and_why",
        ),
        CheckConstraint("occurred_at <= recorded_at", name="entry_is_not_of_the_future"),
        Index("ix_entry_claim_id_entry_id", "claim_id", "entry_id"),
        # A carrier knows a shipment by its tracking number alone.
        Index(
            "ix_entry_shipment",
            "reference",
            sqlite_where=text("move = 'ship'"),
            postgresql_where=text("move = 'ship'"),
        ),
        Index("ix_entry_campaign_recorded_at", "campaign", "recorded_at"),
        {"postgresql_partition_by": "RANGE (entry_id)"},
    )

    entry_id: int | None = row_number()
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
    carrier: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    contents: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonOrNull, nullable=True))
    occurred_at: datetime = instant()
    recorded_at: datetime = instant()
    recorded_by: str


class HoldingRow(TableModel, table=True):
    """Where the unit of a granted claim is now."""

    __table_args__ = (
        CheckConstraint(among("account", Account), name="holding_account_known"),
        Index("ix_holding_campaign_account", "campaign", "account"),
        # Every decision asks what the person received before, and what is on its way to them.
        Index("ix_holding_person_id", "person_id"),
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
    as_of: datetime = instant()


_ADDRESSEES = ("person_id", "staff_of", "address")


class MessageRow(TableModel, table=True):
    """The outbox: queued in the transaction that caused the message.

    It goes to a person, to the staff of a brand (its contacts as they are when it is sent), or to an e-mail
    address that may be nobody's on record; the last is deleted when it expires.
    """

    __table_args__ = (
        CheckConstraint(
            " + ".join(f"CASE WHEN {one} IS NULL THEN 0 ELSE 1 END" for one in _ADDRESSEES) + " = 1",
            name="message_has_one_addressee",
        ),
        CheckConstraint("address IS NULL OR expires_at IS NOT NULL", name="message_to_an_address_expires"),
        CheckConstraint(among("state", MessageState), name="message_state_known"),
        CheckConstraint(f"channel = '{EMAIL}'", name="message_has_a_sender"),
        # To a person for another purpose than these a trigger asks for their consent (`sending_0001`).
        CheckConstraint(
            f"(staff_of IS NOT NULL) = (purpose = '{OPERATIONS}')", name="staff_is_told_of_operations"
        ),
        CheckConstraint(
            f"address IS NULL OR purpose = '{ACCOUNT}'", name="stranger_gets_what_they_asked_for"
        ),
        partial("ix_message_waiting", "state = 'queued'", "message_id"),
        partial("ix_message_dead", "state = 'dead'", "message_id"),
        Index("ix_message_claim_id_kind_created_at", "claim_id", "kind", "created_at"),
        Index(
            "ix_message_to_staff",
            "campaign",
            sqlite_where=text("staff_of IS NOT NULL"),
            postgresql_where=text("staff_of IS NOT NULL"),
        ),
    )

    message_id: str = Field(primary_key=True)
    person_id: str | None = Field(default=None, index=True)
    staff_of: str | None = None
    campaign: str
    claim_id: str | None = None
    kind: str
    purpose: str
    channel: str
    subject: str = long_text()
    body_text: str = long_text()
    body_html: str = long_text()
    state: str = "queued"
    created_at: datetime = instant()
    address: str | None = None
    expires_at: datetime | None = instant(nullable=True)


campaign = table_of(CampaignRow)
campaign_event = run_tables.campaign_event
guard_lane = run_tables.guard_lane
guard_count = run_tables.guard_count
contact = run_tables.contact
receipt_denial = receipt_tables.receipt_denial
dispute_event = dispute_tables.dispute_event
incident = incident_tables.incident
brand_event = event_tables.brand_event
promotion = promotion_tables.promotion
duty_step = duty_tables.duty_step
feedback_version = feedback_tables.feedback_version
judgement = judgement_tables.judgement
offer = offer_tables.offer
mail_report = mail_tables.mail_report
picture = picture_tables.picture
statement_request = statement_tables.statement_request
campaign_version = table_of(CampaignVersionRow)
area = table_of(AreaRow)
preview = table_of(PreviewRow)
approval = table_of(ApprovalRow)
person = table_of(PersonRow)
consent = consent_tables.consent
evidence = table_of(EvidenceRow)
decision = table_of(DecisionRow)
claim = table_of(ClaimRow)
entry = table_of(EntryRow)
stock = slot_tables.stock
slot = slot_tables.slot
holding = table_of(HoldingRow)
allowance = table_of(AllowanceRow)
listed = table_of(ListedRow)
idempotency = key_tables.idempotency
message = table_of(MessageRow)
message_delivery = sending_tables.message_delivery
api_token = key_tables.api_token
lease = key_tables.lease
erasure = keeping_tables.erasure
