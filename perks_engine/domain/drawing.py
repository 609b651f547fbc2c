"""What a map is drawn with: boxes of the earth, lines, and who draws zones and land."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from perks_engine.domain.geography import Zone

SMALLEST_SPAN_DEG = 0.02

Line = Sequence[tuple[float, float]]
"""Points (longitude, latitude) in degrees that a line joins; its longitudes may go on beyond 180."""


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of the earth in degrees; `east` is never less than `west`, and may lie beyond 180."""

    south: float
    west: float
    north: float
    east: float

    @classmethod
    def of(cls, points: Iterable[tuple[float, float]]) -> Box:
        """The smallest that holds these points (longitude, latitude)."""
        lons, lats = zip(*points, strict=True)
        return cls(min(lats), min(lons), max(lats), max(lons))

    def around(self, margin: float) -> Box:
        """The same with a share of its size more on each side, and of a size that can be seen."""
        tall, wide = self.north - self.south, self.east - self.west
        more_lat = max(tall * margin, (SMALLEST_SPAN_DEG - tall) / 2)
        more_lon = max(wide * margin, (SMALLEST_SPAN_DEG - wide) / 2)
        south, north = max(self.south - more_lat, -90.0), min(self.north + more_lat, 90.0)
        west, east = self.west - more_lon, self.east + more_lon
        if east - west >= 360:
            return Box(south, -180.0, north, 180.0)
        turn = 360.0 if west < -180 else 0.0
        return Box(south, west + turn, north, east + turn)

    def not_flat(self, least: float) -> Box:
        """The same with its height brought to this share of its width, where it is less."""
        missing = ((self.east - self.west) * least - (self.north - self.south)) / 2
        if missing <= 0:
            return self
        return Box(max(self.south - missing, -90.0), self.west, min(self.north + missing, 90.0), self.east)

    def holds(self, other: Box) -> bool:
        """Whether all of the other lies in it, on whichever turn of the earth."""
        return any(self._holds(other.west + turn, other) for turn in (0.0, 360.0))

    def _holds(self, west: float, other: Box) -> bool:
        return (
            self.south <= other.south
            and self.north >= other.north
            and self.west <= west
            and self.east >= west + other.east - other.west
        )

    def meets(self, other: Box) -> bool:
        return (
            self.south <= other.north
            and other.south <= self.north
            and self.west <= other.east
            and other.west <= self.east
        )

    def with_(self, other: Box) -> Box:
        """The smallest that holds both."""
        return Box(
            min(self.south, other.south),
            min(self.west, other.west),
            max(self.north, other.north),
            max(self.east, other.east),
        )


class Drawing(Protocol):
    """Draws what lies below people on a map. `perks_engine.places` answers it."""

    def box(self, zone: Zone) -> Box:
        """The piece of the earth that holds the whole zone. Raises `UnknownAreaError`."""
        ...

    def outline(self, zone: Zone) -> Sequence[Line]:
        """The zone's edges, fine enough for a map of the zone. Raises `UnknownAreaError`."""
        ...

    def land(self, box: Box) -> Sequence[Line]:
        """The outlines of countries, or in a small box of states, as far as they lie in it."""
        ...
