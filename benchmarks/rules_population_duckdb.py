"""The rule over a population as SQL that a careful hand would write for DuckDB: three-valued, haversine.

The connection is set as the engine's own is: the same limit of memory, no order kept.
"""

from __future__ import annotations

import sys

import duckdb

from benchmarks import rules_question as asked
from benchmarks.rules_question import Counts, measure, verdict_name

NOW = f"TIMESTAMPTZ '{asked.NOW.isoformat()}'"


def fresh(column: str, days: int) -> str:
    return f'"{column}.at" <= {NOW} AND "{column}.at" >= {NOW} - INTERVAL {days} DAY'


SQL = f"""
WITH measured AS (
    SELECT *, 2 * {asked.EARTH_M} * asin(least(1, sqrt(
        sin(radians("location.device.lat" - {asked.LAT}) / 2) ** 2
        + cos(radians({asked.LAT})) * cos(radians("location.device.lat"))
        * sin(radians("location.device.lon" - {asked.LON}) / 2) ** 2))) AS metres
    FROM read_parquet(?)
), judged AS (
    SELECT
        coalesce(list_contains(opted_in, '{asked.PURPOSE}'), false)
        AND CASE WHEN "born_on.profile.at" <= {NOW} AND "born_on.profile" > DATE '{asked.BORN_AFTER}'
                AND "born_on.profile" <= DATE '{asked.NOW.date()}'
            THEN "born_on.profile" <= DATE '{asked.BORN_BY}' END
        AND CASE WHEN {fresh("score.reach", asked.SCORE_AGE.days)} AND isfinite("score.reach")
            THEN "score.reach" BETWEEN {asked.LOWEST} AND {asked.HIGHEST} END
        AND CASE WHEN {fresh("location.device", asked.LOCATION_AGE.days)}
                AND abs("location.device.lat") <= 90 AND abs("location.device.lon") <= 180
                AND NOT ("location.device.lat" = 0 AND "location.device.lon" = 0)
                AND "location.device.radius_m" > 0 AND "location.device.radius_m" <= {asked.LARGEST_RADIUS_M}
            THEN CASE WHEN metres + "location.device.radius_m" <= {asked.RADIUS_M} THEN true
                WHEN metres - "location.device.radius_m" > {asked.RADIUS_M} THEN false END END
        AND CASE WHEN "topics.profile.at" <= {NOW} AND "topics.profile" IS NOT NULL
            THEN list_has_any("topics.profile", {list(asked.TOPICS)}) END
        AND CASE WHEN {fresh("followers.instagram.profile", asked.FOLLOWERS_AGE.days)}
            THEN "followers.instagram.profile" >= {asked.FOLLOWERS} END
        AS verdict
    FROM measured
)
SELECT verdict, count(*) FROM judged GROUP BY verdict
"""


def main(path: str) -> None:
    connection = duckdb.connect()
    connection.execute("SET memory_limit = '1GB'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")

    def ask() -> Counts:
        return {verdict_name(met): count for met, count in connection.execute(SQL, [path]).fetchall()}

    measure(ask)


if __name__ == "__main__":
    main(sys.argv[1])
