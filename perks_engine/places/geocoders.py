"""A geocoder that an operator configures, for texts that the gazetteer does not know.

Any of geopy's will do. All candidates are asked for and none is taken on trust: a candidate in
another state or country than the text names is dropped, one without sound coordinates too. An
outage is an error, and so is an answer that makes no sense; what could not be looked up stays unknown.
"""

from __future__ import annotations

import difflib
import inspect
import math
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

from geopy.exc import ConfigurationError, GeocoderNotFound, GeopyError
from geopy.geocoders import SERVICE_TO_GEOCODER, get_geocoder_for_service

from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.domain.geography import Place
from perks_engine.places.gazetteer_build import country_codes
from perks_engine.places.geodesy import great_circle_m

MOST_CANDIDATES = 10
UNKNOWN_EXTENT_M = 25_000.0
"""The extent of a candidate that comes without a bounding box: a large town's."""


class GeocoderUnavailableError(ConnectionError):
    """The geocoder did not answer, or answered with an error, or with what makes no sense."""


class GeocoderSettingsError(ValueError):
    """A geocoder that cannot be made of what the operator has set."""


class Geocoder:
    """geopy's geocoder `service` (`nominatim`, `pelias`, `photon`, …) with its own `options`.

    Raises `GeocoderSettingsError`. At most one request goes out every `interval_s` seconds from this
    process. `territories` tells which states and countries a part of a text names (the gazetteer's answer).
    `name` tells it from another one, and from itself with other options.
    """

    def __init__(
        self,
        service: str,
        options: Mapping[str, Any],
        territories: Callable[[str], Sequence[Place]],
        interval_s: float = 1.0,
    ) -> None:
        self._geocoder: Any = _geocoder(service, options)
        self._service = service
        self.name = f"{service} {fingerprint(canonical_json(dict(options)))[:16]}"
        self._territories = territories
        self._interval_s = interval_s
        self._lock = Lock()
        self._asked_at = -math.inf

    def places(self, text: str) -> list[Place]:
        """All candidates that agree with the text; raises `GeocoderUnavailableError`."""
        try:
            candidates = [place for hit in self._ask(text) if (place := _place(hit)) is not None]
        except GeopyError as error:
            raise GeocoderUnavailableError(f"the geocoder {self._service} did not answer: {error}") from error
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # Neither geopy nor the readers below promise anything about an answer of another form.
            raise GeocoderUnavailableError(
                f"the geocoder {self._service} answered what makes no sense ({error})"
            ) from error
        for part in text.split(",")[1:]:
            named = [place for place in self._territories(part.strip()) if place.kind != "city"]
            candidates = [place for place in candidates if _agrees(place, named)]
        return candidates

    def _ask(self, text: str) -> Sequence[Any]:
        """geopy's `Location`s."""
        extra = {"addressdetails": True, "limit": MOST_CANDIDATES} if self._service == "nominatim" else {}
        with self._lock:
            time.sleep(max(0.0, self._asked_at + self._interval_s - time.monotonic()))
            self._asked_at = time.monotonic()
            return self._geocoder.geocode(text, exactly_one=False, **extra) or ()


def _geocoder(service: str, options: Mapping[str, Any]) -> Any:
    try:
        return get_geocoder_for_service(service)(**options)
    except GeocoderNotFound as error:
        near = difflib.get_close_matches(service.lower(), SERVICE_TO_GEOCODER, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise GeocoderSettingsError(f"PERKS_GEOCODER: geopy has no geocoder '{service}'{hint}") from error
    except ConfigurationError as error:
        cause = str(error)
        if "user_agent" in cause:
            # The public servers turn away who does not say who they are, and geopy says so at length.
            cause = 'nominatim wants to know who asks; set {"user_agent": "NAME OF YOUR DEPLOYMENT"}'
        raise GeocoderSettingsError(f"PERKS_GEOCODER_OPTIONS: {cause}") from error
    except TypeError as error:
        known = ", ".join(list(inspect.signature(get_geocoder_for_service(service)).parameters))
        cause = str(error).partition("() ")[2] or str(error)
        raise GeocoderSettingsError(
            f"PERKS_GEOCODER_OPTIONS: {service} {cause}; expected some of {known}"
        ) from error


def _agrees(place: Place, named: Sequence[Place]) -> bool:
    if not named:
        return True
    return any(
        place.country == one.country and (one.kind == "country" or place.region in (None, one.region))
        for one in named
    )


def _place(hit: Any) -> Place | None:
    """A candidate as a place; None without sound coordinates or a known country."""
    raw: dict[str, Any] = hit.raw
    properties = raw.get("properties", raw)
    point = _point(hit)
    address = raw.get("address", properties)
    code = address.get("country_code") or address.get("countrycode") or properties.get("country_a")
    country = country_codes().get(str(code).upper())
    if point is None or country is None:
        return None
    region = address.get("ISO3166-2-lvl4")
    return Place(
        place_id=f"geocoder:{properties.get('osm_id') or properties.get('id') or hit.address}",
        name=str(hit.address),
        kind="city",
        country=country,
        region=str(region) if region else None,
        lat=point[0],
        lon=point[1],
        extent_m=_extent_m(raw, *point),
        population=0,
    )


def _point(hit: Any) -> tuple[float, float] | None:
    """Latitude and longitude, where they are sound. The raw numbers of Nominatim and of GeoJSON are read:
    geopy wraps longitudes beyond 180, and takes what is missing for 0."""
    raw: dict[str, Any] = hit.raw
    geometry = raw.get("geometry")
    if "lat" in raw and "lon" in raw:
        given = (raw["lat"], raw["lon"])
    elif isinstance(geometry, dict) and "coordinates" in geometry:
        given = (geometry["coordinates"][1], geometry["coordinates"][0])
    else:
        given = (hit.latitude, hit.longitude)
    if None in given:
        return None
    lat, lon = (float(number) for number in given)
    # NaN is in no range.
    sound = -90 <= lat <= 90 and -180 <= lon <= 180 and (lat, lon) != (0, 0)
    return (lat, lon) if sound else None


def _extent_m(raw: Mapping[str, Any], lat: float, lon: float) -> float:
    """The distance to the farthest corner of the bounding box, in metres; raises `ValueError` where the box
    is none."""
    properties = raw.get("properties", raw)
    if raw.get("boundingbox") is not None:
        south, north, west, east = map(float, raw["boundingbox"])
    elif raw.get("bbox") is not None:
        west, south, east, north = map(float, raw["bbox"])
    elif properties.get("extent") is not None:
        # Photon begins in the north-west.
        west, north, east, south = map(float, properties["extent"])
    else:
        return UNKNOWN_EXTENT_M
    if not (-90 <= south <= north <= 90 and -360 <= west <= 360 and -360 <= east <= 360):
        raise ValueError(f"a box from {south}, {west} to {north}, {east}")
    corners = [(south, west), (south, east), (north, west), (north, east)]
    return max(1.0, *(great_circle_m(lat, lon, *corner) * 1.006 for corner in corners))
