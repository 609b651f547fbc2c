"""The tables of promotions, and what the database itself holds of them.

1. A promotion is inserted only where the unit is with its recipient, no dispute about it is open, the latest
   word of the person on name and likeness by that channel is yes, and a decision of the gate says so. The row
   of the person and that of the holding are held meanwhile, so that no change of either goes by unseen.
2. Whatever changes one of these retracts what is out and cancels what is queued, in the same statement: an
   entry that takes the unit from its recipient or corrects it, a dispute that is opened, a no.
3. An act moves the state, and is told to the brand and the publisher.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from perks_engine.domain.promotion import LIKENESS, LIVE, PROMOTION, Cause, PromotionState
from perks_engine.storage.migrations.append_only import keep_append_only, release
from perks_engine.storage.migrations.event_0001 import COLUMNS, IS_TOLD, Told
from perks_engine.storage.types import Instant, RowNumber

APPEND_ONLY = ("promotion_event", "promotion_told")
NOT_ALLOWED = "promotion_is_allowed"
NOT_THE_TURN = "promotion_act_follows"
_LIVE = ", ".join(f"'{one}'" for one in LIVE)
_IS_LIVE = f"NEW.state IN ({_LIVE})"


def _latest(person: str, channel: str, no: str) -> str:
    return f"""COALESCE((SELECT given FROM consent k WHERE k.person_id = {person} AND k.purpose = '{LIKENESS}'
        AND k.channel = {channel} ORDER BY k.acted_at DESC, k.consent_id DESC LIMIT 1), {no})"""


def _allowed(no: str) -> str:
    return f"""EXISTS (SELECT 1 FROM holding h WHERE h.claim_id = NEW.claim_id AND h.person_id = NEW.person_id
        AND h.campaign = NEW.campaign AND h.account = 'recipient')
      AND NOT EXISTS (SELECT 1 FROM open_dispute d WHERE d.claim_id = NEW.claim_id)
      AND EXISTS (SELECT 1 FROM decision g WHERE g.decision_id = NEW.decision_id
        AND g.person_id = NEW.person_id AND g.campaign = NEW.campaign AND g.purpose = '{PROMOTION}'
        AND g.verdict = 'eligible' AND CAST(g.standing AS text) = '[]')
      AND {_latest("NEW.person_id", "NEW.channel", no)}"""


def _fall(cause: str, at: str, which: str) -> str:
    retracted, cancelled = PromotionState.RETRACTED, PromotionState.CANCELLED
    return f"""INSERT INTO promotion_event (promotion_id, act, cause, acted_by, acted_at)
        SELECT p.promotion_id,
          CASE p.state WHEN '{PromotionState.PUBLISHED}' THEN '{retracted}' ELSE '{cancelled}' END,
          {cause}, 'engine', {at} FROM promotion p WHERE p.state IN ({_LIVE}) AND {which}"""


_HOLD_PERSON = "PERFORM 1 FROM person WHERE person_id = NEW.person_id FOR NO KEY UPDATE"
_HOLD_UNIT = "PERFORM 1 FROM holding WHERE claim_id = NEW.claim_id FOR UPDATE"
_FOLLOWS = f"""EXISTS (SELECT 1 FROM promotion p WHERE p.promotion_id = NEW.promotion_id AND (
    (NEW.act = '{PromotionState.QUEUED}' AND p.state = '{PromotionState.QUEUED}' AND NOT EXISTS
      (SELECT 1 FROM promotion_event e WHERE e.promotion_id = NEW.promotion_id))
    OR (p.state = '{PromotionState.QUEUED}' AND NEW.act IN
      ('{PromotionState.PUBLISHED}', '{PromotionState.CANCELLED}'))
    OR (p.state = '{PromotionState.PUBLISHED}' AND NEW.act = '{PromotionState.RETRACTED}')
    OR (p.state = '{PromotionState.RETRACTED}' AND NEW.act = '{PromotionState.TAKEN_DOWN}')))"""


def _falls(dialect: str) -> tuple[Told, ...]:
    is_postgresql = dialect == "postgresql"
    no = "false" if is_postgresql else "0"

    def holding(statement: str, rest: str) -> tuple[str, ...]:
        return (statement, rest) if is_postgresql else (rest,)

    return (
        Told(
            "promotion_falls_by_ledger",
            "entry",
            "NEW.source = 'recipient' AND NEW.move <> 'deliver_more'",
            holding(_HOLD_UNIT, _fall("NEW.move", "NEW.recorded_at", "p.claim_id = NEW.claim_id")),
        ),
        Told(
            "promotion_falls_by_dispute",
            "dispute_event",
            "NEW.act = 'opened'",
            holding(
                _HOLD_UNIT,
                _fall(f"'{Cause.DISPUTE}'", "NEW.recorded_at", "p.claim_id = NEW.claim_id"),
            ),
        ),
        Told(
            "promotion_falls_by_consent",
            "consent",
            f"NEW.purpose = '{LIKENESS}' AND NOT NEW.given",
            holding(
                _HOLD_PERSON,
                _fall(
                    f"'{Cause.CONSENT}'",
                    "NEW.recorded_at",
                    "p.person_id = NEW.person_id AND p.channel = NEW.channel "
                    f"AND NOT {_latest('p.person_id', 'p.channel', no)}",
                ),
            ),
        ),
        Told(
            "promotion_moves",
            "promotion_event",
            "NEW.act IS NOT NULL",
            (
                "UPDATE promotion SET state = NEW.act WHERE promotion_id = NEW.promotion_id",
                f"""INSERT INTO brand_event ({COLUMNS})
                SELECT NEW_ID, c.brand, 'promotion.' || NEW.act, c.campaign, c.claim_id, NULL,
                  NEW.promotion_id, c.publisher, NEW.acted_at, NEW.acted_at
                FROM promotion c WHERE c.promotion_id = NEW.promotion_id AND {IS_TOLD}""",
            ),
        ),
    )


def _refusals(dialect: str) -> list[str]:
    changes = "UPDATE OF state, claim_id, person_id, campaign, channel, decision_id"
    if dialect == "sqlite":
        return [
            *(
                f"CREATE TRIGGER {NOT_ALLOWED}_at_{name} BEFORE {verb} ON promotion "
                f"WHEN {_IS_LIVE} AND NOT ({_allowed('0')}) BEGIN SELECT RAISE(ABORT, '{NOT_ALLOWED}'); END"
                for name, verb in (("insert", "INSERT"), ("change", changes))
            ),
            (
                f"CREATE TRIGGER {NOT_THE_TURN} BEFORE INSERT ON promotion_event "
                f"WHEN NOT ({_FOLLOWS}) BEGIN SELECT RAISE(ABORT, '{NOT_THE_TURN}'); END"
            ),
        ]
    return [
        f"""
        CREATE FUNCTION {NOT_ALLOWED}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          {_HOLD_PERSON}; {_HOLD_UNIT};
          IF NOT ({_allowed("false")}) THEN
            RAISE EXCEPTION '{NOT_ALLOWED}' USING ERRCODE = 'check_violation', CONSTRAINT = '{NOT_ALLOWED}';
          END IF;
          RETURN NEW;
        END $$
        """,
        *(
            f"CREATE TRIGGER {NOT_ALLOWED}_at_{name} BEFORE {verb} ON promotion FOR EACH ROW "
            f"WHEN ({_IS_LIVE}) EXECUTE FUNCTION {NOT_ALLOWED}()"
            for name, verb in (("insert", "INSERT"), ("change", changes))
        ),
        f"""
        CREATE FUNCTION {NOT_THE_TURN}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM 1 FROM promotion WHERE promotion_id = NEW.promotion_id FOR UPDATE;
          IF NOT ({_FOLLOWS}) THEN
            RAISE EXCEPTION '{NOT_THE_TURN}' USING ERRCODE = 'check_violation', CONSTRAINT = '{NOT_THE_TURN}';
          END IF;
          RETURN NEW;
        END $$
        """,
        (
            f"CREATE TRIGGER {NOT_THE_TURN} BEFORE INSERT ON promotion_event FOR EACH ROW "
            f"EXECUTE FUNCTION {NOT_THE_TURN}()"
        ),
    ]


def create_promotion_tables() -> None:
    """After the tables of events."""
    among = ", ".join(f"'{one}'" for one in PromotionState)
    causes = ", ".join(f"'{one}'" for one in Cause)
    op.create_table(
        "promotion",
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in (
                *("promotion_id", "claim_id", "person_id", "brand", "campaign", "channel", "publisher"),
                "decision_id",
            )
        ),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("words", "called", "salt", "place")),
        sa.CheckConstraint(f"state IN ({among})", name=op.f("promotion_state_known")),
        sa.CheckConstraint("(words IS NULL) = (salt IS NULL)", name=op.f("promotion_salt_goes_with_words")),
        sa.CheckConstraint(
            f"NOT (state IN ({_LIVE})) OR words IS NOT NULL", name=op.f("promotion_live_has_words")
        ),
        sa.CheckConstraint("disclosure <> ''", name=op.f("promotion_carries_a_disclosure")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.claim_id"], name=op.f("fk_promotion_claim_id")),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_promotion_campaign")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.decision_id"], name=op.f("fk_promotion_decision_id")
        ),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_promotion")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_promotion_decision_id")),
    )
    op.create_index(
        "uq_promotion_live_once",
        "promotion",
        ["claim_id", "channel", "publisher"],
        unique=True,
        sqlite_where=sa.text(f"state IN ({_LIVE})"),
        postgresql_where=sa.text(f"state IN ({_LIVE})"),
    )
    op.create_index("ix_promotion_brand", "promotion", ["brand", "promotion_id"], unique=False)
    op.create_index("ix_promotion_person_id", "promotion", ["person_id"], unique=False)
    op.create_table(
        "promotion_event",
        sa.Column("event_id", RowNumber, autoincrement=True, nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("promotion_id", "act", "cause", "acted_by")
        ),
        sa.Column("acted_at", Instant(), nullable=False),
        sa.CheckConstraint(f"act IN ({among})", name=op.f("promotion_act_known")),
        sa.CheckConstraint(f"cause IN ({causes})", name=op.f("promotion_cause_known")),
        _of_a_promotion("promotion_event"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_promotion_event")),
    )
    op.create_index(
        "ix_promotion_event_promotion_id", "promotion_event", ["promotion_id", "event_id"], unique=False
    )
    op.create_table(
        "promotion_told",
        sa.Column("telling_id", RowNumber, autoincrement=True, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("promotion_id", "publisher", "told_by")),
        sa.Column("told_at", Instant(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        _of_a_promotion("promotion_told"),
        sa.PrimaryKeyConstraint("telling_id", name=op.f("pk_promotion_told")),
    )
    op.create_index(
        "ix_promotion_told_promotion_id", "promotion_told", ["promotion_id", "telling_id"], unique=False
    )
    dialect = op.get_bind().dialect.name
    created = (statement for told in _falls(dialect) for statement in told.create(dialect))
    for statement in (*_refusals(dialect), *created, *keep_append_only(dialect, APPEND_ONLY)):
        op.execute(statement)


def _of_a_promotion(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["promotion_id"], ["promotion.promotion_id"], name=op.f(f"fk_{table}_promotion_id")
    )


def drop_promotion_tables() -> None:
    dialect = op.get_bind().dialect.name
    dropped = (statement for told in reversed(_falls(dialect)) for statement in told.drop(dialect))
    for statement in (*release(dialect, APPEND_ONLY), *dropped):
        op.execute(statement)
    for table in ("promotion_told", "promotion_event", "promotion"):
        op.drop_table(table)
    if dialect == "postgresql":
        for function in (NOT_THE_TURN, NOT_ALLOWED):
            op.execute(f"DROP FUNCTION {function}()")
