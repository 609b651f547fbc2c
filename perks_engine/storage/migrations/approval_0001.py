"""Where a campaign asks for somebody's yes, nothing is sent or handed over before it: as a trigger.

The version that the claim was granted under says whether a yes is asked for. A claim itself never fires this:
only what takes a unit out of `reserved` towards its recipient does.
"""

from __future__ import annotations

from alembic import op

NOT_APPROVED = "claim_not_approved"
_LEAVES = "NEW.source = 'reserved' AND NEW.move IN ('pack', 'ship', 'hand_over', 'check_in', 'redeem')"
_VERSION = "claim JOIN campaign_version ON campaign_version.version = claim.version"


def create_approval_rule() -> None:
    for statement in _postgresql() if op.get_bind().dialect.name == "postgresql" else _sqlite():
        op.execute(statement)


def drop_approval_rule() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(f"DROP TRIGGER entry_after_approval{' ON entry' if is_postgresql else ''}")
    if is_postgresql:
        op.execute("DROP FUNCTION refuse_what_nobody_approved()")


def _sqlite() -> tuple[str, ...]:
    return (
        f"""
        CREATE TRIGGER entry_after_approval BEFORE INSERT ON entry
        WHEN {_LEAVES} AND EXISTS
          (SELECT 1 FROM {_VERSION} WHERE claim.claim_id = NEW.claim_id
           AND json_extract(campaign_version.canonical, '$.campaign.approval_required') = 1)
        BEGIN SELECT RAISE(ABORT, '{NOT_APPROVED}'); END
        """,
    )


def _postgresql() -> tuple[str, ...]:
    return (
        f"""
        CREATE FUNCTION refuse_what_nobody_approved() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF EXISTS (SELECT 1 FROM {_VERSION} WHERE claim.claim_id = NEW.claim_id
                     AND campaign_version.canonical::json #>> '{{campaign,approval_required}}' = 'true') THEN
            RAISE EXCEPTION '{NOT_APPROVED}'
              USING ERRCODE = 'check_violation', CONSTRAINT = '{NOT_APPROVED}';
          END IF;
          RETURN NEW;
        END $$
        """,
        f"""
        CREATE TRIGGER entry_after_approval BEFORE INSERT ON entry
        FOR EACH ROW WHEN ({_LEAVES}) EXECUTE FUNCTION refuse_what_nobody_approved()
        """,
    )
