"""How messages are sent, and that none is queued for what the person did not agree to.

The outbox refuses a message to a person for a purpose other than that of their own account, unless the latest
thing that the person said to that purpose by that channel is yes. Nobody has to remember to ask.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import Instant

NO_CONSENT = "message_needs_consent"
_MUST_AGREE = "NEW.person_id IS NOT NULL AND NEW.purpose <> 'account'"
_AGREED = """(SELECT given FROM consent WHERE person_id = NEW.person_id AND purpose = NEW.purpose
    AND channel = NEW.channel ORDER BY acted_at DESC, consent_id DESC LIMIT 1)"""
_WHEN = {
    "insert": "BEFORE INSERT ON message",
    "change": "BEFORE UPDATE OF person_id, purpose, channel ON message",
}


def create_sending_tables() -> None:
    op.create_table(
        "message_delivery",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("delivery_attempts_count")),
        sa.CheckConstraint(
            "(leased_by IS NULL) = (leased_until IS NULL)", name=op.f("delivery_lease_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.message_id"],
            name=op.f("fk_message_delivery_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_delivery")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE FUNCTION refuse_what_nobody_agreed_to() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NOT COALESCE({_AGREED}, false) THEN
                RAISE EXCEPTION '{NO_CONSENT}' USING ERRCODE = 'check_violation', CONSTRAINT = '{NO_CONSENT}';
              END IF;
              RETURN NEW;
            END $$
            """)
        for name, when in _WHEN.items():
            op.execute(
                f"CREATE TRIGGER {NO_CONSENT}_at_{name} {when} FOR EACH ROW WHEN ({_MUST_AGREE}) "
                "EXECUTE FUNCTION refuse_what_nobody_agreed_to()"
            )
        return
    for name, when in _WHEN.items():
        op.execute(
            f"CREATE TRIGGER {NO_CONSENT}_at_{name} {when} WHEN {_MUST_AGREE} AND NOT COALESCE({_AGREED}, 0) "
            f"BEGIN SELECT RAISE(ABORT, '{NO_CONSENT}'); END"
        )


def drop_sending_tables() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in _WHEN:
        op.execute(f"DROP TRIGGER {NO_CONSENT}_at_{name}" + (" ON message" if is_postgresql else ""))
    if is_postgresql:
        op.execute("DROP FUNCTION refuse_what_nobody_agreed_to()")
    op.drop_table("message_delivery")
