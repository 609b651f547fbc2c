"""The tables of a person's own data; and that nothing is written about who is not on record.

The second is for who is erased while something of theirs is under way: a claim holds the person's row until it
is committed, so that the erasure finds it; or it comes too late, and is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.agreed import NOBODY
from perks_engine.storage.types import Instant, JsonData, RowNumber


def create_erasing() -> None:
    """Before all others: the triggers of append-only tables look at it."""
    op.create_table(
        "erasing",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasing")),
    )


def create_keeping_tables() -> None:
    op.create_table(
        "erasure",
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("erased_at", Instant(), nullable=False),
        sa.Column("through", sa.String(), nullable=False),
        sa.Column("acted_by", sa.String(), nullable=False),
        sa.Column("receipt", JsonData, nullable=False),
        sa.Column("kept_until", Instant(), nullable=False),
        sa.CheckConstraint("through IN ('own', 'staff')", name=op.f("erasure_through_known")),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_kept_until"), "erasure", ["kept_until"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_suppression")),
    )
    op.create_index(op.f("ix_suppression_pseudonym"), "suppression", ["pseudonym"], unique=False)
    op.create_table(
        "suppression_key",
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("key_id = 1", name=op.f("suppression_key_is_one_row")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_suppression_key")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("hold_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=False),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name=op.f("lifting_is_whole")),
        sa.CheckConstraint("why <> ''", name=op.f("hold_says_why")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_legal_hold")),
    )
    op.create_index(
        "ix_legal_hold_live",
        "legal_hold",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "rectification",
        sa.Column("rectification_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("corrected_at", Instant(), nullable=False),
        sa.Column("corrected_by", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("fk_rectification_person_id")),
        sa.PrimaryKeyConstraint("rectification_id", name=op.f("pk_rectification")),
    )
    op.create_index(op.f("ix_rectification_person_id"), "rectification", ["person_id"], unique=False)
    op.create_table(
        "data_request",
        sa.Column("request_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("through", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('access', 'rectification', 'erasure')", name=op.f("data_request_kind_known")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_data_request")),
    )
    op.create_index(op.f("ix_data_request_person_id"), "data_request", ["person_id"], unique=False)
    op.create_index(op.f("ix_data_request_asked_at"), "data_request", ["asked_at"], unique=False)
    op.create_table(
        "dropped_file",
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("dropped_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("stored_as", name=op.f("pk_dropped_file")),
    )
    op.create_table(
        "retention_count",
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.CheckConstraint("rows > 0", name=op.f("retention_counts")),
        sa.PrimaryKeyConstraint("removed_on", "what", name=op.f("pk_retention_count")),
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    """What is written about a person waits for an erasure that is under way, and is refused after it: on
    PostgreSQL by a lock on the row that `found` finds, on SQLite there is one writer at a time anyway."""

    found: str
    lock: str

    def create(self, table: str, dialect: str) -> tuple[str, ...]:
        name = f"{table}_of_nobody"
        if dialect != "postgresql":
            unless = f"NEW.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {self.found})"
            raises = f"BEGIN SELECT RAISE(ABORT, '{NOBODY}'); END"
            return (f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {unless} {raises}",)
        return (
            f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              PERFORM 1 FROM {self.found} {self.lock};
              IF NOT FOUND THEN
                RAISE EXCEPTION '{NOBODY}' USING ERRCODE = 'check_violation', CONSTRAINT = '{NOBODY}';
              END IF;
              RETURN NEW;
            END $$
            """,
            f"""
            CREATE TRIGGER {name} BEFORE INSERT ON {table}
            FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION {name}()
            """,
        )

    def drop(self, table: str, dialect: str) -> tuple[str, ...]:
        name = f"{table}_of_nobody"
        if dialect != "postgresql":
            return (f"DROP TRIGGER {name}",)
        return (f"DROP TRIGGER {name} ON {table}", f"DROP FUNCTION {name}()")


_OF_SOMEBODY = _Rule("person WHERE person_id = NEW.person_id", "FOR KEY SHARE")
_OF_THE_CLAIMANT = _Rule("claim WHERE claim_id = NEW.claim_id AND person_id = NEW.person_id", "FOR SHARE")
RULES = {
    **dict.fromkeys(("claim", "message"), _OF_SOMEBODY),
    **dict.fromkeys(("dispute_event", "receipt_denial", "acknowledgement"), _OF_THE_CLAIMANT),
    **dict.fromkeys(("sighting", "picture"), _OF_THE_CLAIMANT),
}


def create_rules_of_somebody() -> None:
    """After all tables."""
    dialect = op.get_bind().dialect.name
    for table, rule in RULES.items():
        for statement in rule.create(table, dialect):
            op.execute(statement)


def drop_rules_of_somebody() -> None:
    dialect = op.get_bind().dialect.name
    for table, rule in RULES.items():
        for statement in rule.drop(table, dialect):
            op.execute(statement)


def drop_keeping_tables() -> None:
    op.drop_table("retention_count")
    op.drop_table("dropped_file")
    op.drop_index(op.f("ix_data_request_asked_at"), table_name="data_request")
    op.drop_index(op.f("ix_data_request_person_id"), table_name="data_request")
    op.drop_table("data_request")
    op.drop_index(op.f("ix_rectification_person_id"), table_name="rectification")
    op.drop_table("rectification")
    op.drop_index(
        "ix_legal_hold_live",
        table_name="legal_hold",
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_table("legal_hold")
    op.drop_table("suppression_key")
    op.drop_index(op.f("ix_suppression_pseudonym"), table_name="suppression")
    op.drop_table("suppression")
    op.drop_index(op.f("ix_erasure_kept_until"), table_name="erasure")
    op.drop_table("erasure")


def drop_erasing() -> None:
    op.drop_table("erasing")
