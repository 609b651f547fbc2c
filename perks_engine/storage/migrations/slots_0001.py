"""Slots: how PostgreSQL hands out the units of a hot campaign without a row that everybody waits for.

The stock of a campaign is one number in one row, and whoever takes a unit locks that row until the commit. A
hot campaign keeps its free units as rows instead, one for each. A claim deletes one that nobody else is
deleting (`SKIP LOCKED`): a row can be deleted once, so that no more is granted than was put into stock. Only
when none is free that is not on its way to somebody does a claim wait, for that one may come back.

SQLite lets one writer in at a time, so that its stock stays one number, hot or not.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from perks_engine.storage.types import RowNumber


def create_slots() -> None:
    op.create_table(
        "slot",
        sa.Column("slot_id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("place", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["campaign"], ["campaign.name"], name=op.f("fk_slot_campaign")),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_slot")),
    )
    op.create_index("ix_slot_campaign_place", "slot", ["campaign", "place"], unique=False)
    for statement in _functions(op.get_bind().dialect.name):
        op.execute(statement)


def drop_slots() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION move_slots(text, integer)")
        op.execute("DROP FUNCTION take_slot(text)")
    op.drop_index("ix_slot_campaign_place", table_name="slot")
    op.drop_table("slot")


def _functions(dialect: str) -> Sequence[str]:
    return (_TAKE_SLOT, _MOVE_SLOTS) if dialect == "postgresql" else ()


def _free(where: str, lock: str) -> str:
    """Takes a slot that fits and is free."""
    return f"""
      DELETE FROM slot WHERE slot_id = (
        SELECT slot_id FROM slot WHERE campaign = of_campaign {where} ORDER BY place LIMIT 1 {lock});
      IF FOUND THEN RETURN TRUE; END IF;
    """


_TAKE_SLOT = f"""
    CREATE FUNCTION take_slot(of_campaign text) RETURNS boolean LANGUAGE plpgsql AS $$
    DECLARE begins double precision := random();
    BEGIN
      {_free("AND place >= begins", "FOR UPDATE SKIP LOCKED")}
      {_free("AND place < begins", "FOR UPDATE SKIP LOCKED")}
      -- What is left, if anything, is on its way to others: one of them may give it back.
      {_free("", "FOR UPDATE")}
      RETURN FALSE;
    END $$
    """

_MOVE_SLOTS = """
    CREATE FUNCTION move_slots(of_campaign text, change integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      IF change > 0 THEN
        INSERT INTO slot (campaign, place) SELECT campaign, random() FROM stock, generate_series(1, change)
          WHERE campaign = of_campaign AND hot;
      ELSE
        FOR nth IN 1..-change LOOP
          EXIT WHEN NOT EXISTS (SELECT 1 FROM stock WHERE campaign = of_campaign AND hot);
          IF NOT take_slot(of_campaign) THEN
            -- Unless the campaign ceased to be hot meanwhile, and its slots were counted into its stock.
            EXIT WHEN NOT EXISTS (SELECT 1 FROM stock WHERE campaign = of_campaign AND hot);
            RAISE EXCEPTION 'stock_not_below_zero'
              USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_below_zero';
          END IF;
        END LOOP;
      END IF;
      IF NOT EXISTS (SELECT 1 FROM stock WHERE campaign = of_campaign AND hot) THEN
        RAISE EXCEPTION 'unit_not_there'
          USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_not_there';
      END IF;
    END $$
    """
