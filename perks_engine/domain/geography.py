"""Where somebody is, as evidence can tell it, and what an area can answer about that.

Evidence of a location is a disc: the true point lies somewhere in it. A zone answers with a
`Position`, and only a disc that lies wholly inside is inside (DESIGN.md, Rules).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from perks_engine.domain.screens import Screen

MAX_RADIUS_M = 2_000_000.0
"""A disc beyond this says nothing that a rule could use (more than a continent's reach)."""


@dataclass(frozen=True, slots=True)
class Disc:
    """A point with its uncertainty.

    `lat` and `lon` are WGS 84 degrees, north and east positive; `radius_m` is metres and holds the
    true point with near certainty (a reported 68 % accuracy is widened before it gets here).
    """

    lat: float
    lon: float
    radius_m: float | None

    def is_sound(self) -> bool:
        """Whether the numbers can be a place on earth with a usable precision.

        A missing, zero, negative, infinite or NaN radius is no precision at all; the point
        (0, 0) to the last digit is what broken devices and geocoders report for *nowhere*.
        """
        if self.radius_m is None:
            return False
        return (
            all(math.isfinite(number) for number in (self.lat, self.lon, self.radius_m))
            and -90 <= self.lat <= 90
            and -180 <= self.lon <= 180
            and 0 < self.radius_m <= MAX_RADIUS_M
            and (self.lat, self.lon) != (0, 0)
        )


@dataclass(frozen=True, slots=True)
class Circle:
    """All points whose geodesic distance (WGS 84) from the centre is at most `radius_m`."""

    lat: float
    lon: float
    radius_m: float
    label: str
    kind: Literal["circle"] = "circle"


@dataclass(frozen=True, slots=True)
class AreaRef:
    """A polygon kept as GeoJSON, named by the SHA-256 of its file so that it cannot change unseen."""

    name: str
    sha256: str
    label: str
    kind: Literal["area"] = "area"


@dataclass(frozen=True, slots=True)
class Territory:
    """Countries (ISO 3166-1 alpha-2, `CA`) or regions (ISO 3166-2, `US-NY`), any of them."""

    codes: tuple[str, ...]
    label: str
    kind: Literal["territory"] = "territory"


Zone = Circle | AreaRef | Territory


class Position(StrEnum):
    """What a zone says of a disc."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    CROSSES = "crosses"
    """The disc crosses the edge: its person may be on either side."""
    UNDECIDABLE = "undecidable"
    """No boundary is known here that is exact enough to say (or none at all)."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A zone's answer about a disc; `edge_m` is the metres from the disc's centre to the zone's edge
    (positive whether inside or outside), None where nothing was measured."""

    position: Position
    edge_m: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A named place of the gazetteer.

    `extent_m` is the radius in metres around (lat, lon) that holds the whole place, so that a mere
    name never becomes a point. `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2 or None.
    `area` is the name of the area file that draws its boundary, where one is known.
    """

    place_id: str
    name: str
    kind: Literal["country", "region", "city", "postal_code"]
    country: str
    region: str | None
    lat: float
    lon: float
    extent_m: float
    population: int
    area: str | None = None

    @property
    def qualified_name(self) -> str:
        """The name with enough behind it to be unique to a reader, e.g. `Newark, US-NJ`; of a region its
        code, for `New York, US-NY` is the city."""
        if self.kind == "country":
            return self.name
        if self.kind == "region" and self.region is not None:
            return self.region
        return f"{self.name}, {self.region or self.country}"

    def disc(self) -> Disc:
        return Disc(self.lat, self.lon, self.extent_m)


class Atlas(Protocol):
    """What the rules may ask about the earth. `perks_engine.places` answers it."""

    def places(self, text: str) -> Sequence[Place]:
        """Every place that `text` may mean: none, one, or the candidates of an ambiguous name."""
        ...

    def area_names(self) -> Sequence[str]:
        """The names of the areas that can be referred to, for suggestions."""
        ...

    def area(self, name: str) -> AreaRef | None:
        """The area file of that name as it is now, or None."""
        ...

    def relate(self, disc: Disc, zone: Zone) -> Placement:
        """Whether the whole (sound) disc lies inside the zone. Raises `UnknownAreaError` where an
        `AreaRef` names a file or a hash that this atlas does not hold."""
        ...

    def screen(self, zone: Zone) -> Screen:
        """What answers `relate` at once wherever the answer is plain. Raises `UnknownAreaError`."""
        ...


class UnknownAreaError(LookupError):
    """A rule refers to an area, by name and hash, that is not at hand."""
