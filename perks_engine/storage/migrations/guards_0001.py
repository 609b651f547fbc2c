"""The function by which PostgreSQL counts a claim for the guards of its campaign, side by side with others.

Each statement of a volatile function sees what was committed before that statement began, so that what is
summed was committed before the lane was taken, as `storage.guards` asks. A function saves three round trips.
"""

from __future__ import annotations

from collections.abc import Sequence

from perks_engine.storage.agreed import LANES


def create_counting(dialect: str) -> Sequence[str]:
    return (_COUNT_BESIDE,) if dialect == "postgresql" else ()


def drop_counting(dialect: str) -> Sequence[str]:
    return ("DROP FUNCTION count_beside(text, text, jsonb, boolean)",) if dialect == "postgresql" else ()


_COUNT_BESIDE = f"""
    CREATE FUNCTION count_beside(of_campaign text, of_version text, counted jsonb, alone boolean)
    RETURNS jsonb LANGUAGE plpgsql AS $$
    DECLARE mine smallint;
    BEGIN
      IF alone THEN
        PERFORM 1 FROM guard_lane WHERE campaign = of_campaign ORDER BY lane FOR UPDATE;
        mine := 0;
      ELSE
        SELECT lane INTO mine FROM guard_lane WHERE campaign = of_campaign
          ORDER BY lane LIMIT 1 FOR UPDATE SKIP LOCKED;
      END IF;
      IF mine IS NULL THEN
        mine := floor(random() * {LANES});
        PERFORM 1 FROM guard_lane WHERE campaign = of_campaign AND lane = mine FOR UPDATE;
      END IF;
      PERFORM 1 FROM campaign WHERE name = of_campaign AND version = of_version AND state = 'open';
      IF NOT FOUND THEN
        RETURN NULL;
      END IF;
      -- In one order, so that two claims never wait for each other.
      INSERT INTO guard_count AS old (campaign, key, guard, place, lane, part, hits, total)
        SELECT of_campaign, key, guard, place, CASE key WHEN '' THEN mine ELSE 0 END, part, hits, total
        FROM jsonb_to_recordset(counted)
          AS one(key text, guard smallint, place smallint, part bigint, hits integer, total integer)
        ORDER BY key, guard
        ON CONFLICT (campaign, key, guard, place, lane) DO UPDATE SET
          hits = CASE WHEN old.part = excluded.part THEN old.hits + excluded.hits
                      WHEN old.part < excluded.part THEN excluded.hits ELSE old.hits END,
          total = CASE WHEN old.part = excluded.part THEN old.total + excluded.total
                       WHEN old.part < excluded.part THEN excluded.total ELSE old.total END,
          part = greatest(old.part, excluded.part);
      RETURN (
        SELECT jsonb_agg(jsonb_build_array(guard, key, part, hits, total)) FROM (
          SELECT guard, key, part, sum(hits) AS hits, sum(total) AS total FROM guard_count
          WHERE campaign = of_campaign
            AND (key = '' OR key IN (SELECT one ->> 'key' FROM jsonb_array_elements(counted) AS one))
          GROUP BY guard, key, part
        ) AS sums
      );
    END $$
    """
