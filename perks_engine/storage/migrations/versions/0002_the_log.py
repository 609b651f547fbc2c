"""The log: sealed entries, the tree above them, and its signed heads; what disclosure lists need; and the events
that brands are told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.migrations.event_0001 import create_event_tables, drop_event_tables
from perks_engine.storage.migrations.keeping_0001 import create_rules_of_somebody, drop_rules_of_somebody
from perks_engine.storage.migrations.lists_0002 import create_list_tables, drop_list_tables
from perks_engine.storage.migrations.promotion_0001 import create_promotion_tables, drop_promotion_tables
from perks_engine.storage.types import Instant, RowNumber

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("log_leaf", "log_node", "log_head")


def upgrade() -> None:
    op.create_table(
        "log_head",
        sa.Column("size", RowNumber, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", RowNumber, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("position", RowNumber, autoincrement=False, nullable=False),
        sa.Column("entry_id", RowNumber, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("leaf_has_a_position")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.entry_id"], name=op.f("fk_log_leaf_entry_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_log_leaf_entry_id")),
    )
    op.create_table(
        "leaf_salt",
        sa.Column("position", RowNumber, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["position"], ["log_leaf.position"], name=op.f("fk_leaf_salt_position")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_leaf_salt")),
    )
    for statement in keep_append_only(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    create_list_tables()
    create_event_tables()
    create_promotion_tables()
    create_rules_of_somebody()


def downgrade() -> None:
    drop_rules_of_somebody()
    drop_promotion_tables()
    drop_event_tables()
    drop_list_tables()
    for statement in release(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)
    op.drop_table("leaf_salt")
    op.drop_table("log_leaf")
    op.drop_table("log_node")
    op.drop_table("log_head")
