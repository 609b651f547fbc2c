"""Many people on one and the same point, which is seldom where they are: a geocoder's default."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.audiences.expression import VERDICT
from perks_engine.audiences.people_map import points_of
from perks_engine.audiences.population import Evaluation

PILE = 5
"""More people than this on one point, to the last digit, are shown as a pile."""
MOST_PILES = 10


@dataclass(frozen=True, slots=True)
class Pile:
    lat: float
    lon: float
    people: int
    eligible: int


@dataclass(frozen=True, slots=True)
class Piles:
    """The fullest points; and how many eligible people there are on the point that most of those are on."""

    shown: tuple[Pile, ...]
    most_eligible: int


def piles_of(evaluation: Evaluation) -> Piles:
    points = points_of(evaluation)
    if points is None:
        return Piles((), 0)
    columns = [column for pair in points.columns for column in pair]
    first, *rest = (
        part.select(lat=points.lat(part), lon=points.lon(part), eligible=part[VERDICT].fill_null(False))
        for part in evaluation.parts(columns)
    )
    placed = first.union(*rest) if rest else first
    placed = placed.filter(placed["lat"].notnull())
    counted = placed.group_by("lat", "lon").aggregate(
        people=placed.count(), eligible=placed["eligible"].ifelse(1, 0).sum()
    )
    crowded = counted.filter(counted["people"] > 1)
    fullest = crowded.mutate(most=crowded["eligible"].max().over())
    fullest = fullest.order_by(fullest["people"].desc(), fullest["lat"], fullest["lon"]).limit(MOST_PILES)
    rows = evaluation.engine.fetch(fullest).to_pylist()
    shown = (Pile(row["lat"], row["lon"], row["people"], row["eligible"]) for row in rows)
    return Piles(
        tuple(pile for pile in shown if pile.people > PILE), max((row["most"] for row in rows), default=0)
    )
