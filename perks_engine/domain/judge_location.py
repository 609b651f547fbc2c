"""How evidence of a location meets a condition on a zone or a postal code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perks_engine.domain.evidence import CLAIMED, IP, Evidence, Location
from perks_engine.domain.geography import Atlas, Position, Territory
from perks_engine.domain.judge_values import Finding, invalid, only_said
from perks_engine.domain.phrase import Phrase, phrase, said
from perks_engine.domain.rules import LocatedIn, PostalCodeIn, is_smaller_than_a_country
from perks_engine.domain.verdict import Mark
from perks_engine.domain.words import codes_in_words, distance_in_words, zone_in_words

WEAK_SOURCES = (CLAIMED, IP)
"""They may place somebody in a country, never in anything smaller."""


def judge_location(condition: LocatedIn, fact: Evidence, atlas: Atlas) -> Finding:
    location = fact.value
    if not isinstance(location, Location):
        return invalid(condition.about.title)
    zone = condition.zone
    if fact.source in WEAK_SOURCES and is_smaller_than_a_country(zone):
        return Finding(
            Mark.UNKNOWN,
            "source_not_accepted",
            only_said(fact.source),
            phrase("Share a location that is measured or verified."),
        )
    if isinstance(zone, Territory):
        named = _judge_named_territory(zone, location)
        if named is not None:
            return named
    if location.disc is None:
        return _without_a_disc(location)
    if not location.disc.is_sound():
        return Finding(
            Mark.UNKNOWN,
            "imprecise",
            phrase("a location without a usable precision"),
            phrase("Share your location again, with its accuracy."),
        )
    placement = atlas.relate(location.disc, zone)
    found = _DISC_FINDINGS[placement.position]
    words = {"zone": zone_in_words(zone), "radius": distance_in_words(location.disc.radius_m or 0)}
    if placement.edge_m is None:
        actual = phrase(found.without_distance, **words)
    else:
        actual = phrase(found.actual, **words, distance=distance_in_words(placement.edge_m))
    change = phrase(found.change, **words) if found.change else None
    return Finding(found.mark, found.code, actual, change, placement.edge_m)


@dataclass(frozen=True, slots=True)
class _DiscFinding:
    """What is said of a disc in one position, with and without a measured distance."""

    mark: Mark
    code: str
    actual: str
    without_distance: str
    change: str = ""


_DISC_FINDINGS = {
    Position.INSIDE: _DiscFinding(
        Mark.MET, "inside", said("inside {zone}, {distance} from its edge"), said("inside {zone}")
    ),
    Position.OUTSIDE: _DiscFinding(
        Mark.NOT_MET,
        "outside",
        said("outside {zone}, {distance} from its edge"),
        said("outside {zone}"),
        said("Only a location inside {zone} would do."),
    ),
    Position.CROSSES: _DiscFinding(
        Mark.UNKNOWN,
        "near_edge",
        said("{distance} from the edge of {zone}, known to {radius}: it could be either side"),
        said("near the edge of {zone}, known to {radius}: it could be either side"),
        said("A location known more exactly would settle it."),
    ),
    Position.UNDECIDABLE: _DiscFinding(
        Mark.UNKNOWN,
        "undecidable",
        said("a point, where an address is needed"),
        said("a point, where an address is needed"),
        said("A verified address that names the region would settle it."),
    ),
}


def _judge_named_territory(zone: Territory, location: Location) -> Finding | None:
    """What the address itself says, or None where it says nothing of this kind."""
    change = phrase("Only an address in {zone} would do.", zone=zone_in_words(zone))
    outcomes: set[bool | None] = set()
    for code in zone.codes:
        outcomes.add(lies_in(code, location.country, location.region))
    named = phrase("an address in {named}", named=location.region or location.country or "")
    if True in outcomes:
        return Finding(Mark.MET, "inside", named)
    if outcomes == {False}:
        return Finding(Mark.NOT_MET, "outside", named, change)
    return None


def lies_in(code: str, in_country: str | None, in_region: str | None) -> bool | None:
    """Whether an address in this country and region lies in the territory, as far as it says so."""
    country, _, region = code.partition("-")
    if in_country is not None and in_country != country:
        return False
    if region:
        return None if in_region is None else in_region == code
    return None if in_country is None else True


def _without_a_disc(location: Location) -> Finding:
    if location.candidates is not None and location.candidates > 1:
        return Finding(
            Mark.UNKNOWN,
            "ambiguous",
            phrase(
                "“{text}”, which {count} places are called",
                text=location.text or "",
                count=location.candidates,
            ),
            phrase("Name the state and the country as well."),
        )
    return Finding(
        Mark.UNKNOWN,
        "unresolved",
        phrase("an address that could not be placed"),
        phrase("Share your location by device, or correct the address."),
    )


def judge_postal_code(condition: PostalCodeIn, fact: Evidence) -> Finding:
    location = fact.value
    if not isinstance(location, Location):
        return invalid(condition.about.title)
    change = phrase("Only an address with the postal code {codes} would do.", codes=codes_in_words(condition))
    if fact.source in WEAK_SOURCES:
        return Finding(
            Mark.UNKNOWN,
            "source_not_accepted",
            only_said(fact.source),
            phrase("Verify your postal address."),
        )
    if location.country is not None and location.country != condition.country:
        return Finding(Mark.NOT_MET, "outside", _address(location), change)
    code = normal_postal_code(location.postal_code or "")
    if not code or location.country is None:
        return Finding(
            Mark.UNKNOWN,
            "no_postal_code",
            phrase("an address without a postal code and country"),
            phrase("Give an address with its postal code."),
        )
    if condition.country == "US" and not re.fullmatch(r"[0-9]{5}([0-9]{4})?", code):
        return invalid(condition.about.title)
    full = code[:5] if condition.country == "US" else code
    if full in condition.codes or code in condition.codes or any(map(code.startswith, condition.prefixes)):
        return Finding(Mark.MET, "inside", _address(location))
    return Finding(Mark.NOT_MET, "outside", _address(location), change)


def normal_postal_code(text: str) -> str:
    """Upper case, without spaces and dashes: `k1a 0b1` is `K1A0B1`, `10001-1234` is `100011234`."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def _address(location: Location) -> Phrase:
    return phrase(
        "an address in {code} {country}", code=location.postal_code or "", country=location.country or "?"
    )
