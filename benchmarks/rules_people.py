"""Seeded people in a Parquet file, made by DuckDB: the first of them are the same at every size."""

from __future__ import annotations

import sys

import duckdb

from benchmarks.rules_question import LAT, LON, NOW, SEED

WORDS = ("technology", "mobile", "food", "travel", "sport", "music", "books", "fashion")


def write_people(path: str, count: int) -> None:
    """A row for each person, in the columns of a population. Of every attribute some is missing, some
    too old and a little dated ahead; two in five people live around the circle of the rule."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        f"CREATE MACRO u(i, salt) AS (hash(i * 64 + salt + {SEED}) >> 11)::DOUBLE / 9007199254740992.0"
    )
    now = f"TIMESTAMPTZ '{NOW.isoformat()}'"
    connection.execute(
        f"CREATE MACRO seen(i, salt, days) AS CASE WHEN u(i, salt) < 0.01 THEN {now} + INTERVAL 1 HOUR "
        f"ELSE {now} - to_microseconds((u(i, salt + 1) * days * 86400000000)::BIGINT) END"
    )
    connection.execute(
        f"CREATE MACRO topic(i, salt) AS {list(WORDS)}[1 + (u(i, salt) * {len(WORDS)})::INT % 8]"
    )
    connection.execute(f"COPY ({_people(count)}) TO '{path}' (FORMAT parquet)")


def _people(count: int) -> str:
    return f"""
        WITH one AS (SELECT i, u(i, 0) < 0.4 AS near, u(i, 1) >= 0.05 AS placed FROM range({count}) AS _(i))
        SELECT
            'p' || i AS id,
            CASE WHEN u(i, 2) < 0.9 THEN ['perks'] WHEN u(i, 2) < 0.95 THEN ['news'] ELSE [] END AS opted_in,
            CASE WHEN u(i, 3) >= 0.04 THEN DATE '1945-01-01' + (u(i, 4) * 25000)::INT END
                AS "born_on.profile",
            CASE WHEN u(i, 3) >= 0.04 THEN seen(i, 5, 900) END AS "born_on.profile.at",
            CASE WHEN u(i, 7) >= 0.05 THEN round(20 + u(i, 8) * 80, 2) END AS "score.reach",
            CASE WHEN u(i, 7) >= 0.05 THEN seen(i, 9, 33) END AS "score.reach.at",
            CASE WHEN placed THEN CASE WHEN near THEN {LAT} + (u(i, 11) - 0.5) * 1.2
                ELSE 26 + u(i, 11) * 22 END END AS "location.device.lat",
            CASE WHEN placed THEN CASE WHEN near THEN {LON} + (u(i, 12) - 0.5) * 1.6
                ELSE -122 + u(i, 12) * 48 END END AS "location.device.lon",
            CASE WHEN placed THEN 5 + 995 * u(i, 13) ** 3 END AS "location.device.radius_m",
            CASE WHEN placed THEN seen(i, 14, 1.1) END AS "location.device.at",
            CASE WHEN u(i, 16) >= 0.05 THEN [topic(i, 17), topic(i, 18), topic(i, 19)] END
                AS "topics.profile",
            CASE WHEN u(i, 16) >= 0.05 THEN seen(i, 20, 700) END AS "topics.profile.at",
            CASE WHEN u(i, 22) >= 0.05 THEN (200 * 10 ** (u(i, 23) * 4))::BIGINT END
                AS "followers.instagram.profile",
            CASE WHEN u(i, 22) >= 0.05 THEN seen(i, 24, 96) END AS "followers.instagram.profile.at"
        FROM one"""


if __name__ == "__main__":
    write_people(sys.argv[1], int(sys.argv[2]))
