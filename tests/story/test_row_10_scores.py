"""Row 10: disconnecting accounts made the score fall at once, with no word why; and scores went into hiring
and CRM systems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.list_records import FileKind
from tests.engine_room import BRAND, PHONE, Client, Room
from tests.mail_server import PostOffice, post_office
from tests.web.feedback_room import ready_to_ask
from tests.webhook_receiver import Receiver, receiver_at_work

ClientOf = Callable[[str], Client]
StaffOf = Callable[[Role], Client]
COMPLIANCE = Actor("mara", Role.COMPLIANCE, (ALL_BRANDS,))
SCORE, FALLEN = "73.271", "21.271"
"""So that they can be found wherever they went."""


@pytest.fixture
def office(room: Room) -> Iterator[PostOffice]:
    with post_office() as made:
        networks = (ip_network("127.0.0.0/8"),)
        ready_to_ask(
            room, smtp_url=made.url, mail_from="Perks <perks@shop.example>", webhook_networks=networks
        )
        yield made


@pytest.fixture
def brand(room: Room, office: PostOffice, staff_of: StaffOf) -> Iterator[Receiver]:
    """Where the brand of an open campaign hears of everything that happens."""
    room.campaign()
    with receiver_at_work() as made:
        hook = {"brand": BRAND, "url": made.url, "events": ["*"]}
        assert staff_of(Role.BRAND_MANAGER).post("/v1/webhooks", hook, "hook").status_code == 201
        yield made


def scored(room: Room, score: str, source: str = "reach") -> None:
    room.person("ana", email="ana@mail.example", name="Ana", score=f"{{{source}: {score}}}")


def text_of(office: PostOffice, subject: str) -> str:
    [letter] = [one for _, one in office.letters if one["Subject"] == subject]
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def score_reason(answer: dict[str, Any]) -> dict[str, Any]:
    [reason] = [one for one in answer["reasons"] if one["code"].startswith("score.")]
    return reason


def test_who_is_refused_for_a_score_is_told_which_from_where_and_of_when(
    room: Room, office: PostOffice, client_of: ClientOf
) -> None:
    room.campaign()
    scored(room, SCORE)
    ana = client_of("ana")
    assert ana.get("/v1/perks").json()["perks"][0]["claimable"] is True

    # She disconnects an account, and what counts her reach says less the next day.
    room.clock.move(days=1)
    scored(room, FALLEN)
    shown = score_reason(ana.get(f"/v1/perks/{PHONE}").json())
    refused = score_reason(ana.claim("first").json())
    assert shown == refused
    assert (refused["code"], refused["actual"], refused["source"]) == ("score.below", FALLEN, "reach")
    assert refused["observed_at"] == "2026-12-03T15:00:00Z"
    assert refused["required"] == "score from 50 to 100, from reach (at most 30 days old)"
    assert refused["change"] == "At least 50 is needed."
    room.engine.sending.send()
    letter = text_of(office, "Your claim for Northwind One")
    for words in (FALLEN, "reach", "December\N{NO-BREAK SPACE}3, 2026", "At least 50 is needed."):
        assert words in letter, letter

    # Another source does not count in its place, and an old score is not known any more: neither is a no.
    room.clock.move(days=31)
    stale = score_reason(ana.claim("second").json())
    assert (stale["code"], stale["mark"]) == ("score.stale", "unknown")
    room.person("bo", score="{engagement: 90}")
    other = score_reason(client_of("bo").claim("first").json())
    assert (other["code"], other["mark"]) == ("score.source_not_accepted", "unknown")


def test_a_score_that_falls_takes_nothing_back_and_both_are_on_the_record(
    room: Room, office: PostOffice, client_of: ClientOf
) -> None:
    room.campaign()
    scored(room, SCORE)
    ana = client_of("ana")
    granted = ana.claim("first").json()
    room.clock.move(days=1)
    scored(room, FALLEN)
    kept = ana.get(f"/v1/claims/{granted['claim']}").json()
    assert (kept["outcome"], kept["verdict"]) == ("granted", "eligible")
    record = ana.get("/v1/record").json()
    [facts] = [one for one in record["sections"] if one["table"] == "evidence"]
    scores = [row for row in facts["rows"] if row["attribute"] == "score"]
    assert [(row["source"], str(row["value"]), row["observed_at"][:10]) for row in scores] == [
        ("reach", SCORE, "2026-12-02"),
        ("reach", FALLEN, "2026-12-03"),
    ]


def test_no_score_leaves_the_engine_but_to_whom_it_is_about(
    room: Room, office: PostOffice, brand: Receiver, base: str, client_of: ClientOf, staff_of: StaffOf
) -> None:
    room.engine.contacts.add(BRAND, "desk@northwind.example", "mara")
    scored(room, SCORE)
    ana, manager, compliance = client_of("ana"), staff_of(Role.BRAND_MANAGER), staff_of(Role.COMPLIANCE)
    claim = ana.claim("first").json()["claim"]
    room.record(claim, "ship", "deliver")
    room.clock.move(days=1)
    scored(room, FALLEN)
    assert ana.claim("second").status_code == 403
    for _ in range(5):
        room.clock.move(days=7)
        for chore in ("duties", "messages"):
            room.engine.chores.run(chore)
    room.engine.telling.tell()

    everything = {f"event {one.told['type']}": one.body for one in brand.posts}
    assert everything, "the brand heard of nothing"
    for to, letter in office.letters:
        if to != ("ana@mail.example",):
            everything[f"letter {letter['Subject']}"] = letter.as_bytes()
    assert any(name.startswith("letter") for name in everything), "nobody else got a letter"
    for kind in FileKind:
        listed = compliance.get("/v1/disclosures", brand=BRAND, format=kind.value)
        assert listed.status_code == 200
        everything[f"list as {kind}"] = listed.content
    statement = room.engine.stating.for_person(COMPLIANCE, "ana")
    everything["statement"] = repr(statement).encode()
    paths = [path for path, ways in manager.get("/openapi.json").json()["paths"].items() if "get" in ways]
    filled = {"{campaign}": PHONE, "{claim}": claim, "{person}": "ana"}
    for path in paths:
        for name, value in filled.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled bit by bit
        if "{" not in path:
            everything[f"GET {path}"] = manager.get(path, brand=BRAND).content
    assert len(everything) > 30
    for name, data in everything.items():
        assert SCORE.encode() not in data, name
        assert FALLEN.encode() not in data, name
