"""What tests of places stand on: a rule as a campaign file says it, and distances by geographiclib alone."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from geographiclib.geodesic import Geodesic

from perks_engine.campaigns.campaign_file import CampaignReader
from perks_engine.campaigns.catalogue import builtin_catalogue
from perks_engine.campaigns.examples import run_examples
from perks_engine.domain.evidence import Evidence, Person
from perks_engine.domain.explain import explain
from perks_engine.domain.geography import Atlas
from perks_engine.domain.reasons import Reason

NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)

CAMPAIGN = """\
campaign: somewhere
brand: example-brand
title: For people in one place
perk: {{kind: item, name: Sample, fair_market_value: 10.00 USD, quantity: 1, per_person: 1, reservation: 48h}}
window: {{opens: 2026-12-01T09:00-05:00, closes: 2026-12-15T23:59-05:00}}
eligibility:
  location: {where}
disclosure: {{connection: received_item, instruct: templates/messages/disclosure_gift}}
promotion: {{allowed: false}}
examples:
  - {{name: somebody, at: 2026-12-02T12:00Z, person: {{location: {location}}}, verdict: unknown}}
"""


def ask(atlas: Atlas, where: str, location: str) -> Reason:
    """What a campaign with `location: WHERE` says at noon of a person with `location: LOCATION`, both as
    YAML; raises `FileProblemsError` where the file is refused."""
    file = _reader(atlas).read(CAMPAIGN.format(where=where, location=location).encode(), "somewhere.yaml")
    [result] = run_examples(file, atlas)
    return result.reason


def weigh(atlas: Atlas, where: str, *facts: Evidence) -> Reason:
    """The same for evidence that no file could hold."""
    text = CAMPAIGN.format(where=where, location="{claimed: nowhere}")
    rule = _reader(atlas).read(text.encode(), "somewhere.yaml").campaign.eligibility
    return explain(rule, Person("somebody", facts), NOON, atlas)


def _reader(atlas: Atlas) -> CampaignReader:
    return CampaignReader(builtin_catalogue(), atlas, {"templates/messages/disclosure_gift": ""})


Point = tuple[float, float]
"""Longitude and latitude, as in GeoJSON."""


def metres(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """The WGS 84 geodesic distance, straight from geographiclib."""
    return float(Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2, Geodesic.DISTANCE)["s12"])


def walk(lat: float, lon: float, azimuth: float, distance_m: float) -> tuple[float, float]:
    """Latitude and longitude of where one arrives."""
    end = Geodesic.WGS84.Direct(lat, lon, azimuth, distance_m)
    return float(end["lat2"]), float(end["lon2"])


def metres_to_ring(lat: float, lon: float, ring: Sequence[Point]) -> float:
    """The least distance to straight lines in longitude and latitude, by trying points on each of them."""
    edges = list(pairwise(ring))
    tried = [[_metres_to(lat, lon, edge, step / TRIES) for step in range(TRIES + 1)] for edge in edges]
    nearest = min(map(min, tried))
    # Between two tries an edge comes no nearer than by the way from one to the other, and some to spare.
    return min(
        _least_metres(lat, lon, edge, distances.index(min(distances)))
        for edge, distances in zip(edges, tried, strict=True)
        if min(distances) - 2 * metres(*edge[0][::-1], *edge[1][::-1]) / TRIES <= nearest
    )


TRIES = 24

Edge = tuple[Point, Point]


def _metres_to(lat: float, lon: float, edge: Edge, share: float) -> float:
    lon2, lat2 = (edge[0][axis] + share * (edge[1][axis] - edge[0][axis]) for axis in (0, 1))
    return metres(lat, lon, lat2, lon2)


def _least_metres(lat: float, lon: float, edge: Edge, best: int) -> float:
    """By golden section around the try that was best."""

    def at(share: float) -> float:
        return _metres_to(lat, lon, edge, share)

    low, high = max(0.0, (best - 1) / TRIES), min(1.0, (best + 1) / TRIES)
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = at(left), at(right)
    for _ in range(34):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = at(right)
    return min(at_left, at_right, at(0), at(1))


def is_in_ring(lat: float, lon: float, ring: Sequence[Point]) -> bool:
    """By the count of crossings of a ray to the east."""
    inside = False
    for (lon1, lat1), (lon2, lat2) in pairwise(ring):
        if (lat1 > lat) != (lat2 > lat) and lon < lon1 + (lat - lat1) / (lat2 - lat1) * (lon2 - lon1):
            inside = not inside
    return inside
