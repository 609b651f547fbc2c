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


@dataclass(frozen=True, slots=True)
class GridScreen:
    """A zone in cells of a grid: up to which radius a disc around any point of the cell is surely inside,
    or surely outside (negative where it is neither). Beyond the grid nothing of the zone lies.

    `lat`, `lon` are the south-western corner in degrees, `lat_step`, `lon_step` the sides of a cell;
    cells run eastward, row by row from the south.
    """

    lat: float
    lon: float
    lat_step: float
    lon_step: float
    rows: int
    columns: int
    inside_up_to_m: tuple[float, ...]
    outside_up_to_m: tuple[float, ...]

    @property
    def north(self) -> float:
        return self.lat + self.rows * self.lat_step

    @property
    def east(self) -> float:
        return self.lon + self.columns * self.lon_step

    def look(self, lat: float, lon: float, radius_m: float) -> int:
        row = math.floor((lat - self.lat) / self.lat_step)
        column = math.floor((lon - self.lon) / self.lon_step)
        if 0 <= row < self.rows and 0 <= column < self.columns:
            cell = row * self.columns + column
            if radius_m <= self.inside_up_to_m[cell]:
                return INSIDE
            return OUTSIDE if radius_m <= self.outside_up_to_m[cell] else DOUBT
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
        reach /= math.cos(math.radians(highest))
        if abs(lon) + reach > 180:
            return False
        return lon + reach < self.lon or lon - reach > self.east


Screen = CircleScreen | GridScreen
