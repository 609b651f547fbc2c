"""The YAML shape of a condition on location: an area, a circle, a territory or postal codes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perks_engine.campaigns.catalogue import Attribute, max_age_by
from perks_engine.campaigns.countries import COUNTRY
from perks_engine.campaigns.points import PointShape
from perks_engine.campaigns.problems import did_you_mean
from perks_engine.campaigns.quantities import DISTANCE_EXPECTED, DISTANCE_PATTERN, distance_m
from perks_engine.campaigns.reader import (
    FAILED,
    Failed,
    Reader,
    Schema,
    Words,
    all_of,
    listed,
    one_of,
)
from perks_engine.campaigns.shapes import (
    ByKind,
    Code,
    Field,
    ListOf,
    Number,
    Record,
    Text,
    words_of,
)
from perks_engine.campaigns.yaml_source import Fields, Node, Scalar
from perks_engine.domain.evidence import CLAIMED, IP
from perks_engine.domain.geography import AreaRef, Atlas, Circle, Place, Territory, Zone
from perks_engine.domain.judge_location import normal_postal_code
from perks_engine.domain.phrase import Verbatim, phrase
from perks_engine.domain.rules import About, Condition, LocatedIn, PostalCodeIn, is_smaller_than_a_country

DISTANCE = Text(DISTANCE_EXPECTED, DISTANCE_PATTERN, build=distance_m)
POINT = PointShape(Number(-180, 180))
PLACE_NAME = Text(phrase("the name of a place, with its state or country"), longest=120)
POSTAL_CODE = Code(
    phrase("a postal code, or its beginning and *, such as 10001 or 100*"),
    r"^[0-9A-Za-z][0-9A-Za-z -]{0,9}\*?$",
)

US_POSTAL_CODE = r"[0-9]{5}(-?[0-9]{4})?|[0-9]{1,5}\*|[0-9]{5}-[0-9]{0,3}\*"
LARGEST_CIRCLE_M = 2_000_000.0

ZONE_FIELDS = (
    Field(
        "inside", PLACE_NAME, phrase("an area file (areas/nyc_boroughs), or a place with a known boundary")
    ),
    Field("within", DISTANCE, phrase("the radius of a circle, such as 25 mi")),
    Field(
        "of",
        ByKind(phrase("a place, or [latitude, longitude]"), scalar=PLACE_NAME, items=POINT),
        phrase("the centre of the circle"),
    ),
    Field("region", ListOf(PLACE_NAME, or_one=True), phrase("regions, such as US-NY or New Jersey")),
    Field("country", ListOf(COUNTRY, or_one=True), phrase("countries, such as US")),
    Field(
        "postal_code", ListOf(POSTAL_CODE, or_one=True), phrase("postal codes, or beginnings such as 100*")
    ),
    Field("postal_country", COUNTRY, phrase("the country of the postal codes; US if left out")),
)
"""How a file names an area: exactly one of `ZONE_GROUP`, with what it needs beside it."""
ZONE_GROUP = ("inside", "within", "region", "country", "postal_code")
ZONE_NEEDS = (("within", "of"), ("of", "within"), ("postal_country", "postal_code"))


@dataclass(frozen=True, slots=True)
class WhereShape:
    """Reads `location:`; names of places are looked up here, so that an ambiguous one never gets further."""

    attribute: Attribute
    atlas: Atlas

    def _record(self) -> Record:
        source = words_of(self.attribute.sources)
        return Record(
            (
                *ZONE_FIELDS,
                Field("accept", ListOf(source, or_one=True), phrase("the sources that count")),
                Field(
                    "max_age",
                    max_age_by(self.attribute.sources),
                    phrase("how old the evidence may be, for all sources or for each"),
                ),
            ),
            groups=(ZONE_GROUP,),
            needs=ZONE_NEEDS,
        )

    def schema(self) -> Schema:
        return self._record().schema()

    def read(self, node: Node, path: str, reader: Reader) -> Any:
        given = self._record().read(node, path, reader)
        if given is FAILED or not isinstance(node, Fields):
            return FAILED
        ages = given["max_age"]
        accept = self.attribute.accept(
            given["accept"], {"": ages} if ages and not isinstance(ages, dict) else ages
        )
        about = About(self.attribute.name, self.attribute.title, shown=self.attribute.shown, accept=accept)
        condition = self.condition(node, given, about, path, reader)
        if condition is not FAILED and not self._sources_suffice(condition, node, path, reader):
            return FAILED
        return condition

    def condition(
        self, node: Fields, given: Mapping[str, Any], about: About, path: str, reader: Reader
    ) -> Any:
        """The condition for an area given by `ZONE_FIELDS`, or `FAILED`."""
        if given["postal_code"]:
            return self._postal(node, given, about, path, reader)
        zone = self._zone(node, given, path, reader)
        return FAILED if zone is FAILED else LocatedIn(about, zone)

    def _sources_suffice(self, condition: Condition, node: Fields, path: str, reader: Reader) -> bool:
        if isinstance(condition, LocatedIn) and not is_smaller_than_a_country(condition.zone):
            return True
        weak = [source for source in condition.about.accept.sources if source in (CLAIMED, IP)]
        if not weak:
            return True
        reader.fault(
            node.get("accept") or node,
            f"{path}.accept",
            phrase(
                "{sources} cannot place anybody in something smaller than a country", sources=all_of(weak)
            ),
            phrase("device or verified_address"),
        )
        return False

    def _postal(
        self, node: Fields, given: Mapping[str, Any], about: About, path: str, reader: Reader
    ) -> Condition | Any:
        country = given["postal_country"] or "US"
        for code in given["postal_code"]:
            if country == "US" and not re.fullmatch(US_POSTAL_CODE, code):
                return reader.fault(
                    _child(node, "postal_code"),
                    f"{path}.postal_code",
                    phrase("'{code}' is no postal code of the US", code=Verbatim(code)),
                    phrase("five digits, or fewer and *, such as 10001 or 100*"),
                )
        codes = [normal_postal_code(code) for code in given["postal_code"] if not code.endswith("*")]
        prefixes = [normal_postal_code(code[:-1]) for code in given["postal_code"] if code.endswith("*")]
        return PostalCodeIn(about, country, tuple(sorted(codes)), tuple(sorted(prefixes)))

    def _zone(self, node: Fields, given: Mapping[str, Any], path: str, reader: Reader) -> Any:
        if given["country"]:
            return Territory(given["country"], " or ".join(given["country"]))
        if given["region"]:
            return self._regions(node, given["region"], path, reader)
        if given["inside"]:
            return self._inside(_child(node, "inside"), given["inside"], f"{path}.inside", reader)
        return self._circle(node, given, path, reader)

    def _regions(self, node: Fields, names: tuple[str, ...], path: str, reader: Reader) -> Any:
        found: list[Place] = []
        for name in names:
            places = self._places(_child(node, "region"), name, f"{path}.region", reader)
            if places is None:
                return FAILED
            regions = [place for place in places if place.kind == "region"]
            if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", name):
                regions = [place for place in regions if place.region == name]
            if len(regions) != 1:
                unknown = phrase("'{name}' is no known region", name=Verbatim(name))
                several = phrase(
                    "'{name}' fits several regions: {places}", name=Verbatim(name), places=_listed(regions)
                )
                wanted = phrase("a region such as US-NY or New Jersey")
                return reader.fault(
                    _child(node, "region"), f"{path}.region", several if regions else unknown, wanted
                )
            found.append(regions[0])
        codes = tuple(place.region or place.country for place in found)
        return Territory(codes, " or ".join(place.name for place in found))

    def _inside(self, node: Node, name: str, path: str, reader: Reader) -> Any:
        area = self._area(node, name, path, reader)
        if area is not None:
            return area
        if name.startswith("areas/"):
            known = self.atlas.area_names()
            expected = one_of(known) if known else phrase("an area file below rules/areas")
            missing = phrase("there is no area '{name}'", name=Verbatim(name))
            return reader.fault(node, path, missing, expected, did_you_mean(name, known))
        place = self._only_place(node, name, path, reader)
        return FAILED if place is None else self._boundary_of(node, place, path, reader)

    def _boundary_of(self, node: Node, place: Place, path: str, reader: Reader) -> Zone | Any:
        if place.area is not None:
            area = self._area(node, place.area, path, reader)
            if area is not None:
                return area
        if place.kind == "country":
            return Territory((place.country,), place.name)
        if place.kind == "region" and place.region is not None:
            return Territory((place.region,), place.name)
        return reader.fault(
            node,
            path,
            phrase("no boundary is known for {place}", place=Verbatim(place.qualified_name)),
            phrase("an area file below rules/areas, or a circle"),
            phrase("write {words}", words=Verbatim(f"within: 25 mi, of: {place.qualified_name}")),
        )

    def _circle(self, node: Fields, given: Mapping[str, Any], path: str, reader: Reader) -> Any:
        radius_m: float = given["within"]
        centre = given["of"]
        if not 0 < radius_m <= LARGEST_CIRCLE_M:
            expected = phrase("more than nothing and at most {most} km", most=LARGEST_CIRCLE_M / 1000)
            return reader.fault(
                _child(node, "within"),
                f"{path}.within",
                phrase("the circle has an impossible size"),
                expected,
            )
        said = _text(node, "within")
        if isinstance(centre, tuple):
            lat, lon = centre
            if not -90 <= lat <= 90:
                return reader.fault(
                    _child(node, "of"),
                    f"{path}.of",
                    phrase("the latitude {degrees} is out of range", degrees=Verbatim(lat)),
                    phrase("[latitude, longitude]"),
                    phrase("did you swap them?"),
                )
            if (lat, lon) == (0, 0):
                return reader.fault(
                    _child(node, "of"),
                    f"{path}.of",
                    phrase("the point [0, 0] is what broken devices report for nowhere"),
                    phrase("the point that is meant"),
                )
            return Circle(float(lat), float(lon), radius_m, f"{said} around {lat}, {lon}")
        place = self._only_place(_child(node, "of"), centre, f"{path}.of", reader)
        if place is None:
            return FAILED
        if place.kind in ("country", "region"):
            return self._no_centre(_child(node, "of"), place, centre, f"{path}.of", reader)
        return Circle(place.lat, place.lon, radius_m, f"{said} around {place.qualified_name}")

    def _no_centre(self, node: Node, territory: Place, name: str, path: str, reader: Reader) -> Any:
        """The middle of a state is nobody's idea of where it is: `25 mi of NY` means New York City."""
        code = territory.region or territory.country
        cities = [place for place in self.atlas.places(territory.name) if place.kind == "city"]
        words = Verbatim(f"{territory.kind}: {code}")
        hint = phrase("write {words}", words=words)
        if cities:
            hint = phrase("write {words}, or of: {places}", words=words, places=_listed(cities))
        named: dict[str, str] = {"name": Verbatim(name), "territory": Verbatim(territory.name)}
        is_region = territory.kind == "region"
        return reader.fault(
            node,
            path,
            phrase("'{name}' is the region {territory}, which is no centre of a circle", **named)
            if is_region
            else phrase("'{name}' is the country {territory}, which is no centre of a circle", **named),
            phrase("a city, a postal code or [latitude, longitude]"),
            hint,
        )

    def _only_place(self, node: Node, name: str, path: str, reader: Reader) -> Place | None:
        places = self._places(node, name, path, reader)
        if places is None:
            return None
        if len(places) == 1:
            return places[0]
        if places:
            reader.fault(
                node,
                path,
                phrase("'{name}' fits several places", name=Verbatim(name)),
                phrase("one place, with its state or country"),
                phrase("did you mean {places}?", places=_listed(places)),
            )
        else:
            reader.fault(
                node,
                path,
                phrase("no place is called '{name}'", name=Verbatim(name)),
                phrase("a place, with its state or country"),
                self._meant_place(name),
            )
        return None

    def _meant_place(self, name: str) -> Words:
        """An area of nearly that name; else what is called so elsewhere than the text says."""
        if near := did_you_mean(name, self.atlas.area_names()):
            return near
        elsewhere = self.atlas.places(name.partition(",")[0]) if "," in name else ()
        return phrase("did you mean {places}?", places=_listed(elsewhere)) if elsewhere else ""

    def _area(self, node: Node, name: str, path: str, reader: Reader) -> AreaRef | Failed | None:
        """The area of that name, or None; `FAILED` where its file is faulty."""
        try:
            return self.atlas.area(name)
        except ValueError as error:
            return reader.fault(node, path, str(error))

    def _places(self, node: Node, name: str, path: str, reader: Reader) -> Sequence[Place] | None:
        """What the name may mean; None where the geocoder that would know does not answer."""
        try:
            return self.atlas.places(name)
        except ConnectionError as error:
            expected = phrase("a place that is known without a geocoder, or a geocoder that answers")
            unanswered = phrase("'{name}' could not be looked up", name=Verbatim(name))
            reader.fault(node, path, unanswered, expected, quoted=str(error))
            return None


def _child(node: Fields, name: str) -> Node:
    return node.get(name) or node


def _text(node: Fields, name: str) -> str:
    child = node.get(name)
    return child.text if isinstance(child, Scalar) else ""


def _listed(places: Sequence[Place]) -> Words:
    shown = listed(f"'{place.qualified_name}'" for place in places[:5])
    more = len(places) - 5
    return phrase("{names} or {more} more", names=shown, more=more) if more > 0 else shown
