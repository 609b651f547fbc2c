"""The person's own word about a unit: kept with its time, whatever the record says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.engine_room import ALABAMA, Client, Room

ClientOf = Callable[[str], Client]


def deny(client: Client, claim: str, key: str = "d", **body: str):
    return client.post(f"/v1/claims/{claim}/denial", body, key)


def denials(room: Room, claim: str) -> list[tuple[str, str, str]]:
    """Whose word it is, what the ledger said then, and why."""
    with room.engine.store.read() as tx:
        moves = {entry.entry_id: entry.move.value for entry in tx.ledger.entries(claim)}
        return [(one.person_id, moves[one.entry_id], one.why) for one in tx.ledger.denials(claim)]


def test_what_was_delivered_to_somebody_elses_door_is_denied(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    room.clock.move(hours=2)
    ana = client_of("ana")
    answer = deny(ana, claim, why="left at number 12; I live at 21")
    assert (answer.status_code, answer.json()["where"]) == (200, "recipient")
    assert answer.json()["denied_at"] == "2026-12-02T17:00:00Z"
    room.clock.move(hours=2)
    assert deny(ana, claim, why="left at number 12; I live at 21").json() == answer.json()
    assert denials(room, claim) == [("ana", "deliver", "left at number 12; I live at 21")]
    assert deny(ana, claim, why="something else").json()["code"] == "idempotency.conflict"


def test_what_never_came_is_denied_while_it_is_on_its_way(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    claim = str(room.claim(room.person("ana"))["claim"])
    room.record(claim, "ship")
    assert deny(client_of("ana"), claim).json()["where"] == "in_transit"
    assert denials(room, claim) == [("ana", "ship", "")]


def test_where_nobody_says_that_it_came_there_is_nothing_to_deny(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    ana = client_of(room.person("ana"))
    claim = ana.claim("key").json()["claim"]
    answer = deny(ana, claim)
    assert (answer.status_code, answer.json()["code"]) == (409, "fulfillment.nothing_to_deny")
    assert answer.json()["detail"] == "nobody says that you received it: it is recorded as reserved"
    ben = client_of(room.person("ben", ALABAMA))
    refused = ben.claim("key").json()["claim"]
    assert deny(ben, refused).json()["code"] == "claim.refused"
    assert deny(ben, claim, "other").json()["code"] == "claim.unknown"
    assert denials(room, claim) == []


def test_a_word_that_was_given_is_never_changed(room: Room, client_of: ClientOf) -> None:
    room.campaign()
    claim = room.received(room.person("ana"))
    deny(client_of("ana"), claim)
    for change in ("UPDATE receipt_denial SET why = ''", "DELETE FROM receipt_denial"):
        with (
            pytest.raises(IntegrityError, match="append_only"),
            room.engine.engine.begin() as connection,
        ):
            connection.execute(text(change))
