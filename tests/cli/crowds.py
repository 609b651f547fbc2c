"""Populations for the phone campaign, as CSV: people who fit it but for where they are, or for one cell."""

from __future__ import annotations

import csv
import io

COLUMNS = (
    *("id", "opted_in", "born_on", "score.reach", "topics", "followers.instagram"),
    *("relation_to_brand.northwind-phones", "location.device.lat", "location.device.lon"),
    "location.device.radius_m",
)
BROOKLYN, ALABAMA = (40.6782, -73.9442, 30), (33.5186, -86.8104, 30)
FAR_AND_HONEST = (40.6782, -73.9442, 1_500_000)
DEFAULT_POINT = (40.7128, -74.006, 30)
"""Where a geocoder puts whom it cannot place."""
HOBOKEN_TERMINAL = (40.7349, -74.0291, 20)
"""Across the river from the city, and near it."""


def population(*groups: tuple[int, tuple[float, float, float]], **cells: str | float) -> str:
    """So many people of each group, who fit the phone campaign but for where the group is and for `cells`
    (`score` for the column `score.reach`)."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    facts = {"born_on": "1990-04-01", "score": 71, "topics": "technology", "followers": 0, **cells}
    number = 0
    for count, (lat, lon, radius_m) in groups:
        for _ in range(count):
            number += 1
            # Everybody of a group stands a little apart, but for those on the one wrong point.
            north = 0 if (lat, lon) == DEFAULT_POINT[:2] else number * 1e-5
            rows.writerow((f"p{number:04}", "perks", *facts.values(), "", lat + north, lon, radius_m))
    return out.getvalue()


def joined(*texts: str) -> str:
    """Several populations as one, everybody with a number of their own."""
    rows = [line.split(",", 1)[1] for text in texts for line in text.splitlines()[1:]]
    return "\n".join([",".join(COLUMNS), *(f"p{number:04},{row}" for number, row in enumerate(rows, 1)), ""])
