"""A list with proofs holds offline, and whatever is done to it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from perks_engine.delivery.log_files import add_key
from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.domain.notes import VerifierKey
from perks_engine.exports.proof_files import FORMAT, proved_chunks, verify_list
from perks_engine.exports.reading import ProofFileError
from perks_engine.services.list_records import Chosen
from perks_engine.services.proving import Proving
from perks_engine.services.sealing import LogKeys, Sealing
from tests.engine_room import BRAND, STAFF, Room

Data = dict[str, Any]


@pytest.fixture
def keys(tmp_path: Path) -> LogKeys:
    return add_key(tmp_path / "log.key", "shop.example/log")


@pytest.fixture
def proving(room: Room, keys: LogKeys) -> Proving:
    sealing = Sealing(room.engine.store, room.clock, keys, lambda _head: None)
    return Proving(room.engine.store, room.engine.disclosing, sealing)


@pytest.fixture
def key(keys: LogKeys) -> VerifierKey:
    return keys.verifiers[0]


def listed(room: Room, proving: Proving, *people: str) -> str:
    """The list with proofs after these people received a phone, and one sent it back."""
    room.campaign()
    for person in people:
        room.received(room.person(person))
    room.record(room.received(room.person("returner")), "return", note="it did not fit")
    return exported(proving)


def exported(proving: Proving) -> str:
    with proving.proved(STAFF, Chosen(BRAND)) as proved:
        return "".join(proved_chunks(proved))


def test_a_list_holds_with_nothing_but_the_public_key(room: Room, proving: Proving, key: VerifierKey) -> None:
    found = verify_list(listed(room, proving, "ana", "bo", "cy"), key)
    assert found.faults == ()
    assert found.lines == 3
    assert found.head is not None
    assert found.head.size == 14


def test_a_bundle_whose_parts_came_one_by_one_holds_with_the_day_of_the_first(
    room: Room, proving: Proving, key: VerifierKey
) -> None:
    parts = "[{name: Phone, fair_market_value: 400.00 USD}, {name: Case, fair_market_value: 49.00 USD}]"
    room.campaign(kind="bundle", reservation=f"48h\n  parts: {parts}")
    claim = str(room.claim(room.person("ana"))["claim"])
    room.record(claim, "ship")
    for move, part in (("deliver", "Phone"), ("deliver_more", "Case")):
        room.clock.move(days=1)
        row = Fulfillment(claim, MoveKind(move), room.clock(), parts=(part,))
        room.engine.fulfilling.record([row], STAFF)
    text = exported(proving)
    assert verify_list(text, key).faults == ()
    data = json.loads(text)
    data["lines"][0]["received_at"] = data["lines"][0]["recorded_at"]
    assert "received_at is" in str(verify_list(json.dumps(data), key).faults[0])


def test_who_may_receive_a_prize_that_is_packed_holds_too(
    room: Room, proving: Proving, key: VerifierKey
) -> None:
    room.campaign(connection="prize", instruct="templates/messages/disclosure_gift\n  list_entrants: true")
    for person, moves in (("ana", ()), ("bo", ("pack",)), ("cy", ("pack", "ship"))):
        room.record(str(room.claim(room.person(person))["claim"]), *moves)
    found = verify_list(exported(proving), key)
    assert (found.lines, found.faults) == (3, ())


def test_an_empty_list_holds_too(room: Room, proving: Proving, key: VerifierKey) -> None:
    room.campaign()
    found = verify_list(exported(proving), key)
    assert (found.lines, found.faults) == (0, ())


def test_it_goes_on_holding_when_the_log_has_grown(room: Room, proving: Proving, key: VerifierKey) -> None:
    before = listed(room, proving, "ana")
    room.received(room.person("di"))
    after = exported(proving)
    assert verify_list(before, key).faults == verify_list(after, key).faults == ()
    assert verify_list(after, key).lines == 2


def test_after_an_erasure_the_entry_is_still_proved(room: Room, proving: Proving, key: VerifierKey) -> None:
    listed(room, proving, "ana")
    with room.engine.engine.begin() as connection:
        connection.execute(text("DELETE FROM leaf_salt"))
    found = verify_list(exported(proving), key)
    assert (found.lines, found.faults) == (1, ())


def set_to(name: str, value: object) -> Callable[[Data], None]:
    return lambda data: data["lines"][0].__setitem__(name, value)


def swap(data: Data) -> None:
    data["lines"][0]["proof"], data["lines"][1]["proof"] = (
        data["lines"][1]["proof"],
        data["lines"][0]["proof"],
    )


TAMPERED: dict[str, tuple[Callable[[Data], Any], str]] = {
    "another person": (set_to("person", "somebody-else"), "person is not the one that was sealed"),
    "another claim": (set_to("claim", "clm_1"), "claim is not the one that was sealed"),
    "another tracking number": (set_to("reference", "X1"), "reference is not the one that was sealed"),
    "another day": (set_to("received_at", "2026-12-01T00:00:00Z"), "received_at is 2026-12-01T00:00:00Z"),
    "another value": (set_to("fair_market_value", "1.00"), "lines were changed, added or removed"),
    "another handle": (set_to("handle", "x"), "lines were changed, added or removed"),
    "a line removed": (lambda data: data["lines"].pop(), "lines were changed, added or removed"),
    "two lines swapped": (lambda data: data["lines"].reverse(), "lines were changed, added or removed"),
    "a line doubled": (lambda data: data["lines"].append(dict(data["lines"][0])), "more than one line"),
    "proofs swapped": (swap, "person is not the one that was sealed"),
    "a proof taken away": (set_to("proof", None), "its entry was not sealed yet"),
    "a proof of nonsense": (set_to("proof", {"leaf": 1}), "its proof cannot be read"),
    "a leaf changed": (
        lambda data: data["lines"][0]["proof"].update(leaf='{"public":{},"commitments":{}}'),
        "its entry is not in the log",
    ),
    "a path changed": (
        lambda data: data["lines"][0]["proof"]["path"].__setitem__(0, "00" * 32),
        "its entry is not in the log",
    ),
    "another count": (lambda data: data.update(count=7), "it says that it has 7 lines"),
    "another brand": (lambda data: data.update(brand="other"), "lines were changed, added or removed"),
    "another instant": (lambda data: data.update(as_of="2026-12-03T00:00:00Z"), "lines were changed"),
    "a smaller head": (
        lambda data: data.update(head=data["head"].replace("\n11\n", "\n10\n")),
        "the head of the log: the signature by shop.example/log is wrong",
    ),
    "no head": (lambda data: data.update(head=None), "there is no head"),
    "an unsigned list": (lambda data: data.update(signature="x"), "the signature over the list"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_to_a_list_is_found(room: Room, proving: Proving, key: VerifierKey, what: str) -> None:
    change, fault = TAMPERED[what]
    data = json.loads(listed(room, proving, "ana", "bo"))
    change(data)
    faults = [str(one) for one in verify_list(json.dumps(data), key).faults]
    assert any(fault in one for one in faults), faults


def test_another_log_s_key_opens_nothing(
    room: Room, proving: Proving, key: VerifierKey, tmp_path: Path
) -> None:
    other = add_key(tmp_path / "other.key", "other.example/log").verifiers[0]
    faults = [str(one) for one in verify_list(listed(room, proving, "ana"), other).faults]
    named = f"{key.name}+{key.key_hash.hex()}"
    assert f"the head of the log: it is signed by {named}, not with the key that was given" in faults


def test_a_proof_for_another_tree_is_refused(room: Room, proving: Proving, key: VerifierKey) -> None:
    """The head of a later, larger log does not fit the paths of an earlier one."""
    before = json.loads(listed(room, proving, "ana", "bo"))
    room.received(room.person("di"))
    after = json.loads(exported(proving))
    found = verify_list(json.dumps(before | {"head": after["head"]}), key)
    faults = [str(one) for one in found.faults]
    assert "line 1: its entry is not in the log that the head is of" in faults


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is not JSON"),
        ("columns,section,standing\n", "make one with: perks disclosures export --format json --proofs"),
        ("[]", "no disclosure list with proofs"),
        ('{"lines":[]}', "no disclosure list with proofs"),
        (json.dumps({"format": FORMAT, "lines": []}), "'list' is missing"),
        ('{"format":"perks-engine/disclosure-list/1","lines":[]}', "no disclosure list with proofs"),
        (
            json.dumps(
                {"format": FORMAT, "list": "", "as_of": "", "lines": [1], "count": 1, "signature": ""}
            ),
            "a line is no object",
        ),
    ],
)
def test_what_is_no_such_list_is_refused(key: VerifierKey, content: str, why: str) -> None:
    with pytest.raises(ProofFileError, match=why):
        verify_list(content, key)


@pytest.fixture
def room(sqlite_room: Room) -> Room:
    """Proofs are read from the log alone: which database holds it makes no difference (see test_log)."""
    return sqlite_room
