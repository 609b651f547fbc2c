"""The tables of disclosure: names over time, acknowledgements, sightings, exports, deliveries of heads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.types import Instant, JsonData, RowNumber

APPEND_ONLY = ("acknowledgement", "disclosure_export")


def create_list_tables() -> None:
    op.create_table(
        "naming",
        sa.Column("naming_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_naming_person_id")),
        sa.PrimaryKeyConstraint("naming_id", name=op.f("pk_naming")),
    )
    op.create_index("ix_naming_person_id_recorded_at", "naming", ["person_id", "recorded_at"], unique=False)
    op.create_table(
        "acknowledgement",
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("text_sha256", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_acknowledgement_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_acknowledgement")),
    )
    op.create_table(
        "sighting",
        sa.Column("sighting_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_sighting_claim_id")),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("claim_id", "url", name=op.f("uq_sighting_claim_id_url")),
    )
    op.create_table(
        "disclosure_export",
        sa.Column("export_id", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("chosen", JsonData, nullable=False),
        sa.Column("as_of", Instant(), nullable=False),
        sa.Column("form", JsonData, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("head_size", RowNumber, nullable=False),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_disclosure_export")),
    )
    op.create_index(op.f("ix_disclosure_export_brand"), "disclosure_export", ["brand"], unique=False)
    op.create_table(
        "head_delivery",
        sa.Column("size", RowNumber, autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["log_head.size"], name=op.f("fk_head_delivery_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_head_delivery")),
    )
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def drop_list_tables() -> None:
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("head_delivery")
    op.drop_index(op.f("ix_disclosure_export_brand"), table_name="disclosure_export")
    op.drop_table("disclosure_export")
    op.drop_table("sighting")
    op.drop_table("acknowledgement")
    op.drop_index("ix_naming_person_id_recorded_at", table_name="naming")
    op.drop_table("naming")
