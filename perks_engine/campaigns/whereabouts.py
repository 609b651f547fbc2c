"""The YAML shape of evidence of a location, and what a text about a place amounts to."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.campaigns.catalogue import Attribute
from perks_engine.campaigns.countries import COUNTRY, REGION
from perks_engine.campaigns.points import PointShape
from perks_engine.campaigns.quantities import DISTANCE_EXPECTED, DISTANCE_PATTERN, distance_m
from perks_engine.campaigns.reader import Reader, Schema, Shape
from perks_engine.campaigns.shapes import (
    ByKind,
    Code,
    Field,
    ListOf,
    Record,
    Text,
)
from perks_engine.campaigns.yaml_source import Node, Scalar
from perks_engine.domain.evidence import Evidence, Location
from perks_engine.domain.geography import Atlas, Disc
from perks_engine.domain.phrase import Verbatim, phrase, word

_log = logging.getLogger(__name__)

RADIUS = Text(DISTANCE_EXPECTED, DISTANCE_PATTERN, build=distance_m)
POINT = PointShape()
TEXT = Text(phrase("a place in words"), longest=200)

WIDENED_BY = 2.5
"""A device reports the radius that holds the truth in 68 % of cases; for a circular normal error
2.47 times that holds it in 99.9 % (Rayleigh distribution: sqrt(ln 1000 / ln(1/0.32)))."""


def locate(text: str, atlas: Atlas) -> Location:
    """What a text can say: the extent of the one place it names, or how many places it could name; what
    cannot be looked up, because a geocoder does not answer, names none."""
    try:
        places = atlas.places(text)
    except ConnectionError as error:
        # What the error says may quote the place that somebody wrote.
        _log.warning("the geocoder does not answer: %s", type(error.__cause__ or error).__name__)
        places = ()
    if len(places) != 1:
        return Location(text=text, candidates=len(places))
    place = places[0]
    return Location(place.disc(), place.country, place.region, text=text, candidates=1)


@dataclass(frozen=True, slots=True)
class LocationShape:
    """`{device: [lat, lon], radius: 30 m}`, `{claimed: New York City}`, or a list of such.

    `radius` holds the truth; `accuracy` is what a device reports (68 %) and is widened. A device
    that gives neither is written as it is: its disc has no radius.
    """

    attribute: Attribute
    atlas: Atlas
    instant: Shape
    undated: datetime

    def _one(self) -> Record:
        address = Record(
            (
                Field("country", COUNTRY, phrase("ISO 3166-1 alpha-2")),
                Field("region", REGION, phrase("ISO 3166-2")),
                Field(
                    "postal_code",
                    Code(phrase("a postal code"), r"^[0-9A-Za-z][0-9A-Za-z -]{0,9}$"),
                    phrase("as written locally"),
                ),
                Field("point", POINT, phrase("[latitude, longitude]")),
                Field("text", TEXT, phrase("the address in words")),
            ),
            at_least_one=("country", "region", "postal_code", "point", "text"),
        )
        value = ByKind(
            phrase("[latitude, longitude], a text or an address"), scalar=TEXT, items=POINT, fields=address
        )
        return Record(
            (
                *(
                    Field(source, value, phrase("what {source} says", source=word(source)))
                    for source in self.attribute.sources
                ),
                Field("radius", RADIUS, phrase("how far off the point may be")),
                Field("accuracy", RADIUS, phrase("the radius that a device reports, right in 68 % of cases")),
                Field("observed_at", self.instant, phrase("when it was seen")),
            ),
            groups=(self.attribute.sources, ("?radius", "accuracy")),
            build=self._evidence,
        )

    def schema(self) -> Schema:
        return {"anyOf": [self._one().schema(), ListOf(self._one()).schema()]}

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        if isinstance(node, Scalar):
            such = Verbatim("{device: [40.7, -73.9], radius: 30 m}")
            return reader.found(node, path, phrase("a location such as {such}", such=such))
        return ListOf(self._one(), or_one=True).read(node, path, reader)

    def _evidence(self, **given: Any) -> Evidence:
        source = next(name for name in self.attribute.sources if given[name] is not None)
        observed_at = given["observed_at"] or self.undated
        return Evidence(self.attribute.name, self._location(given[source], given), source, observed_at)

    def _location(self, value: Any, given: dict[str, Any]) -> Location:
        radius_m = given["radius"] or (given["accuracy"] * WIDENED_BY if given["accuracy"] else None)
        if isinstance(value, str):
            return locate(value, self.atlas)
        if isinstance(value, tuple):
            return Location(Disc(float(value[0]), float(value[1]), radius_m))
        point = value["point"]
        disc = Disc(float(point[0]), float(point[1]), radius_m) if point else None
        text: str | None = value["text"]
        region: str | None = value["region"]
        country = value["country"] or (region.partition("-")[0] if region else None)
        if text and disc is None and not (country or value["postal_code"]):
            return locate(text, self.atlas)
        return Location(disc, country, region, value["postal_code"], text)
