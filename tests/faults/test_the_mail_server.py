"""The mail server is away, silent or cut off: letters wait, none is lost, none goes out under two names."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from perks_engine.delivery.smtp import SmtpMailer
from perks_engine.services.access import Role
from tests.engine_room import ALABAMA, NO_AUTHORITIES, Client, Room, served
from tests.mail_server import PostOffice, post_office
from tests.toxic_proxy import ToxicProxy, to_port, toxic_proxy


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as made:
        yield made


@pytest.fixture
def proxy(room: Room, office: PostOffice) -> Iterator[ToxicProxy]:
    """Between the engine and its mail server."""
    with toxic_proxy(to_port(int(office.url.rpartition(":")[2]))) as made:
        more = {"smtp_url": f"smtp://127.0.0.1:{made.port}", "mail_from": "Perks <perks@shop.example>"}
        room.engine.settings = room.engine.settings.model_copy(update=more)
        mailer = room.engine.sending.mailer
        assert isinstance(mailer, SmtpMailer)
        room.engine.sending.mailer = replace(mailer, timeout_s=0.5)
        yield made


def claims(room: Room, many: int) -> set[str]:
    """So many claims, each of which asks for a letter; the addresses."""
    room.campaign(guards="[{same_point: {at_most: 1000}}]")
    for number in range(many):
        room.claim(room.person(f"p{number}", ALABAMA, email=f"p{number}@mail.example"))
    return {f"p{number}@mail.example" for number in range(many)}


def taken(office: PostOffice) -> list[str]:
    return [to for (to,), _ in office.letters]


def test_it_is_away_for_an_hour(room: Room, office: PostOffice, proxy: ToxicProxy) -> None:
    everybody = claims(room, 5)
    with served(room.engine) as base:
        late = Client(base, room.token(Role.INFLUENCER, "p0"))
        proxy.refuse()
        for _ in range(62):
            room.clock.move(minutes=1)
            assert room.engine.sending.send() == 0
        assert late.claim("again").status_code == 403, "who claims does not wait for letters"
        told = httpx.get(f"{base}/readyz", verify=NO_AUTHORITIES, timeout=20).json()
        assert (told["status"], [one["what"] for one in told["troubles"]]) == ("degraded", ["messages"])
        proxy.accept()
        for _ in range(30):
            room.clock.move(minutes=1)
            room.engine.sending.send()
        assert set(taken(office)) == everybody
        assert len({letter["Message-ID"] for _, letter in office.letters}) == len(office.letters) == 6
        assert httpx.get(f"{base}/readyz", verify=NO_AUTHORITIES, timeout=20).json() == {"status": "ready"}


def test_it_takes_connections_and_says_nothing(room: Room, office: PostOffice, proxy: ToxicProxy) -> None:
    everybody = claims(room, 3)
    proxy.half_open = True
    begun = time.monotonic()
    assert room.engine.sending.send() == 0
    assert time.monotonic() - begun < 3, "one try is enough for all"
    proxy.heal()
    room.clock.move(minutes=5)
    assert room.engine.sending.send() == 3
    assert sorted(taken(office)) == sorted(everybody)


def test_its_yes_to_a_letter_is_lost(room: Room, office: PostOffice, proxy: ToxicProxy) -> None:
    """It has the letter, and nobody here knows: it is sent again under the same Message-ID, by which
    the mailbox knows it, and the others do not wait behind it."""
    everybody = claims(room, 3)
    office.to_letter = lambda _: "250 TAKEN"
    proxy.cut_before = b"250 TAKEN"
    assert room.engine.sending.send() == 0
    assert len(office.letters) == 1
    proxy.heal()
    room.clock.move(minutes=10)
    assert room.engine.sending.send() == 3
    assert set(taken(office)) == everybody
    ids = [letter["Message-ID"] for _, letter in office.letters]
    assert (len(ids), len(set(ids))) == (4, 3)
