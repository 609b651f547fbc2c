"""The rule over a population by Polars (lazy, streaming): three-valued, haversine."""

from __future__ import annotations

import sys
from datetime import timedelta

import polars as pl

from benchmarks import rules_question as asked
from benchmarks.rules_question import Counts, measure, verdict_name

NOW = pl.lit(asked.NOW)


def fresh(column: str, age: timedelta) -> pl.Expr:
    at = pl.col(f"{column}.at")
    return (at <= NOW) & (at >= pl.lit(asked.NOW - age))


def known(usable: pl.Expr, met: pl.Expr) -> pl.Expr:
    return pl.when(usable).then(met)


def in_circle() -> pl.Expr:
    lat, lon, radius_m = (pl.col(f"location.device.{part}") for part in ("lat", "lon", "radius_m"))
    centre = pl.lit(asked.LAT).radians()
    square = ((lat - asked.LAT).radians() / 2).sin() ** 2
    square += centre.cos() * lat.radians().cos() * ((lon - asked.LON).radians() / 2).sin() ** 2
    metres = 2 * asked.EARTH_M * square.sqrt().clip(upper_bound=1.0).arcsin()
    sound = (lat.abs() <= 90) & (lon.abs() <= 180) & ~((lat == 0) & (lon == 0))
    sound &= (radius_m > 0) & (radius_m <= asked.LARGEST_RADIUS_M)
    inside, outside = metres + radius_m <= asked.RADIUS_M, metres - radius_m > asked.RADIUS_M
    decided = pl.when(inside).then(statement=True).when(outside).then(statement=False)
    return known(fresh("location.device", asked.LOCATION_AGE) & sound, decided)


def verdict() -> pl.Expr:
    born, score = pl.col("born_on.profile"), pl.col("score.reach")
    topics, followers = pl.col("topics.profile"), pl.col("followers.instagram.profile")
    living = (born > pl.lit(asked.BORN_AFTER)) & (born <= pl.lit(asked.NOW.date()))
    has_topic = pl.any_horizontal(topics.list.contains(topic) for topic in asked.TOPICS)
    return (
        pl.col("opted_in").list.contains(asked.PURPOSE).fill_null(value=False)
        & known((pl.col("born_on.profile.at") <= NOW) & living, born <= pl.lit(asked.BORN_BY))
        & known(
            fresh("score.reach", asked.SCORE_AGE) & score.is_finite(),
            score.is_between(asked.LOWEST, asked.HIGHEST),
        )
        & in_circle()
        & known((pl.col("topics.profile.at") <= NOW) & topics.is_not_null(), has_topic)
        & known(fresh("followers.instagram.profile", asked.FOLLOWERS_AGE), followers >= asked.FOLLOWERS)
    )


def main(path: str) -> None:
    def ask() -> Counts:
        people = pl.scan_parquet(path).select(verdict=verdict())
        found = people.group_by("verdict").len().collect(engine="streaming")
        return {verdict_name(met): count for met, count in found.iter_rows()}

    measure(ask)


if __name__ == "__main__":
    main(sys.argv[1])
