"""The zone that a person lives by: they set it themselves, and no letter comes in their night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from perks_engine.domain.time_zones import near_zone, why_no_zone, zone_named, zone_names
from perks_engine.services.access import Role
from perks_engine.services.consents import own_word
from tests.engine_room import Client, Room, with_log_key
from tests.mail_server import PostOffice, post_office
from tests.web.test_unsubscribing import STREET, letter

ClientOf = Callable[[str], Client]
NOON_IN_MADRID = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
"""In Tokyo it is 20:00, in New York 6:00."""


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    with_log_key(room)
    with post_office() as made:
        more = {
            "smtp_url": made.url,
            "mail_from": "Our Perks <perks@shop.example>",
            "public_url": "https://perks.example",
            "postal_address": STREET,
        }
        room.engine.settings = room.engine.settings.model_copy(update=more)
        yield made


def reader(room: Room, **more: str) -> None:
    """Somebody of New York by their country, who agreed to be asked."""
    room.person("ana", email="ana@mail.example", name="Ana", country="US", **more)
    ask = next(one for one in room.engine.rules.purposes.by_name["feedback"].asks if one.channel == "email")
    room.engine.consents.give(own_word("ana", "a test"), "feedback", "email", ask.current("en").sha256)


def corrected(client: Client, **changes: str | None) -> httpx.Response:
    return client.patch("/v1/record", changes)


def test_their_own_zone_goes_before_their_countrys(
    room: Room, office: PostOffice, client_of: ClientOf
) -> None:
    room.clock.now = NOON_IN_MADRID
    reader(room)
    letter(room)
    assert room.engine.sending.round().waiting == 1
    ana = client_of("ana")
    assert corrected(ana, time_zone="Europe/Madrid").json()["corrected"] == ["time_zone"]
    letter(room)
    assert room.engine.sending.send() == 1
    # In Tokyo it is night from 21:00 on, until 8:00: 23:00 in UTC.
    assert corrected(ana, time_zone="Asia/Tokyo").status_code == 200
    room.clock.move(hours=1, minutes=30)
    message = letter(room).message_id
    room.engine.sending.round(message)
    waits = room.engine.sending.show(message)
    assert (waits["state"], waits["why"]) == ("queued", "it is night where they are")
    assert waits["next_at"] == "2026-12-02T23:00:00Z"
    # Taken back, the country counts again: in New York it is 7:30, in Honolulu 2:30.
    assert corrected(ana, time_zone=None).json()["corrected"] == ["time_zone"]
    later = letter(room).message_id
    room.engine.sending.round(later)
    assert room.engine.sending.show(later)["next_at"] == "2026-12-02T18:00:00Z"


def test_it_stands_in_the_record_and_goes_with_it(room: Room, client_of: ClientOf) -> None:
    reader(room, time_zone="America/Argentina/Ushuaia")
    ana = client_of("ana")
    record = ana.get("/v1/record").json()
    [card] = next(one["rows"] for one in record["sections"] if one["table"] == "person")
    assert card["time_zone"] == "America/Argentina/Ushuaia"
    assert corrected(ana, time_zone="Europe/Paris").status_code == 200
    assert room.engine.people.show("ana")["time_zone"] == "Europe/Paris"
    # A file that says nothing of it leaves it, and the language, as the person chose them.
    assert corrected(ana, speaks="fr").status_code == 200
    room.person("ana")
    shown = room.engine.people.show("ana")
    assert (shown["time_zone"], shown["speaks"]) == ("Europe/Paris", "fr")
    assert ana.delete("/v1/record").status_code == 200
    for table in ("person", "rectification"):
        with room.engine.engine.connect() as connection:
            assert "Ushuaia" not in str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("America/New York", "did you mean 'America/New_York'?"),
        ("madrid", "did you mean 'Europe/Madrid'?"),
        ("Europe/Pari", "did you mean 'Europe/Paris'?"),
        ("the moon", "time_zone: expected a time zone such as America/New_York"),
        ("../../etc/passwd", "time_zone: expected a time zone such as America/New_York"),
        ("", "time_zone: expected a time zone such as America/New_York"),
    ],
)
def test_a_zone_that_is_none_is_refused_with_the_one_that_was_meant(
    sqlite_room: Room, sqlite_base: str, wrong: str, told: str
) -> None:
    sqlite_room.person("ana")
    ana = Client(sqlite_base, sqlite_room.token(Role.INFLUENCER, "ana"))
    answer = corrected(ana, time_zone=wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "record.correction")
    assert told in answer.json()["problems"][0]


def test_every_zone_has_a_clock_and_is_its_own_nearest() -> None:
    for name in zone_names():
        zone = zone_named(name)
        assert zone is not None
        assert abs(datetime(2026, 12, 2, tzinfo=zone).utcoffset() or timedelta()) <= timedelta(hours=14)
        assert near_zone(name.lower()).lower() == name.lower()
        assert why_no_zone(name) == ""
