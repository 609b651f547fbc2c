"""The gazetteer: what a text about a place may mean, with no network."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from perks_engine.domain.geography import Place
from perks_engine.places.gazetteer_build import ONLY, OTHER, OWN, GazetteerError
from perks_engine.places.gazetteer_file import default_folder, open_gazetteer
from perks_engine.places.geodesy import great_circle_m
from perks_engine.places.names import folded

LONGEST_TEXT = 200
MOST_PARTS = 6
MOST_REMEMBERED = 10_000

MUCH_BIGGER = 10
"""A city that merely goes by a name counts beside those called so only when it has that many times the
people of the biggest of them: `Londres` may mean London, `Manhattan` does not mean all of New York."""

DWARFED = 50
"""A city with less than this part of a region's or country's people does not make that one's name
ambiguous: `California` is the state, but `New York` is the state or the city."""

POSTAL_CODE = re.compile(r"(?:(?P<before>.*?)[\s,]+)?(?P<code>\d{5})(?:-\d{4})?(?:[\s,]+(?P<after>\D.*))?")

Scope = tuple[str, str | None]
"""A country, or a region in it."""


class Gazetteer:
    """Looks names up in a file that is built at the first look-up that needs it.

    The file lies in `folder`, else in the user's cache. Safe for any number of threads. Raises
    `GazetteerError` where it cannot be built or read: a missing gazetteer is never a skipped check.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._connection: sqlite3.Connection | None = None
        self._scopes: dict[str, frozenset[Scope]] = {}
        self._lock = Lock()
        self._remembered = lru_cache(MOST_REMEMBERED)(self._look_up)

    def places(self, text: str) -> tuple[Place, ...]:
        """Every place that the text may mean, the one with most people first; none where it means nothing.

        A text is a place, then what it lies in, with commas or without: `Newark NJ`, `Newark, New Jersey,
        USA`, `London, Ontario`, `Newark, US-NJ`. What contradicts itself is nothing: `New York, NJ`. A
        code (`NY`, `CA`) is a region or country and never a city. US postal codes stand alone, or after
        the city or state they lie in. Addresses with streets are for a geocoder.
        """
        if len(text) > LONGEST_TEXT:
            return ()
        return self._remembered(" ".join(text.split()))

    def about(self) -> dict[str, str]:
        """The version, hashes, count and attribution of the place data."""
        with self._opened() as connection:
            return dict(connection.execute("SELECT name, value FROM meta").fetchall())

    def close(self) -> None:
        """Lets go of the file; the next look-up opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def scopes(self, text: str) -> frozenset[Scope]:
        """The countries and regions that a text names: by name, by code, or as `FR-84` by GeoNames' own
        first-level code, where no ISO one is known."""
        with self._opened():
            name = folded(text)
        known = self._scopes.get(name)
        if known is not None:
            return known
        country, _, region = name.partition(" ")
        if region and len(country) == 2 and (country.upper(), None) in self._scopes.get(country, ()):
            return frozenset({(country.upper(), f"{country}-{region}".upper())})
        return frozenset()

    def _look_up(self, text: str) -> tuple[Place, ...]:
        if (match := POSTAL_CODE.fullmatch(text)) is not None:
            return self._postal(match["code"], match["before"] or "", match["after"] or "")
        parts = [part for part in text.split(",") if folded(part)]
        if not parts or len(parts) > MOST_PARTS:
            return ()
        found = self._resolve(folded(parts[0]), [self.scopes(part) for part in parts[1:]])
        return tuple(sorted(found, key=lambda place: (-place.population, place.place_id)))

    def _postal(self, code: str, before: str, after: str) -> tuple[Place, ...]:
        """A US postal code, unless what stands around it says that it is elsewhere."""
        found = self._named(code, ONLY)
        if after:
            found = _within(found, [self.scopes(part) for part in after.split(",") if folded(part)])
        if before and (scope := self.scopes(before)):
            return tuple(_within(found, [scope]))
        if before:
            around = self.places(before)
            found = [place for place in found if any(_may_hold(city, place) for city in around)]
        return tuple(found)

    def _resolve(self, name: str, scopes: Sequence[frozenset[Scope]]) -> list[Place]:
        found = _within(self._called(name, scopes), scopes)
        if found:
            return _without_dwarfed(found, bool(scopes))
        words = name.split()
        for cut in range(1, len(words)):
            # The longest ending first: `Newark New Jersey` does not lie in Jersey.
            scope = self.scopes(" ".join(words[cut:]))
            if scope and (found := self._resolve(" ".join(words[:cut]), [scope, *scopes])):
                return found
        return []

    def _called(self, name: str, scopes: Sequence[frozenset[Scope]]) -> list[Place]:
        """By a name that means one thing only; else by their own, and by another one where they are so
        big that the text may well mean them."""
        only = self._named(name, ONLY)
        if only:
            return only
        own = _within(self._named(name, OWN), scopes)
        biggest = max((place.population for place in own), default=0)
        others = _within(self._named(name, OTHER), scopes)
        known = {place.place_id for place in own}
        return own + [
            place
            for place in others
            if place.place_id not in known and (not own or place.population > MUCH_BIGGER * biggest)
        ]

    def _named(self, name: str, rank: int) -> list[Place]:
        query = "SELECT p.* FROM name n JOIN place p ON p.id = n.id WHERE n.folded = ? AND n.rank = ?"
        with self._opened() as connection:
            return [_place(row) for row in connection.execute(query, (name, rank))]

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        """For one statement of one thread at a time; raises `GazetteerError`."""
        with self._lock:
            try:
                yield self._open()
            except sqlite3.Error as error:
                folder = self._folder or default_folder()
                raise GazetteerError(
                    f"the gazetteer in {folder} cannot be read: {error}; remove it, and it is built anew"
                ) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = open_gazetteer(self._folder)
            scopes: dict[str, set[Scope]] = {}
            for name, country, region in self._connection.execute(
                "SELECT folded, country, region FROM scope"
            ):
                scopes.setdefault(name, set()).add((country, region))
            self._scopes = {name: frozenset(found) for name, found in scopes.items()}
        return self._connection


def _within(places: Iterable[Place], scopes: Sequence[frozenset[Scope]]) -> list[Place]:
    """What lies in all of them. Nothing lies in itself where something smaller is meant by the same words:
    `New York, NY` is the city."""
    found = [place for place in places if all(_lies_in(place, scope) for scope in scopes)]
    named = frozenset[Scope]().union(*scopes)
    smaller = [place for place in found if place.kind == "city" or (place.country, place.region) not in named]
    return smaller or found


def _lies_in(place: Place, scope: frozenset[Scope]) -> bool:
    return any(place.country == country and region in (None, place.region) for country, region in scope)


def _may_hold(city: Place, code: Place) -> bool:
    if city.kind != "city":
        return _lies_in(code, frozenset({(city.country, city.region)}))
    if city.country != code.country or (city.region and code.region and city.region != code.region):
        return False
    return great_circle_m(city.lat, city.lon, code.lat, code.lon) <= city.extent_m + code.extent_m


def _without_dwarfed(found: Sequence[Place], in_a_scope: bool) -> list[Place]:
    """Without cities that a region or country of the same name dwarfs, or that are a country themselves
    (Singapore). Of places in a scope, only those in the same country: `Ontario, CA` stays two places."""
    territories = [place for place in found if place.kind in ("country", "region")]

    def is_dwarfed(city: Place) -> bool:
        return city.kind == "city" and any(
            (city.country == one.country or not in_a_scope)
            and (
                city.population * DWARFED < one.population
                or (
                    one.kind == "country"
                    and one.country == city.country
                    and city.population * 2 >= one.population
                )
            )
            for one in territories
        )

    return [place for place in found if not is_dwarfed(place)]


def _place(row: Iterable[Any]) -> Place:
    return Place(*row)
