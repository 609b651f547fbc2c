"""The invariants of the ledger that a constraint on one row cannot hold, as triggers.

An entry is the only thing anybody writes. In the same statement the database
  1. refuses the entry where the unit is not in the account that it is taken from,
  2. moves the balances: `stock`, `holding`, `allowance`; a check on these refuses what oversells,
  3. refuses, ever after, to change or delete it.
A refusal bears the name of a constraint, so that the caller can tell which rule was broken.
"""

from __future__ import annotations

from collections.abc import Sequence

APPEND_ONLY = ("entry", "campaign_version", "consent", "area")
UNIT_NOT_THERE = "unit_not_there"
APPEND_ONLY_REFUSAL = "append_only"


def create_statements(dialect: str) -> Sequence[str]:
    return _postgresql() if dialect == "postgresql" else _sqlite()


def drop_statements(dialect: str) -> Sequence[str]:
    if dialect == "postgresql":
        return [
            *(f"DROP TRIGGER {table}_append_only ON {table}" for table in APPEND_ONLY),
            *(f"DROP TRIGGER {table}_not_truncated ON {table}" for table in APPEND_ONLY),
            "DROP FUNCTION refuse_change()",
            "DROP TRIGGER entry_balances ON entry",
            "DROP FUNCTION keep_balances()",
        ]
    return [
        *(f"DROP TRIGGER {table}_no_{verb}" for table in APPEND_ONLY for verb in ("update", "delete")),
        "DROP TRIGGER entry_from_where_the_unit_is",
        "DROP TRIGGER entry_needs_a_stock",
        "DROP TRIGGER entry_moves_stock",
        "DROP TRIGGER entry_reserves",
        "DROP TRIGGER entry_gives_back",
        "DROP TRIGGER entry_moves_holding",
    ]


def _sqlite() -> Sequence[str]:
    refusals = [
        f"""
        CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
        BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY_REFUSAL}: {table} is only ever appended to'); END
        """
        for table in APPEND_ONLY
        for verb in ("update", "delete")
    ]
    return [
        *refusals,
        f"""
        CREATE TRIGGER entry_from_where_the_unit_is BEFORE INSERT ON entry
        WHEN NEW.claim_id IS NOT NULL AND NEW.move <> 'reserve' AND NOT EXISTS
          (SELECT 1 FROM holding WHERE claim_id = NEW.claim_id AND account = NEW.source)
        BEGIN SELECT RAISE(ABORT, '{UNIT_NOT_THERE}'); END
        """,
        f"""
        CREATE TRIGGER entry_needs_a_stock BEFORE INSERT ON entry
        WHEN (NEW.source = 'stock' OR NEW.target = 'stock') AND NOT EXISTS
          (SELECT 1 FROM stock WHERE campaign = NEW.campaign)
        BEGIN SELECT RAISE(ABORT, '{UNIT_NOT_THERE}'); END
        """,
        """
        CREATE TRIGGER entry_moves_stock AFTER INSERT ON entry
        WHEN NEW.source = 'stock' OR NEW.target = 'stock'
        BEGIN
          UPDATE stock SET units = units + CASE WHEN NEW.target = 'stock' THEN NEW.units ELSE -NEW.units END
          WHERE campaign = NEW.campaign;
        END
        """,
        """
        CREATE TRIGGER entry_reserves AFTER INSERT ON entry
        WHEN NEW.move = 'reserve'
        BEGIN
          INSERT INTO allowance (campaign, person_id, units, per_person)
            SELECT NEW.campaign, NEW.person_id, 1, per_person FROM stock WHERE campaign = NEW.campaign
            ON CONFLICT (campaign, person_id)
            DO UPDATE SET units = units + 1, per_person = excluded.per_person;
          INSERT INTO holding (claim_id, campaign, person_id, account, entry_id)
            VALUES (NEW.claim_id, NEW.campaign, NEW.person_id, NEW.target, NEW.entry_id);
        END
        """,
        """
        CREATE TRIGGER entry_gives_back AFTER INSERT ON entry
        WHEN NEW.claim_id IS NOT NULL AND NEW.target = 'stock'
        BEGIN
          UPDATE allowance SET units = units - 1
          WHERE campaign = NEW.campaign AND person_id = NEW.person_id;
        END
        """,
        """
        CREATE TRIGGER entry_moves_holding AFTER INSERT ON entry
        WHEN NEW.claim_id IS NOT NULL AND NEW.move <> 'reserve'
        BEGIN
          UPDATE holding SET account = NEW.target, entry_id = NEW.entry_id WHERE claim_id = NEW.claim_id;
        END
        """,
    ]


def _postgresql() -> Sequence[str]:
    refuse_change = f"""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '{APPEND_ONLY_REFUSAL}: % is only ever appended to', TG_TABLE_NAME
            USING ERRCODE = 'check_violation', CONSTRAINT = '{APPEND_ONLY_REFUSAL}';
        END $$
        """
    keep_balances = f"""
        CREATE FUNCTION keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.move = 'reserve' THEN
            INSERT INTO allowance AS a (campaign, person_id, units, per_person)
              SELECT NEW.campaign, NEW.person_id, 1, s.per_person FROM stock s WHERE s.campaign = NEW.campaign
              ON CONFLICT (campaign, person_id)
              DO UPDATE SET units = a.units + 1, per_person = excluded.per_person;
            INSERT INTO holding (claim_id, campaign, person_id, account, entry_id)
              VALUES (NEW.claim_id, NEW.campaign, NEW.person_id, NEW.target, NEW.entry_id);
          ELSIF NEW.claim_id IS NOT NULL THEN
            UPDATE holding SET account = NEW.target, entry_id = NEW.entry_id
              WHERE claim_id = NEW.claim_id AND account = NEW.source;
            IF NOT FOUND THEN
              RAISE EXCEPTION '{UNIT_NOT_THERE}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{UNIT_NOT_THERE}';
            END IF;
            IF NEW.target = 'stock' THEN
              UPDATE allowance SET units = units - 1
                WHERE campaign = NEW.campaign AND person_id = NEW.person_id;
            END IF;
          END IF;
          -- The stock row is the hot one: it is locked last, just before the commit.
          IF NEW.source = 'stock' OR NEW.target = 'stock' THEN
            UPDATE stock
              SET units = units + CASE WHEN NEW.target = 'stock' THEN NEW.units ELSE -NEW.units END
              WHERE campaign = NEW.campaign;
            IF NOT FOUND THEN
              RAISE EXCEPTION '{UNIT_NOT_THERE}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{UNIT_NOT_THERE}';
            END IF;
          END IF;
          RETURN NULL;
        END $$
        """
    return [
        refuse_change,
        *(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            for table in APPEND_ONLY
        ),
        *(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            for table in APPEND_ONLY
        ),
        keep_balances,
        "CREATE TRIGGER entry_balances AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION keep_balances()",
    ]
