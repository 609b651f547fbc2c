"""The first schema: campaigns, people, decisions, claims, the ledger and its balances, the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.consent_0001 import create_consent_tables, drop_consent_tables
from perks_engine.storage.migrations.geocoding_0001 import create_geocoding_tables, drop_geocoding_tables
from perks_engine.storage.migrations.guards_0001 import create_counting, drop_counting
from perks_engine.storage.migrations.keeping_0001 import create_erasing, drop_erasing
from perks_engine.storage.migrations.ledger_0001 import create_statements, drop_statements
from perks_engine.storage.migrations.parts_0001 import PARTS
from perks_engine.storage.migrations.run_0001 import create_run_tables, drop_run_tables
from perks_engine.storage.migrations.slots_0001 import create_slots, drop_slots
from perks_engine.storage.types import Instant, JsonAsWritten, JsonData, JsonOrNull, RowNumber

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_erasing()
    op.create_table(
        "allowance",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.CheckConstraint("units <= per_person", name=op.f("allowance_not_exceeded")),
        sa.CheckConstraint("units >= 0", name=op.f("allowance_not_below_zero")),
        sa.PrimaryKeyConstraint("campaign", "person_id", name=op.f("pk_allowance")),
    )
    op.create_table(
        "area",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("geojson", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_area")),
    )
    op.create_table(
        "campaign_version",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("examples_total", sa.Integer(), nullable=False),
        sa.Column("examples_failed", sa.Integer(), nullable=False),
        sa.Column("loaded_at", Instant(), nullable=False),
        sa.Column("loaded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_campaign_version")),
    )
    op.create_index(op.f("ix_campaign_version_campaign"), "campaign_version", ["campaign"], unique=False)
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("answer", JsonAsWritten, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("held_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person")),
        sa.UniqueConstraint("handle", name=op.f("uq_person_handle")),
    )
    op.create_index(op.f("ix_person_email"), "person", ["email"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("brands", JsonData, nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("permissions", JsonOrNull, nullable=True),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("older_hash", sa.String(), nullable=True),
        sa.Column("older_until", Instant(), nullable=True),
        sa.Column("rotated_at", Instant(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_api_token")),
    )
    op.create_table(
        "campaign",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("latest", sa.String(), nullable=False),
        sa.Column("opens_at", Instant(), nullable=True),
        sa.Column("closes_at", Instant(), nullable=True),
        sa.Column("counted_from", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'open', 'paused', 'closed')", name=op.f("campaign_state_known")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR version IS NOT NULL", name=op.f("campaign_live_has_a_version")
        ),
        sa.ForeignKeyConstraint(["version"], ["campaign_version.version"], name=op.f("fk_campaign_version")),
        sa.ForeignKeyConstraint(["latest"], ["campaign_version.version"], name=op.f("fk_campaign_latest")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_campaign")),
    )
    op.create_index(op.f("ix_campaign_brand"), "campaign", ["brand"], unique=False)
    create_consent_tables()
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", JsonAsWritten, nullable=False),
        sa.Column("standing", JsonAsWritten, nullable=False),
        sa.Column("evidence", JsonAsWritten, nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["campaign_version.version"], name=op.f("fk_decision_version")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_campaign_decided_at", "decision", ["campaign", "decided_at"], unique=False)
    op.create_index(
        "ix_decision_person_id_campaign_verdict_decided_at",
        "decision",
        ["person_id", "campaign", "verdict", "decided_at"],
        unique=False,
    )
    op.create_table(
        "evidence",
        sa.Column("evidence_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("value", JsonData, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("observed_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_evidence_person_id")),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_person_id_attribute", "evidence", ["person_id", "attribute"], unique=False)
    op.create_table(
        "preview",
        sa.Column("preview_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("summary", JsonData, nullable=False),
        sa.ForeignKeyConstraint(["version"], ["campaign_version.version"], name=op.f("fk_preview_version")),
        sa.PrimaryKeyConstraint("preview_id", name=op.f("pk_preview")),
    )
    op.create_index(op.f("ix_preview_version"), "preview", ["version"], unique=False)
    op.create_table(
        "approval",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("preview_id", RowNumber, nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["preview_id"], ["preview.preview_id"], name=op.f("fk_approval_preview_id")),
        sa.ForeignKeyConstraint(["version"], ["campaign_version.version"], name=op.f("fk_approval_version")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_approval")),
    )
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("reserved_until", Instant(), nullable=True),
        sa.CheckConstraint(
            "outcome = 'refused' OR reserved_until IS NOT NULL", name=op.f("grant_is_reserved")
        ),
        sa.CheckConstraint("outcome IN ('granted', 'refused')", name=op.f("claim_outcome_known")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_claim_campaign")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.decision_id"], name=op.f("fk_claim_decision_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_claim_decision_id")),
    )
    op.create_index("ix_claim_campaign_created_at", "claim", ["campaign", "created_at"], unique=False)
    op.create_index(
        "ix_claim_granted",
        "claim",
        ["person_id", "campaign", "created_at"],
        unique=False,
        sqlite_where=sa.text("outcome = 'granted'"),
        postgresql_where=sa.text("outcome = 'granted'"),
    )
    op.create_index("ix_claim_person_id_claim_id", "claim", ["person_id", "claim_id"], unique=False)
    op.create_table(
        "stock",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("hot", sa.Boolean(), nullable=False),
        sa.CheckConstraint("units >= 0", name=op.f("stock_not_below_zero")),
        sa.CheckConstraint("units = 0 OR NOT hot", name=op.f("hot_stock_lies_in_slots")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_stock_campaign")),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_stock")),
    )
    op.create_table(
        "entry",
        sa.Column("entry_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("move", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects", RowNumber, nullable=True),
        sa.Column("carrier", sa.String(), server_default="", nullable=False),
        sa.Column("contents", JsonOrNull, nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(claim_id IS NULL AND person_id IS NULL AND move IN ('supply', 'withdraw')) OR (claim_id IS NOT NULL AND person_id IS NOT NULL AND NOT move IN ('supply', 'withdraw'))",
            name=op.f("entry_belongs_to_a_claim_or_to_the_stock"),
        ),
        sa.CheckConstraint(
            "NOT (move IN ('amend', 'cancel', 'decline', 'expire', 'find', 'lose', 'refuse', 'replace', 'return', 'return_part', 'substitute', 'void')) OR (corrects IS NOT NULL AND note <> '')",
            name=op.f("correction_names_what_and_why"),
        ),
        sa.CheckConstraint(
            "move || ':' || source || ':' || target IN ('supply:supply:stock', 'withdraw:stock:supply', 'reserve:stock:reserved', 'expire:reserved:stock', 'approve:reserved:cleared', 'decline:reserved:stock', 'cancel:reserved:stock', 'cancel:cleared:stock', 'cancel:packed:stock', 'substitute:reserved:reserved', 'substitute:cleared:cleared', 'substitute:packed:packed', 'pack:reserved:packed', 'pack:cleared:packed', 'ship:reserved:in_transit', 'ship:cleared:in_transit', 'ship:packed:in_transit', 'deliver:in_transit:recipient', 'confirm:in_transit:recipient', 'deliver_more:recipient:recipient', 'hand_over:reserved:recipient', 'hand_over:cleared:recipient', 'check_in:reserved:recipient', 'check_in:cleared:recipient', 'redeem:reserved:recipient', 'redeem:cleared:recipient', 'lose:in_transit:lost', 'find:lost:in_transit', 'refuse:in_transit:returned', 'return:recipient:returned', 'return:in_transit:returned', 'return_part:recipient:recipient', 'replace:stock:cleared', 'void:reserved:stock', 'void:cleared:stock', 'void:packed:stock', 'void:in_transit:voided', 'void:recipient:voided', 'amend:recipient:recipient')",
            name=op.f("entry_is_a_legal_move"),
        ),
        sa.CheckConstraint("target <> 'recipient' OR evidence <> ''", name=op.f("receipt_has_evidence")),
        sa.CheckConstraint("claim_id IS NULL OR units = 1", name=op.f("entry_of_a_claim_moves_one_unit")),
        sa.CheckConstraint("occurred_at <= recorded_at", name=op.f("entry_is_not_of_the_future")),
        sa.CheckConstraint("units > 0", name=op.f("entry_moves_something")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_entry_campaign")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_entry_claim_id")),
        sa.ForeignKeyConstraint(["corrects"], ["entry.entry_id"], name=op.f("fk_entry_corrects")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry")),
        postgresql_partition_by="RANGE (entry_id)",
    )
    op.create_index("ix_entry_campaign_recorded_at", "entry", ["campaign", "recorded_at"], unique=False)
    op.create_index("ix_entry_claim_id_entry_id", "entry", ["claim_id", "entry_id"], unique=False)
    op.create_index(
        "ix_entry_shipment",
        "entry",
        ["reference"],
        unique=False,
        sqlite_where=sa.text("move = 'ship'"),
        postgresql_where=sa.text("move = 'ship'"),
    )
    op.create_table(
        "holding",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.CheckConstraint(
            "account IN ('supply', 'stock', 'reserved', 'cleared', 'packed', 'in_transit', 'recipient', 'returned', 'lost', 'voided')",
            name=op.f("holding_account_known"),
        ),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_holding_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_holding")),
    )
    op.create_index("ix_holding_campaign_account", "holding", ["campaign", "account"], unique=False)
    op.create_index("ix_holding_person_id", "holding", ["person_id"], unique=False)
    op.create_table(
        "listed",
        sa.Column("listed_id", sa.Integer(), nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.CheckConstraint("listed_id = 1", name=op.f("listed_is_one_row")),
        sa.PrimaryKeyConstraint("listed_id", name=op.f("pk_listed")),
    )

    create_run_tables()
    create_slots()
    create_geocoding_tables()
    dialect = op.get_bind().dialect.name
    for statement in (*create_statements(dialect), *create_counting(dialect)):
        op.execute(statement)
    for create, _ in PARTS:
        create()


def downgrade() -> None:
    for _, drop in reversed(PARTS):
        drop()
    dialect = op.get_bind().dialect.name
    for statement in (*drop_counting(dialect), *drop_statements(dialect)):
        op.execute(statement)
    drop_geocoding_tables()
    drop_slots()
    drop_run_tables()
    op.drop_table("listed")
    op.drop_index("ix_holding_person_id", table_name="holding")
    op.drop_index("ix_holding_campaign_account", table_name="holding")
    op.drop_table("holding")
    op.drop_index("ix_entry_claim_id_entry_id", table_name="entry")
    op.drop_index(
        "ix_entry_shipment",
        table_name="entry",
        sqlite_where=sa.text("move = 'ship'"),
        postgresql_where=sa.text("move = 'ship'"),
    )
    op.drop_index("ix_entry_campaign_recorded_at", table_name="entry")
    op.drop_table("entry")
    op.drop_table("stock")
    op.drop_index("ix_claim_person_id_claim_id", table_name="claim")
    op.drop_index(
        "ix_claim_granted",
        table_name="claim",
        sqlite_where=sa.text("outcome = 'granted'"),
        postgresql_where=sa.text("outcome = 'granted'"),
    )
    op.drop_index("ix_claim_campaign_created_at", table_name="claim")
    op.drop_table("claim")
    op.drop_table("approval")
    op.drop_index(op.f("ix_preview_version"), table_name="preview")
    op.drop_table("preview")
    op.drop_index("ix_evidence_person_id_attribute", table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("ix_decision_person_id_campaign_verdict_decided_at", table_name="decision")
    op.drop_index("ix_decision_campaign_decided_at", table_name="decision")
    op.drop_table("decision")
    drop_consent_tables()
    op.drop_index(op.f("ix_campaign_brand"), table_name="campaign")
    op.drop_table("campaign")
    op.drop_table("api_token")
    op.drop_index(op.f("ix_person_email"), table_name="person")
    op.drop_table("person")
    op.drop_table("lease")
    op.drop_table("idempotency")
    op.drop_index(op.f("ix_campaign_version_campaign"), table_name="campaign_version")
    op.drop_table("campaign_version")
    op.drop_table("area")
    op.drop_table("allowance")
    drop_erasing()
