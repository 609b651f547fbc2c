"""Row 9: deletion is one action, done at once, and gives a receipt; nothing of the person stays anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import httpx
import pytest

from tests.engine_room import BRAND, Room, served, with_log_key
from tests.mail_server import PostOffice, post_office
from tests.story.rich_life import BOX, CARRIER_SECRET, EMAIL, VALUES, Life, good, traces, ways

OURS = ("perks_engine", "uvicorn", "sqlalchemy", "apscheduler")
"""Whose logs are ours: the test's own mail server writes down what it takes."""
BROWSER = {"Accept": "text/html"}


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.fixture
def life(room: Room, office: PostOffice, caplog: pytest.LogCaptureFixture) -> Iterator[Life]:
    """The person of `rich_life`, with all that they left behind."""
    caplog.set_level(logging.DEBUG)
    with_log_key(room)
    more = {"smtp_url": office.url, "mail_from": "Our Perks <perks@shop.example>"}
    more |= {"easypost_secret": CARRIER_SECRET}
    room.engine.settings = room.engine.settings.model_copy(update=more)
    with served(room.engine) as base:
        yield Life(room, base, office).lived()


def erase(life: Life, **headers: str) -> httpx.Response:
    return httpx.delete(f"{life.base}/v1/record", headers=life.me.token | headers, timeout=30)


def test_after_an_erasure_nothing_of_the_person_is_left_anywhere(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    room = life.room
    assert set(VALUES) - set(traces(room)) == set(), "the life has to leave each value somewhere"
    free = room.engine.campaigning.show(BOX)["free_units"]
    receipt = good(erase(life))
    for chore in ("messages", "statements", "seal", "duties", "expiry"):
        room.engine.chores.run(chore)
    room.engine.records.erasing.finish()
    assert traces(room) == {}
    ours = [one for one in (*caplog.get_records("setup"), *caplog.records) if one.name.startswith(OURS)]
    logged = "\n".join(one.getMessage() for one in ours)
    assert [
        what for what, value in VALUES.items() if any(way.decode() in logged for way in ways(value))
    ] == []

    assert receipt["already"] is False
    assert room.engine.campaigning.show(BOX)["free_units"] == free + 1
    assert list((room.folder / "files").glob("*")) == []
    to, letter = life.office.letters[-1]
    assert to == (EMAIL,)
    assert letter["Subject"] == "Your record is erased"
    assert receipt["pseudonym"] in str(letter)
    assert room.listed(brand=BRAND) == [receipt["pseudonym"]]
