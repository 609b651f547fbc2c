"""The atlas: everything the rules may ask about the earth, in one place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Protocol

from shapely.geometry import MultiPolygon

from perks_engine.domain.geography import (
    AreaRef,
    Circle,
    Disc,
    Place,
    Placement,
    Territory,
    UnknownAreaError,
    Zone,
)
from perks_engine.domain.rules import LocatedIn, Rule, conditions
from perks_engine.domain.screens import Screen, screen_circle
from perks_engine.places.areas import Area, read_area
from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.geodesy import relate_circle
from perks_engine.places.grids import area_grid, territory_grid
from perks_engine.places.territories import shipped_territories


class Geocoding(Protocol):
    """A geocoder, with or without a memory; raises `GeocoderUnavailableError`."""

    def places(self, text: str) -> Sequence[Place]: ...


MOST_RELATED = 20_000
"""So many placements are kept in a process (some 10 MB): who looks at perks, then at one, then claims it, is
asked about the same place under the same zones each time, and measuring costs as much as all other conditions
together. A disc and a zone, which names its very bytes, never change; whose they are is not kept."""

LoadArea = Callable[[str], bytes | None]
"""The bytes of an area file by its SHA-256, where a campaign version keeps an older one."""


class RulesAtlas:
    """Answers from area files below `roots` (`<root>/areas/*.geojson`, the first root wins), from the
    gazetteer, and from areas that `load_area` keeps. Area files are read once for each content."""

    def __init__(
        self,
        roots: Sequence[Path],
        gazetteer: Gazetteer,
        load_area: LoadArea | None = None,
        geocoder: Geocoding | None = None,
    ) -> None:
        self._roots = tuple(roots)
        self._gazetteer = gazetteer
        self._load_area = load_area
        self._geocoder = geocoder
        self._areas: dict[str, Area] = {}
        self._lock = Lock()
        self.relate = lru_cache(MOST_RELATED)(self._relate)

    def places(self, text: str) -> Sequence[Place]:
        """The gazetteer's answer; what it does not know is asked of the geocoder. Raises
        `GeocoderUnavailableError`, a `ConnectionError`."""
        known = self._gazetteer.places(text)
        return known if known or self._geocoder is None else self._geocoder.places(text)

    def area_names(self) -> Sequence[str]:
        names = {f"areas/{file.stem}" for root in self._roots for file in (root / "areas").glob("*.geojson")}
        return sorted(names)

    def area(self, name: str) -> AreaRef | None:
        """The area file of that name as it is now; raises `AreaFileError` where it is faulty."""
        file = self._file(name)
        if file is None:
            return None
        title = file.with_suffix(".title")
        label = title.read_text(encoding="utf-8").strip() if title.is_file() else ""
        area = self._read(file.read_bytes(), name, label)
        return AreaRef(area.name, area.sha256, area.label)

    def area_bytes(self, ref: AreaRef) -> bytes:
        """The very file that the reference names; raises `UnknownAreaError`."""
        file = self._file(ref.name)
        data = file.read_bytes() if file else None
        if data is None or hashlib.sha256(data).hexdigest() != ref.sha256:
            data = self._load_area(ref.sha256) if self._load_area else None
        if data is None:
            raise UnknownAreaError(f"the area {ref.name} ({ref.sha256[:12]}…) is not at hand")
        return data

    def _relate(self, disc: Disc, zone: Zone) -> Placement:
        match zone:
            case Circle():
                return relate_circle(disc, zone)
            case AreaRef():
                return self._area(zone).relate(disc)
            case Territory():
                return shipped_territories().relate(disc, zone)

    def shape(self, ref: AreaRef) -> MultiPolygon:
        """What an area draws, in longitude and latitude; raises `UnknownAreaError`."""
        return self._area(ref).shape

    def screen(self, zone: Zone) -> Screen:
        """A circle's bound by its chord; a grid for anything else, made once."""
        if isinstance(zone, Circle):
            return screen_circle(zone.lat, zone.lon, zone.radius_m)
        if isinstance(zone, AreaRef):
            return area_grid(self._area(zone))
        return territory_grid(shipped_territories(), zone)

    def _area(self, ref: AreaRef) -> Area:
        area = self._areas.get(ref.sha256)
        return area or self._read(self.area_bytes(ref), ref.name, ref.label)

    def _file(self, name: str) -> Path | None:
        """The file of `areas/NAME`, or None; a name cannot climb out of the folder."""
        folder, _, stem = name.partition("/")
        if folder != "areas" or not stem or not stem.replace("_", "").replace("-", "").isalnum():
            return None
        files = (root / "areas" / f"{stem}.geojson" for root in self._roots)
        return next((file for file in files if file.is_file()), None)

    def _read(self, data: bytes, name: str, label: str) -> Area:
        sha256 = hashlib.sha256(data).hexdigest()
        with self._lock:
            area = self._areas.get(sha256)
            if area is None:
                area = self._areas[sha256] = read_area(data, name, label)
        return area


def areas_of(rule: Rule, atlas: RulesAtlas) -> dict[str, tuple[str, bytes]]:
    """Name and bytes of each area that a rule names, by its SHA-256. Raises `UnknownAreaError`."""
    zones = [one.zone for one in conditions(rule) if isinstance(one, LocatedIn)]
    return {zone.sha256: (zone.name, atlas.area_bytes(zone)) for zone in zones if isinstance(zone, AreaRef)}
