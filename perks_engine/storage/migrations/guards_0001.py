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
    return ("DROP FUNCTION count_beside(jsonb)",) if dialect == "postgresql" else ()


_COUNT_BESIDE = f"""
    CREATE FUNCTION count_beside(groups jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
    DECLARE
      asked record;
      mine smallint;
      lanes smallint[] := '{{}}';
    BEGIN
      -- In the order in which they come, so that two who count never wait for each other.
      FOR asked IN
        SELECT told ->> 'campaign' AS name, (told ->> 'alone')::boolean AS alone
        FROM jsonb_array_elements(groups) AS told
      LOOP
        mine := NULL;
        IF asked.alone THEN
          PERFORM 1 FROM guard_lane WHERE campaign = asked.name ORDER BY lane FOR UPDATE;
          mine := 0;
        ELSE
          SELECT lane INTO mine FROM guard_lane WHERE campaign = asked.name
            ORDER BY lane LIMIT 1 FOR UPDATE SKIP LOCKED;
        END IF;
        IF mine IS NULL THEN
          mine := floor(random() * {LANES});
          PERFORM 1 FROM guard_lane WHERE campaign = asked.name AND lane = mine FOR UPDATE;
        END IF;
        lanes := lanes || mine;
      END LOOP;
      INSERT INTO guard_count AS old (campaign, key, guard, place, lane, part, hits, total)
        SELECT live.name, one.key, one.guard, one.place,
               CASE one.key WHEN '' THEN lanes[told.turn] ELSE 0 END, one.part, one.hits, one.total
        FROM jsonb_array_elements(groups) WITH ORDINALITY AS told(about, turn)
        JOIN campaign AS live ON live.name = about ->> 'campaign'
          AND live.version = about ->> 'version' AND live.state = 'open'
        CROSS JOIN LATERAL jsonb_to_recordset(about -> 'counted')
          AS one(key text, guard smallint, place smallint, part bigint, hits integer, total integer)
        ORDER BY told.turn, one.key, one.guard
        ON CONFLICT (campaign, key, guard, place, lane) DO UPDATE SET
          hits = CASE WHEN old.part = excluded.part THEN old.hits + excluded.hits
                      WHEN old.part < excluded.part THEN excluded.hits ELSE old.hits END,
          total = CASE WHEN old.part = excluded.part THEN old.total + excluded.total
                       WHEN old.part < excluded.part THEN excluded.total ELSE old.total END,
          part = greatest(old.part, excluded.part);
      RETURN (
        SELECT jsonb_agg(
          (SELECT (
            SELECT jsonb_agg(jsonb_build_array(guard, key, part, hits, total)) FROM (
              SELECT kept.guard, wanted.key, kept.part, sum(kept.hits) AS hits, sum(kept.total) AS total
              FROM (
                SELECT '' AS key UNION SELECT row ->> 'key' FROM jsonb_array_elements(about -> 'counted') AS row
              ) AS wanted
              -- Looked up key by key: those of a campaign may be as many as the people who came.
              CROSS JOIN LATERAL (
                SELECT guard, part, guard_count.hits, guard_count.total FROM guard_count
                WHERE campaign = live.name AND guard_count.key = wanted.key OFFSET 0
              ) AS kept
              GROUP BY kept.guard, wanted.key, kept.part
            ) AS sums
          ) FROM campaign AS live
          WHERE live.name = about ->> 'campaign' AND live.version = about ->> 'version' AND live.state = 'open')
          ORDER BY turn
        )
        FROM jsonb_array_elements(groups) WITH ORDINALITY AS told(about, turn)
      );
    END $$
    """
