"""What a geocoder answered is kept in the database, for all processes, for a while; whose turn it is too."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect

from perks_engine.domain.geography import Place
from perks_engine.places.gazetteer import Gazetteer
from perks_engine.places.geocoder_memory import NOTHING_KEPT_FOR, RememberingGeocoder
from perks_engine.places.geocoders import Geocoder, GeocoderUnavailableError
from perks_engine.storage.engine import make_engine
from perks_engine.storage.geocodings import SqlGeocodings
from tests.geocoding_server import TERMINAL, GeocodingServer, geocoding_server, hit

NOON = datetime(2026, 12, 2, 12, 0, tzinfo=UTC)
MONTH, SECOND = timedelta(days=30), timedelta(seconds=1)


class Clock:
    """A clock that stands still, but for those who sleep."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept = 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.slept += seconds


@pytest.fixture
def server() -> Iterator[GeocodingServer]:
    with geocoding_server() as made:
        made.answers([hit()])
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(database_url: str) -> Iterator[SqlGeocodings]:
    engine = make_engine(database_url)
    yield SqlGeocodings(engine)
    engine.dispose()


def process(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock, user_agent: str = "tests"
) -> RememberingGeocoder:
    """The geocoder as one of several processes has it."""
    options = {"domain": server.address, "scheme": "http", "user_agent": user_agent, "timeout": 10}
    geocoder = Geocoder("nominatim", options, Gazetteer().places, interval_s=0)
    return RememberingGeocoder(geocoder, memory, MONTH, SECOND, clock, clock.sleep)


def test_a_text_is_asked_once_by_all_processes(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock, database_url: str
) -> None:
    other_engine = make_engine(database_url)
    one = process(server, memory, clock)
    other = process(server, SqlGeocodings(other_engine), clock)
    [place] = one.places(TERMINAL)
    assert (place.name, place.region, place.lat) == ("Example Ferry Terminal", "US-NJ", 40.7349)
    assert list(other.places(f"  {TERMINAL.upper()} ")) == [place]
    assert len(server.asked) == 1
    other_engine.dispose()


def test_an_answer_is_forgotten_after_a_month_and_no_answer_after_a_day(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock
) -> None:
    geocoder = process(server, memory, clock)
    geocoder.places(TERMINAL)
    server.answers([])
    assert list(geocoder.places("Nowhere at all, NJ")) == []
    assert list(geocoder.places("Nowhere at all, NJ")) == []
    assert len(server.asked) == 2

    clock.now += NOTHING_KEPT_FOR
    server.answers([hit()])
    assert len(geocoder.places("Nowhere at all, NJ")) == 1
    geocoder.places(TERMINAL)
    assert len(server.asked) == 3

    clock.now += MONTH
    geocoder.places(TERMINAL)
    assert len(server.asked) == 4


def test_an_outage_is_not_remembered(server: GeocodingServer, memory: SqlGeocodings, clock: Clock) -> None:
    geocoder = process(server, memory, clock)
    server.answers("down", 503)
    with pytest.raises(GeocoderUnavailableError):
        geocoder.places(TERMINAL)
    server.answers([hit()])
    assert len(geocoder.places(TERMINAL)) == 1


def test_another_geocoder_has_answers_of_its_own(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock
) -> None:
    process(server, memory, clock).places(TERMINAL)
    server.answers([hit(lat="40.0")])
    [place] = process(server, memory, clock, user_agent="other tests").places(TERMINAL)
    assert place.lat == 40.0


def test_processes_take_turns_a_second_apart(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock
) -> None:
    one, other = (process(server, memory, clock) for _ in range(2))
    for number, geocoder in enumerate([one, other, one, other]):
        geocoder.places(f"Example Street {number}, NJ")
    assert clock.slept == 3


def test_a_turn_of_a_clock_that_was_ahead_is_not_waited_for(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock
) -> None:
    clock.now += timedelta(hours=2)
    process(server, memory, clock).places("Example Street 1, NJ")
    clock.now -= timedelta(hours=2)
    for number in (2, 3):
        process(server, memory, clock).places(f"Example Street {number}, NJ")
    assert clock.slept == 1


def test_each_turn_is_given_once(memory: SqlGeocodings) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: memory.turn("nominatim", NOON, SECOND), range(24)))
    assert sorted(turns) == [NOON + number * SECOND for number in range(24)]


def test_those_who_ask_the_same_at_once_are_all_answered(memory: SqlGeocodings) -> None:
    place = Place("geocoder:1", "Somewhere", "city", "US", "US-NJ", 40.7, -74.0, 50.0, 0)
    with ThreadPoolExecutor(8) as pool:
        kept = [
            pool.submit(memory.keep, "nominatim", TERMINAL, [place], NOON, NOON + MONTH) for _ in range(16)
        ]
        assert [one.result() for one in kept] == [None] * 16
    assert memory.recall("nominatim", TERMINAL, NOON) == [place]


def test_the_text_itself_which_may_be_an_address_is_not_kept(
    server: GeocodingServer, memory: SqlGeocodings, clock: Clock, database_url: str
) -> None:
    process(server, memory, clock).places("12 Example Street, Hoboken, NJ")
    engine = make_engine(database_url)
    with engine.connect() as connection:
        rows = [
            str(tuple(row)).casefold()
            for table in inspect(engine).get_table_names()
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"')
        ]
    engine.dispose()
    assert any("example ferry terminal" in row for row in rows), "the answer is"
    assert not any("example street" in row for row in rows)
