"""Quick answers about zones, which are given only where they are certain.

An exact answer about a disc and a zone takes tens of microseconds. Most discs lie clear of the edge, and
a screen says so at the cost of a comparison; where it is in doubt it says so too, and the atlas decides.
The set expression asks the same screens within the database.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

INSIDE, OUTSIDE, CROSSES, DOUBT = 2, 0, 1, -1
"""What a screen says; the first three are the marks met, not met and unknown."""

SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY_SQUARED = 0.006_694_379_990_141_316
"""Of the WGS 84 ellipsoid (NIMA TR8350.2, table 3.1)."""
SHORTEST_RADIUS_M = 6_335_439.0
"""The smallest radius of curvature of the ellipsoid: the meridian's at the equator, a(1 - e²)."""
SLACK_M = 1e-5
"""What rounding can add up to, a hundred times over."""
FARTHEST_CHORD_M = 8_000_000.0
"""Beyond, the bound of a chord's arc is not used: the point is outside of any circle that a rule may hold."""
SHORTEST_DEGREE_M = 110_500.0
"""A degree of latitude is nowhere shorter (110,574 m at the equator), nor one of longitude there."""
NEAR_POLE_DEG = 85.0


@dataclass(frozen=True, slots=True)
class CircleScreen:
    """A circle, by the straight line (chord) through the earth from its centre.

    The geodesic is never shorter than the chord c, and never longer than the arc over c of a circle with
    the smallest radius of curvature, 2r·asin(c/2r) (Schur's comparison theorem). Both differ by 13 cm at
    50 km, and only within that is there doubt.
    """

    x: float
    y: float
    z: float
    lat: float
    radius_m: float

    def look(self, lat: float, lon: float, radius_m: float) -> int:
        # No way between two latitudes is shorter than the meridian's: most discs are far by that alone.
        if abs(lat - self.lat) * SHORTEST_DEGREE_M - radius_m > self.radius_m:
            return OUTSIDE
        phi, theta = math.radians(lat), math.radians(lon)
        sine, cosine = math.sin(phi), math.cos(phi)
        normal = SEMI_MAJOR_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
        dx = normal * cosine * math.cos(theta) - self.x
        dy = normal * cosine * math.sin(theta) - self.y
        dz = normal * (1 - ECCENTRICITY_SQUARED) * sine - self.z
        shortest = math.sqrt(dx * dx + dy * dy + dz * dz) - SLACK_M
        if shortest - radius_m > self.radius_m:
            return OUTSIDE
        if shortest > FARTHEST_CHORD_M:
            return DOUBT
        chord = shortest + 2 * SLACK_M
        longest = 2 * SHORTEST_RADIUS_M * math.asin(chord / (2 * SHORTEST_RADIUS_M)) + SLACK_M
        if longest + radius_m <= self.radius_m:
            return INSIDE
        if shortest + radius_m > self.radius_m and longest - radius_m <= self.radius_m:
            return CROSSES
        return DOUBT


def screen_circle(lat: float, lon: float, radius_m: float) -> CircleScreen:
    """The screen of a circle around (lat, lon) in degrees."""
    phi, theta = math.radians(lat), math.radians(lon)
    sine, cosine = math.sin(phi), math.cos(phi)
    normal = SEMI_MAJOR_M / math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine)
    return CircleScreen(
        normal * cosine * math.cos(theta),
        normal * cosine * math.sin(theta),
        normal * (1 - ECCENTRICITY_SQUARED) * sine,
        lat,
        radius_m,
    )


ROOMS_M = (30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 50_000.0)
"""A letter of a grid answers for discs of one of these radii, and smaller ones."""
INSIDE_UP_TO = dict(zip("abcdefg", ROOMS_M, strict=True))
OUTSIDE_UP_TO = dict(zip("ABCDEFG", ROOMS_M, strict=True))
CROSSING, UNSURE = "x", "?"
CROSSES_UP_TO_M = 10_000.0
MEANINGS: dict[str, tuple[int, float]] = {
    **{letter: (INSIDE, room_m) for letter, room_m in INSIDE_UP_TO.items()},
    **{letter: (OUTSIDE, room_m) for letter, room_m in OUTSIDE_UP_TO.items()},
    CROSSING: (CROSSES, CROSSES_UP_TO_M),
    UNSURE: (DOUBT, math.inf),
}
"""What a letter says of discs whose middle lies in its cell, and up to which radius."""


@dataclass(frozen=True, slots=True)
class GridScreen:
    """A zone in cells, each with a letter of `MEANINGS`. Beyond the grid nothing of the zone lies.

    `lat`, `lon` are the south-western corner in degrees, `lat_step`, `lon_step` the sides of a cell. Cells
    come in squares of `fine` times `fine`, `rows` by `columns` of them, which run eastward, row by row from
    the south; the grid may go on beyond 180°. `squares` holds for each the one letter of all its cells, or
    the letters of its cells in the same order.
    """

    lat: float
    lon: float
    lat_step: float
    lon_step: float
    rows: int
    columns: int
    fine: int
    squares: tuple[str, ...]

    @property
    def north(self) -> float:
        return self.lat + self.rows * self.fine * self.lat_step

    @property
    def half_width(self) -> float:
        return self.columns * self.fine * self.lon_step / 2

    def look(self, lat: float, lon: float, radius_m: float) -> int:
        row = math.floor((lat - self.lat) / self.lat_step)
        east = lon - self.lon
        column = math.floor((east if east >= 0 else east + 360) / self.lon_step)
        fine = self.fine
        if 0 <= row < self.rows * fine and column < self.columns * fine:
            letters = self.squares[row // fine * self.columns + column // fine]
            letter = letters if len(letters) == 1 else letters[row % fine * fine + column % fine]
            said, up_to_m = MEANINGS[letter]
            return said if radius_m <= up_to_m else DOUBT
        return OUTSIDE if self._is_clear_of(lat, lon, radius_m) else DOUBT

    def _is_clear_of(self, lat: float, lon: float, radius_m: float) -> bool:
        """Whether a disc stays clear of the whole grid. A way of r metres covers at most
        r/cos(latitude) of longitude, at the latitude of its end nearest to a pole."""
        reach = radius_m / SHORTEST_DEGREE_M
        if lat + reach < self.lat or lat - reach > self.north:
            return True
        highest = abs(lat) + reach
        if highest > NEAR_POLE_DEG:
            return False
        beside = abs(lon - self.lon - self.half_width)
        return min(beside, 360 - beside) - reach / math.cos(math.radians(highest)) > self.half_width


Screen = CircleScreen | GridScreen
