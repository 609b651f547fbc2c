"""Zones and the places on and around their edges, from which random rules and people are drawn."""

from __future__ import annotations

import hashlib
import json
import math

from geopy.distance import geodesic

from perks_engine.domain.evidence import Location
from perks_engine.domain.geography import AreaRef, Circle, Disc, Territory, Zone
from perks_engine.places.atlas import RulesAtlas
from perks_engine.places.gazetteer import Gazetteer

SQUARE = [[-75.0, 40.0], [-74.0, 40.0], [-74.0, 41.0], [-75.0, 41.0], [-75.0, 40.0]]
DATELINE_WEST = [[179.0, -17.0], [180.0, -17.0], [180.0, -16.0], [179.0, -16.0], [179.0, -17.0]]
DATELINE_EAST = [[-180.0, -17.0], [-179.0, -17.0], [-179.0, -16.0], [-180.0, -16.0], [-180.0, -17.0]]
_AREA_FILES: dict[str, bytes] = {}


def _area(name: str, label: str, *rings: list[list[float]]) -> AreaRef:
    shape = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    data = json.dumps(shape).encode()
    sha256 = hashlib.sha256(data).hexdigest()
    _AREA_FILES[sha256] = data
    return AreaRef(f"areas/{name}", sha256, label)


CITY = Circle(40.7128, -74.0060, 40_233.6, "25 mi around New York City")
BLOCK = Circle(40.7128, -74.0060, 100.0, "100 m around City Hall")
FIJI = Circle(-16.5, 179.9, 50_000.0, "50 km around a point in Fiji")
POLE = Circle(90.0, 0.0, 100_000.0, "100 km around the North Pole")
MEADOW = _area("meadow", "the meadow", SQUARE)
DATELINE = _area("dateline", "the islands on the date line", DATELINE_WEST, DATELINE_EAST)
AMERICA = Territory(("US", "CA"), "the United States or Canada")
NEW_YORK = Territory(("US-NY",), "New York State")
CIRCLES = (CITY, BLOCK, FIJI, POLE)
ZONES: tuple[Zone, ...] = (CITY, CITY, CITY, BLOCK, FIJI, POLE, MEADOW, MEADOW, DATELINE, AMERICA, NEW_YORK)

ATLAS = RulesAtlas((), Gazetteer(), load_area=_AREA_FILES.get)
"""The product's own atlas, holding the two areas above; nothing here looks a name up in its gazetteer."""


def disc_at(circle: Circle, bearing: float, distance_m: float, radius_m: float) -> Disc:
    """A disc whose centre lies so many metres from the circle's centre, on the ellipsoid."""
    return disc_from(circle.lat, circle.lon, bearing, distance_m, radius_m)


def disc_from(lat: float, lon: float, bearing: float, distance_m: float, radius_m: float) -> Disc:
    """A disc whose centre lies so many metres from a point, on the ellipsoid."""
    point = geodesic(meters=distance_m).destination((lat, lon), bearing)
    return Disc(point.latitude, point.longitude, radius_m)


CENTIMETRE = 0.01
_TOUCHES = [side * 30.0 + step for side in (-1, 1) for step in (-CENTIMETRE, 0.0, CENTIMETRE)]
EDGES = tuple(
    disc_at(circle, bearing, circle.radius_m + touch, 30.0)
    for circle, bearing in ((CITY, 0.0), (BLOCK, 90.0), (FIJI, 85.0), (POLE, 180.0))
    for touch in _TOUCHES
)
"""Discs that touch a circle's edge from within or without, to a centimetre."""
EDGES_OF_CITY = EDGES[:6]
EDGES_OF_AREAS = tuple(
    disc_from(lat, lon, bearing, touch, 30.0)
    for lat, lon, bearing in ((40.5, -74.0, 90.0), (-16.5, 179.0, 270.0), (-16.5, -179.0, 90.0))
    for touch in _TOUCHES
)
"""The same at edges of the meadow and of the islands on the date line."""
SOUND_DISCS = (
    Disc(40.7128, -74.0060, 30.0),
    Disc(40.5, -74.5, 500.0),
    Disc(40.0, -75.0, 0.5),  # a corner of the meadow
    Disc(33.5186, -86.8104, 30.0),
    Disc(-16.5, 180.0, 10.0),
    Disc(-16.5, -180.0, 10.0),
    Disc(90.0, 123.0, 10.0),
    Disc(-90.0, 0.0, 10.0),
    Disc(40.7128, -74.0060, 60_000.0),
    Disc(40.7128, -74.0060, 2_000_000.0),
    Disc(40.7128, -74.0060, 5e-324),
    Disc(-0.0, 179.9, 30.0),
)
UNSOUND_DISCS = (
    Disc(0.0, 0.0, 30.0),
    Disc(-0.0, 0.0, 30.0),
    Disc(91.0, 0.0, 30.0),
    Disc(math.nan, -74.0, 30.0),
    *(Disc(40.7128, -74.0060, radius_m) for radius_m in (None, 0.0, -1.0, math.nan, math.inf, 2_000_001.0)),
)
ADDRESSES = (
    Location(country="US", region="US-NY", postal_code="10001-1234"),
    Location(Disc(40.7128, -74.0060, 30.0), "US", "US-NY", "10001"),
    Location(Disc(40.735, -74.172, 30.0), "US", "US-NJ", "07102"),
    Location(country="CA", region="CA-ON", postal_code="k1a 0b1"),
    Location(country="US"),
    Location(region="US-NY"),
    Location(country="GB"),
    Location(country="GB", region="GB-ENG", postal_code="ſw1a 1aß"),
    Location(country="US", postal_code="１０００１"),
    Location(country=""),
    Location(text="Springfield", candidates=30),
    Location(text="nowhere at all", candidates=0),
    Location(),
)
PLAIN = Location(Disc(40.7128, -74.0060, 30.0))
