"""The invariants of the ledger that a constraint on one row cannot hold, as triggers.

An entry is the only thing anybody writes. In the same statement the database
  1. refuses the entry where the unit is not in the account that it is taken from (or, for one that replaces
     it, was neither lost nor returned), is another person's, was never granted or its campaign is not open, or
     where a correction names another entry than the one that put the unit there,
  2. dates it after every disclosure list that was given: what is listed as of an instant stays so,
  3. moves the balances: `stock`, `holding`, `allowance`; a check on these refuses what oversells,
  4. refuses, ever after, to change or delete it.
A granted claim, in turn, rests on a decision that grants: on the same person, campaign and version.
A refusal bears the name of a constraint, so that the caller can tell which rule was broken.
"""

from __future__ import annotations

from collections.abc import Sequence

from perks_engine.storage.agreed import CAMPAIGN_NOT_OPEN, LISTS, UNIT_NOT_THERE
from perks_engine.storage.migrations.append_only import REFUSE_CHANGE, keep_append_only, release

APPEND_ONLY = (
    *("entry", "campaign_version", "campaign_event", "area"),
    *("consent", "consent_request", "consent_text"),
)
CLAIM_NOT_GRANTED = "claim_not_granted"
NO_SUCH_DECISION = "claim_rests_on_its_decision"
ALREADY_LISTED = "entry_is_after_every_list"


def create_statements(dialect: str) -> Sequence[str]:
    return _postgresql() if dialect == "postgresql" else _sqlite()


def drop_statements(dialect: str) -> Sequence[str]:
    if dialect == "postgresql":
        return [
            *release(dialect, APPEND_ONLY),
            "DROP FUNCTION refuse_change()",
            "DROP TRIGGER entry_balances ON entry",
            "DROP FUNCTION keep_balances()",
            "DROP TRIGGER entry_after_every_list ON entry",
            "DROP FUNCTION date_after_every_list()",
            "DROP TRIGGER claim_rests_on_its_decision ON claim",
            "DROP FUNCTION refuse_a_claim_without_decision()",
        ]
    return [
        *release(dialect, APPEND_ONLY),
        "DROP TRIGGER claim_rests_on_its_decision",
        "DROP TRIGGER claim_stays_on_its_decision",
        "DROP TRIGGER entry_after_every_list",
        "DROP TRIGGER entry_of_a_granted_claim",
        "DROP TRIGGER entry_while_open",
        "DROP TRIGGER entry_from_where_the_unit_is",
        "DROP TRIGGER entry_needs_a_stock",
        "DROP TRIGGER entry_moves_stock",
        "DROP TRIGGER entry_reserves",
        "DROP TRIGGER entry_gives_back",
        "DROP TRIGGER entry_moves_holding",
    ]


# What replaces a unit comes out of stock, and begins where the one before it ended.
_THE_UNIT = """claim_id = NEW.claim_id
    AND (account = NEW.source OR (NEW.move = 'replace' AND account IN ('lost', 'returned')))
    AND person_id = NEW.person_id AND campaign = NEW.campaign
    AND (NEW.corrects IS NULL OR NEW.corrects = entry_id)"""
_ITS_GRANTED_CLAIM = """claim_id = NEW.claim_id AND outcome = 'granted'
    AND person_id = NEW.person_id AND campaign = NEW.campaign"""
_ITS_DECISION = """decision_id = NEW.decision_id
    AND person_id = NEW.person_id AND campaign = NEW.campaign AND version = NEW.version"""
_IS_OPEN = "name = NEW.campaign AND state = 'open'"
_RESTS = "decision_id, person_id, campaign, version, outcome"
_GRANTS = "(verdict = 'eligible' AND CAST(standing AS text) = '[]')"


def _sqlite() -> Sequence[str]:
    without_decision = f"""
        WHEN NOT EXISTS
          (SELECT 1 FROM decision WHERE {_ITS_DECISION} AND (NEW.outcome <> 'granted' OR {_GRANTS}))
        BEGIN SELECT RAISE(ABORT, '{NO_SUCH_DECISION}'); END
        """
    return [
        *keep_append_only("sqlite", APPEND_ONLY),
        f"CREATE TRIGGER claim_rests_on_its_decision BEFORE INSERT ON claim {without_decision}",
        f"CREATE TRIGGER claim_stays_on_its_decision BEFORE UPDATE OF {_RESTS} ON claim {without_decision}",
        f"""
        CREATE TRIGGER entry_after_every_list BEFORE INSERT ON entry
        WHEN NEW.recorded_at <= (SELECT as_of FROM listed)
        BEGIN SELECT RAISE(ABORT, '{ALREADY_LISTED}'); END
        """,
        f"""
        CREATE TRIGGER entry_of_a_granted_claim BEFORE INSERT ON entry
        WHEN NEW.move = 'reserve' AND NEW.person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM claim WHERE {_ITS_GRANTED_CLAIM})
        BEGIN SELECT RAISE(ABORT, '{CLAIM_NOT_GRANTED}'); END
        """,
        f"""
        CREATE TRIGGER entry_while_open BEFORE INSERT ON entry
        WHEN NEW.move = 'reserve' AND NOT EXISTS (SELECT 1 FROM campaign WHERE {_IS_OPEN})
        BEGIN SELECT RAISE(ABORT, '{CAMPAIGN_NOT_OPEN}'); END
        """,
        f"""
        CREATE TRIGGER entry_from_where_the_unit_is BEFORE INSERT ON entry
        WHEN NEW.claim_id IS NOT NULL AND NEW.move <> 'reserve' AND NOT EXISTS
          (SELECT 1 FROM holding WHERE {_THE_UNIT})
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
    keep_balances = f"""
        CREATE FUNCTION keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE change integer;
        BEGIN
          IF NEW.move = 'reserve' THEN
            IF NOT EXISTS (SELECT 1 FROM claim WHERE {_ITS_GRANTED_CLAIM}) THEN
              RAISE EXCEPTION '{CLAIM_NOT_GRANTED}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{CLAIM_NOT_GRANTED}';
            END IF;
            IF NOT EXISTS (SELECT 1 FROM campaign WHERE {_IS_OPEN}) THEN
              RAISE EXCEPTION '{CAMPAIGN_NOT_OPEN}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{CAMPAIGN_NOT_OPEN}';
            END IF;
            INSERT INTO allowance AS a (campaign, person_id, units, per_person)
              SELECT NEW.campaign, NEW.person_id, 1, s.per_person FROM stock s WHERE s.campaign = NEW.campaign
              ON CONFLICT (campaign, person_id)
              DO UPDATE SET units = a.units + 1, per_person = excluded.per_person;
            INSERT INTO holding (claim_id, campaign, person_id, account, entry_id)
              VALUES (NEW.claim_id, NEW.campaign, NEW.person_id, NEW.target, NEW.entry_id);
          ELSIF NEW.claim_id IS NOT NULL THEN
            UPDATE holding SET account = NEW.target, entry_id = NEW.entry_id
              WHERE {_THE_UNIT};
            IF NOT FOUND THEN
              RAISE EXCEPTION '{UNIT_NOT_THERE}'
                USING ERRCODE = 'check_violation', CONSTRAINT = '{UNIT_NOT_THERE}';
            END IF;
            IF NEW.target = 'stock' THEN
              UPDATE allowance SET units = units - 1
                WHERE campaign = NEW.campaign AND person_id = NEW.person_id;
            END IF;
          END IF;
          -- The stock row is the one that others wait for: it is locked last, just before the commit.
          IF NEW.source = 'stock' OR NEW.target = 'stock' THEN
            change := CASE WHEN NEW.target = 'stock' THEN NEW.units ELSE -NEW.units END;
            UPDATE stock SET units = units + change WHERE campaign = NEW.campaign AND NOT hot;
            IF NOT FOUND THEN
              PERFORM move_slots(NEW.campaign, change);
            END IF;
          END IF;
          RETURN NULL;
        END $$
        """
    # Writers of entries share the lock until they have committed. Whoever gives a list takes it alone for a
    # moment: no entry is on its way then, and those to come are dated after the list.
    after_every_list = f"""
        CREATE FUNCTION date_after_every_list() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE last timestamptz;
        BEGIN
          PERFORM pg_advisory_xact_lock_shared({LISTS});
          SELECT as_of INTO last FROM listed;
          IF NEW.recorded_at <= last THEN
            NEW.recorded_at := last + interval '1 microsecond';
          END IF;
          RETURN NEW;
        END $$
        """
    without_decision = f"""
        CREATE FUNCTION refuse_a_claim_without_decision() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NOT EXISTS (SELECT 1 FROM decision WHERE {_ITS_DECISION}
                         AND (NEW.outcome <> 'granted' OR {_GRANTS})) THEN
            RAISE EXCEPTION '{NO_SUCH_DECISION}'
              USING ERRCODE = 'check_violation', CONSTRAINT = '{NO_SUCH_DECISION}';
          END IF;
          RETURN NEW;
        END $$
        """
    return [
        after_every_list,
        """
        CREATE TRIGGER entry_after_every_list BEFORE INSERT ON entry
        FOR EACH ROW EXECUTE FUNCTION date_after_every_list()
        """,
        without_decision,
        f"""
        CREATE TRIGGER claim_rests_on_its_decision AFTER INSERT OR UPDATE OF {_RESTS} ON claim
        FOR EACH ROW EXECUTE FUNCTION refuse_a_claim_without_decision()
        """,
        REFUSE_CHANGE,
        *keep_append_only("postgresql", APPEND_ONLY),
        keep_balances,
        "CREATE TRIGGER entry_balances AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION keep_balances()",
    ]
