"""Discs against countries, US states and Canadian provinces, whose boundaries are known only so exactly."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon

from perks_engine.domain.geography import Disc, Placement, Position, Territory
from perks_engine.places.edges import Edges, edge_pieces, index_edges
from perks_engine.places.prepared import have_point
from perks_engine.places.territory_layers import (
    ACCURACY_M,
    COUNTRIES,
    DISPUTED,
    REGIONS_OF,
    read_layers,
    with_disputes,
)

M_PER_DEGREE = 111_320.0
"""Of longitude at the equator; nearer the poles it is less, and more of a country counts as apart."""
BOUNDARIES = Path(__file__).parent / "data" / "territories.npz"


@dataclass(frozen=True, slots=True)
class Layer:
    """A partition of land into members (codes), each boundary right to within `accuracy_m` metres."""

    accuracy_m: float
    codes: tuple[str, ...]
    edges: Edges
    edge_owners: NDArray[np.int64]
    parts: NDArray[np.object_]
    part_owners: NDArray[np.int64]
    tree: shapely.STRtree

    def touched(self, disc: Disc, reach_m: float) -> set[str]:
        """The members that come within `reach_m` and the accuracy of the disc's centre."""
        # A straight line in space is never longer than the way over the ground.
        near = self.nearest_edges(disc, reach_m + self.accuracy_m)
        return self.around(disc) | near.keys()

    def nearest_edges(self, disc: Disc, within_m: float) -> dict[str, float]:
        """The members with an edge within that distance of the disc's centre, and how far it is, too much by
        a metre at the most."""
        pieces, away = self.edges.pieces_within(disc.lat, disc.lon, within_m)
        nearest = np.full(len(self.codes), np.inf)
        np.minimum.at(nearest, self.edge_owners[pieces], away)
        return {self.codes[owner]: float(nearest[owner]) for owner in np.flatnonzero(nearest < np.inf)}

    def nearest(self, disc: Disc, from_m: float) -> set[str]:
        """The member whose edge is nearest to the disc's centre, of which nothing lies within `from_m`."""
        within_m = max(from_m, 1.0)
        while not (edges := self.nearest_edges(disc, within_m)):
            within_m *= 2
        least_m = min(edges.values())
        return {code for code, away_m in edges.items() if away_m == least_m}

    def around(self, disc: Disc) -> set[str]:
        """The members in whose drawing the disc's centre lies."""
        candidates = self.tree.query(shapely.Point(disc.lon, disc.lat))
        around = candidates[have_point(self.parts[candidates], disc.lon, disc.lat)]
        return {self.codes[owner] for owner in self.part_owners[around].tolist()}


@dataclass(frozen=True, slots=True)
class Territories:
    """Countries, below some of them their regions, and what of those countries no region is drawn at: small
    islands, each of which may belong to any region."""

    countries: Layer
    regions: dict[str, Layer]
    strays: Layer

    def relate(self, disc: Disc, territory: Territory) -> Placement:
        """Whether the land that the (sound) disc can stand for lies in the territory.

        The disc is widened by the accuracy of the boundaries. Inside: all land it touches is wanted, and
        its centre is no farther from land than that accuracy. Outside: no land it touches is wanted.
        Undecidable: it touches land in dispute; or a country of whose regions no boundaries are known,
        while one of them is wanted; or a code is wanted of which none are known at all. No distance from
        an edge is given, for none could be exact.
        """
        position = self.position(self.touched(disc, disc.radius_m or 0.0), territory)
        if position is Position.INSIDE and not (
            self.countries.around(disc) or self.countries.touched(disc, 0.0)
        ):
            return Placement(Position.CROSSES)
        return Placement(position)

    def position(self, touched: Set[str], territory: Territory) -> Position:
        """The same of somebody who is on land, or near, by the members that their disc touches."""
        wanted = set(territory.codes)
        if touched and all(_is_wanted(code, wanted) for code in touched):
            return Position.INSIDE
        unknown = {code for code in wanted if not self._is_drawn(code)}
        undrawn = {code for code in unknown if _could_hold(code, touched, self.countries.codes)}
        if undrawn or DISPUTED in touched:
            return Position.UNDECIDABLE
        if any(_is_wanted(code, wanted) or _may_be_wanted(code, wanted) for code in touched):
            return Position.CROSSES
        return Position.OUTSIDE

    def touched(self, disc: Disc, reach_m: float) -> set[str]:
        """Countries, replaced by their touched regions where those are drawn.

        A disc off a shore may touch a country as far as that is known to go, and none of its regions: it is
        the nearest that it would touch first if it were larger.
        """
        touched = self.countries.touched(disc, reach_m)
        for country, layer in self.regions.items():
            if country not in touched:
                continue
            touched |= layer.touched(disc, reach_m) or layer.nearest(disc, reach_m)
            if country not in self.strays.touched(disc, reach_m):
                touched.remove(country)
        return touched

    def _is_drawn(self, code: str) -> bool:
        country, _, region = code.partition("-")
        if region:
            layer = self.regions.get(country)
            return layer is not None and code in layer.codes
        return code in self.countries.codes


def _is_wanted(code: str, wanted: set[str]) -> bool:
    return code in wanted or code.partition("-")[0] in wanted


def _may_be_wanted(code: str, wanted: set[str]) -> bool:
    """A country that is touched where no region is drawn may be any of them."""
    return any(one.startswith(f"{code}-") for one in wanted)


def _could_hold(code: str, touched: Iterable[str], drawn: Iterable[str]) -> bool:
    """Whether an undrawn code may lie where these are touched: a region only in its own country, a
    country that is not drawn anywhere."""
    country, _, region = code.partition("-")
    if region and country in drawn:
        return any(one.partition("-")[0] in (country, DISPUTED) for one in touched)
    return True


def _layer(shapes: dict[str, MultiPolygon], accuracy_m: float) -> Layer:
    codes = tuple(shapes)
    pieces = [edge_pieces(shape) for shape in shapes.values()]
    parts = [list(shape.geoms) for shape in shapes.values()]
    flat = np.array([part for group in parts for part in group], dtype=object)
    shapely.prepare(flat)
    return Layer(
        accuracy_m,
        codes,
        index_edges(pieces),
        np.repeat(np.arange(len(codes)), [len(run) for run in pieces]),
        flat,
        np.repeat(np.arange(len(codes)), [len(group) for group in parts]),
        shapely.STRtree(flat),
    )


@lru_cache(maxsize=1)
def shipped_territories() -> Territories:
    """The boundaries that travel with the engine, read once; raises `TerritoryFileError`."""
    layers = with_disputes(read_layers(BOUNDARIES))
    countries = layers[COUNTRIES]
    regions = {country: _layer(layers[name], ACCURACY_M[name]) for country, name in REGIONS_OF.items()}
    strays = {country: _strays(countries[country], layer) for country, layer in regions.items()}
    accuracy_m = ACCURACY_M[COUNTRIES]
    return Territories(_layer(countries, accuracy_m), regions, _layer(strays, accuracy_m))


def _strays(country: MultiPolygon, regions: Layer) -> MultiPolygon:
    """The parts of a country that are not some region's as well, drawn a little differently."""
    apart_deg = (ACCURACY_M[COUNTRIES] + regions.accuracy_m) / M_PER_DEGREE
    parts = shapely.get_parts(country)
    matched, _ = regions.tree.query(parts, predicate="dwithin", distance=apart_deg)
    return MultiPolygon(np.delete(parts, matched).tolist())
