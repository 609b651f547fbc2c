"""Row 6: he was afraid to delete his profile, because then he could never check. Now anybody can."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx

from perks_engine.exports.statement_files import verify_statement
from perks_engine.services.access import Role
from tests.engine_room import ALABAMA, Client, Room, with_log_key

StaffOf = Callable[[Role], Client]


def statement_of(room: Room, base: str, address: str) -> tuple[str, str]:
    """The link that came by mail, and the statement that it gave."""
    asked = httpx.post(f"{base}/v1/statements/requests", json={"address": address}, timeout=30)
    assert asked.status_code == 202
    room.engine.chores.run("statements")
    [letter] = [one for one in room.engine.latest_messages(20) if one.address == address]
    found = re.search(r"/v1/statements/[\w-]+", letter.body_text)
    assert found
    answer = httpx.post(base + found[0], params={"format": "json"}, timeout=30)
    assert answer.status_code == 200, answer.text
    return base + found[0], answer.text


def test_who_was_refused_can_prove_years_later_that_nothing_is_recorded_of_him(room: Room, base: str) -> None:
    with_log_key(room)
    room.campaign()
    room.person("ben", ALABAMA, email="ben@example.com")
    assert room.claim("ben")["outcome"] == "refused"
    room.received(room.person("ana"))
    _, text = statement_of(room, base, "ben@example.com")
    keys = httpx.get(f"{base}/v1/log/heads").json()["keys"]
    room.engine.close()  # nothing of the engine is needed from here on
    key = room.engine.sealing.keys.verifiers[0]
    assert keys == [str(key)]
    found = verify_statement(text, key, "ben@example.com")
    assert (found.kind, found.faults) == ("no_record", ())


def test_who_is_listed_wrongly_finds_it_objects_and_is_taken_off(
    room: Room, base: str, staff_of: StaffOf
) -> None:
    with_log_key(room)
    room.campaign()
    room.person("ana", email="ana@example.com")
    room.received("ana")  # as the carrier says
    link, text = statement_of(room, base, "ana@example.com")
    [line] = json.loads(text)["lines"]
    assert (line["item"], line["standing"]) == ("Northwind One", "undisputed")

    words = {"claim": line["claim"], "text": "The parcel went to another door."}
    made = httpx.post(f"{link}/disputes", json=words, headers={"Idempotency-Key": "1"}, timeout=30)
    assert made.status_code == 201, made.text
    settled = staff_of(Role.COMPLIANCE).post(
        f"/v1/disputes/{made.json()['dispute']}/settlement",
        {"outcome": "upheld", "reason": "the driver confirms it"},
        "1",
    )
    assert settled.status_code == 200, settled.text
    assert room.listed() == []

    room.clock.move(days=1, seconds=1)
    _, text = statement_of(room, base, "ana@example.com")
    [line] = json.loads(text)["lines"]
    assert line["ended"]["move"] == "void"
