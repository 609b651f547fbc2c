"""The tables of a campaign's run: who did what with it, what its guards count, who is told, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant, JsonData, RowNumber


def create_run_tables() -> None:
    op.create_table(
        "campaign_event",
        sa.Column("event_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("numbers", JsonData, nullable=True),
        sa.CheckConstraint(
            "act IN ('opened', 'paused', 'explained', 'resumed', 'closed')", name=op.f("campaign_act_known")
        ),
        sa.CheckConstraint(
            "act NOT IN ('explained', 'resumed') OR why <> ''", name=op.f("resumption_says_why")
        ),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_campaign_event_campaign")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_campaign_event")),
    )
    op.create_index(
        "ix_campaign_event_campaign_event_id", "campaign_event", ["campaign", "event_id"], unique=False
    )
    op.create_table(
        "guard_lane",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_guard_lane_campaign")),
        sa.PrimaryKeyConstraint("campaign", "lane", name=op.f("pk_guard_lane")),
    )
    op.create_table(
        "guard_count",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("guard", sa.SmallInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "key", "guard", "place", "lane", name=op.f("pk_guard_count")),
    )
    op.create_table(
        "message",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("staff_of", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN person_id IS NULL THEN 0 ELSE 1 END + CASE WHEN staff_of IS NULL THEN 0 ELSE 1 END + CASE WHEN address IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("message_has_one_addressee"),
        ),
        sa.CheckConstraint(
            "address IS NULL OR expires_at IS NOT NULL", name=op.f("message_to_an_address_expires")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'cancelled', 'dead')", name=op.f("message_state_known")
        ),
        sa.CheckConstraint("channel = 'email'", name=op.f("message_has_a_sender")),
        sa.CheckConstraint(
            "(staff_of IS NOT NULL) = (purpose = 'operations')", name=op.f("staff_is_told_of_operations")
        ),
        sa.CheckConstraint(
            "address IS NULL OR purpose = 'account'", name=op.f("stranger_gets_what_they_asked_for")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_claim_id_kind_created_at", "message", ["claim_id", "kind", "created_at"], unique=False
    )
    op.create_index(
        "ix_message_waiting",
        "message",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_message_dead",
        "message",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(op.f("ix_message_person_id"), "message", ["person_id"], unique=False)
    op.create_index(
        "ix_message_to_staff",
        "message",
        ["campaign"],
        unique=False,
        sqlite_where=sa.text("staff_of IS NOT NULL"),
        postgresql_where=sa.text("staff_of IS NOT NULL"),
    )
    op.create_table(
        "contact",
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "email", name=op.f("pk_contact")),
    )


def drop_run_tables() -> None:
    op.drop_table("contact")
    op.drop_index(
        "ix_message_to_staff",
        table_name="message",
        sqlite_where=sa.text("staff_of IS NOT NULL"),
        postgresql_where=sa.text("staff_of IS NOT NULL"),
    )
    op.drop_index(op.f("ix_message_person_id"), table_name="message")
    op.drop_index("ix_message_claim_id_kind_created_at", table_name="message")
    op.drop_index(
        "ix_message_waiting",
        table_name="message",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_table("message")
    op.drop_table("guard_count")
    op.drop_table("guard_lane")
    op.drop_index("ix_campaign_event_campaign_event_id", table_name="campaign_event")
    op.drop_table("campaign_event")
