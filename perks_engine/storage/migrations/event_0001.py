"""The tables of events, and the triggers that queue them.

An event is queued by the statement that makes it true, whoever runs that: an entry of the ledger, an act about
a dispute, a campaign or an incident. Where a brand has no webhook, nothing is. A second trigger queues its
delivery to each webhook that wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from perks_engine.domain.events import EVERY, OF_CAMPAIGN, OF_MOVE, EventType
from perks_engine.storage.types import Instant, RowNumber

NEW_ID = {
    "sqlite": "'evt_' || lower(hex(randomblob(16)))",
    "postgresql": "'evt_' || replace(gen_random_uuid()::text, '-', '')",
}
IS_TOLD = "EXISTS (SELECT 1 FROM webhook w WHERE w.brand = c.brand AND w.removed_at IS NULL)"
COLUMNS = "event_id, brand, type, campaign, claim_id, entry_id, subject, publisher, occurred_at, recorded_at"


@dataclass(frozen=True, slots=True)
class Told:
    """After what is inserted into `table`, where `when`, these statements run. `NEW_ID` in them stands for a
    new event's id."""

    name: str
    table: str
    when: str
    statements: tuple[str, ...]

    def create(self, dialect: str) -> list[str]:
        body = ";\n".join(self.statements).replace("NEW_ID", NEW_ID[dialect])
        head = f"CREATE TRIGGER {self.name} AFTER INSERT ON {self.table}"
        if dialect == "sqlite":
            return [f"{head} WHEN {self.when} BEGIN {body}; END"]
        function = f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        return [
            f"{function} BEGIN {body}; RETURN NULL; END $$",
            f"{head} FOR EACH ROW WHEN ({self.when}) EXECUTE FUNCTION {self.name}()",
        ]

    def drop(self, dialect: str) -> list[str]:
        if dialect == "sqlite":
            return [f"DROP TRIGGER {self.name}"]
        return [f"DROP TRIGGER {self.name} ON {self.table}", f"DROP FUNCTION {self.name}()"]


def case(column: str, words: Mapping[Any, str]) -> str:
    pairs = " ".join(f"WHEN '{key}' THEN '{value}'" for key, value in words.items())
    return f"CASE {column} {pairs} END"


_CAMPAIGN = f"FROM campaign c WHERE c.name = NEW.campaign AND {IS_TOLD}"
_ON_A_LIST = """EXISTS (SELECT 1 FROM disclosure_export x WHERE x.brand = c.brand
    AND x.as_of >= (SELECT MIN(e.recorded_at) FROM entry e
                    WHERE e.claim_id = NEW.claim_id AND e.target = 'recipient'))"""
_WANTS = f"""w.brand = NEW.brand AND w.removed_at IS NULL AND w.disabled_at IS NULL
    AND (w.publisher IS NULL OR w.publisher = NEW.publisher)
    AND EXISTS (SELECT 1 FROM webhook_type t
                WHERE t.webhook_id = w.webhook_id AND t.type IN (NEW.type, '{EVERY}'))"""

TOLD = (
    Told(
        "entry_is_told",
        "entry",
        "NEW.claim_id IS NOT NULL",
        (
            f"""INSERT INTO brand_event ({COLUMNS})
            SELECT NEW_ID, c.brand, {case("NEW.move", OF_MOVE)}, NEW.campaign, NEW.claim_id, NEW.entry_id, '',
              NULL, NEW.occurred_at, NEW.recorded_at {_CAMPAIGN}""",
        ),
    ),
    # By itself, so that other entries never come to it: PostgreSQL would plan it anew for each of them, which
    # takes longer than all else that an entry does.
    Told(
        "list_correction_is_told",
        "entry",
        "NEW.claim_id IS NOT NULL AND NEW.source = 'recipient' AND NEW.corrects IS NOT NULL",
        (
            f"""INSERT INTO brand_event ({COLUMNS})
            SELECT NEW_ID, c.brand, '{EventType.LIST_CORRECTED}', NEW.campaign, NEW.claim_id, NEW.entry_id, '',
              NULL, NEW.occurred_at, NEW.recorded_at {_CAMPAIGN} AND {_ON_A_LIST}""",
        ),
    ),
    Told(
        "dispute_is_told",
        "dispute_event",
        "NEW.claim_id IS NOT NULL",
        (
            f"""INSERT INTO brand_event ({COLUMNS})
            SELECT NEW_ID, c.brand, 'dispute.' || NEW.act, NEW.campaign, NEW.claim_id, NULL, NEW.dispute_id,
              NULL, NEW.occurred_at, NEW.recorded_at {_CAMPAIGN}""",
        ),
    ),
    Told(
        "campaign_is_told",
        "campaign_event",
        "NEW.act <> 'explained'",
        (
            f"""INSERT INTO brand_event ({COLUMNS})
            SELECT NEW_ID, c.brand, {case("NEW.act", OF_CAMPAIGN)}, NEW.campaign, NULL, NULL, '',
              NULL, NEW.acted_at, NEW.acted_at {_CAMPAIGN}""",
        ),
    ),
    Told(
        "incident_is_told",
        "incident_event",
        "NEW.act = 'applied'",
        (
            f"""INSERT INTO brand_event ({COLUMNS})
            SELECT NEW_ID, c.brand, '{EventType.INCIDENT_APPLIED}', c.campaign, NULL, NULL, NEW.incident_id,
              NULL, NEW.acted_at, NEW.acted_at
            FROM incident c WHERE c.incident_id = NEW.incident_id AND {IS_TOLD}""",
        ),
    ),
    Told(
        "event_is_delivered",
        "brand_event",
        "NEW.event_id IS NOT NULL",
        (
            f"""INSERT INTO event_delivery (event_id, webhook_id, state, attempts, next_at, why)
            SELECT NEW.event_id, w.webhook_id, 'queued', 0, NEW.recorded_at, '' FROM webhook w
            WHERE {_WANTS}""",
        ),
    ),
)


def create_event_tables() -> None:
    op.create_table(
        "webhook",
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled_at", Instant(), nullable=True),
        sa.Column("disabled_why", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_brand"), "webhook", ["brand"], unique=False)
    op.create_table(
        "webhook_type",
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.webhook_id"], name=op.f("fk_webhook_type_webhook_id")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "type", name=op.f("pk_webhook_type")),
    )
    op.create_table(
        "webhook_secret",
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.webhook_id"], name=op.f("fk_webhook_secret_webhook_id")
        ),
        sa.PrimaryKeyConstraint("webhook_id", "number", name=op.f("pk_webhook_secret")),
    )
    op.create_table(
        "brand_event",
        sa.Column("position", RowNumber, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("claim_id", sa.String(), nullable=True),
        sa.Column("entry_id", RowNumber, nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_brand_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_brand_event_event_id")),
    )
    op.create_index("ix_brand_event_brand_position", "brand_event", ["brand", "position"], unique=False)
    op.create_index("ix_brand_event_recorded_at", "brand_event", ["recorded_at"], unique=False)
    op.create_table(
        "event_delivery",
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.Column("leased_by", sa.String(), nullable=True),
        sa.Column("leased_until", Instant(), nullable=True),
        sa.Column("tried_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'delivered', 'dead', 'cancelled')", name=op.f("event_delivery_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("event_delivery_attempts_count")),
        sa.CheckConstraint(
            "(leased_by IS NULL) = (leased_until IS NULL)", name=op.f("event_delivery_lease_is_whole")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["brand_event.event_id"],
            name=op.f("fk_event_delivery_event_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "webhook_id", name=op.f("pk_event_delivery")),
    )
    op.create_index("ix_event_delivery_webhook_id", "event_delivery", ["webhook_id"], unique=False)
    op.create_index(
        "ix_event_delivery_due",
        "event_delivery",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_event_delivery_turn",
        "event_delivery",
        ["webhook_id", "next_at"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_event_delivery_dead",
        "event_delivery",
        ["event_id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    dialect = op.get_bind().dialect.name
    for told in TOLD:
        for statement in told.create(dialect):
            op.execute(statement)


def drop_event_tables() -> None:
    """Before the tables that are told of."""
    dialect = op.get_bind().dialect.name
    for told in reversed(TOLD):
        for statement in told.drop(dialect):
            op.execute(statement)
    for table in ("event_delivery", "brand_event", "webhook_secret", "webhook_type", "webhook"):
        op.drop_table(table)
