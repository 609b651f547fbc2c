"""Whatever stands in another place of a document than what was signed is found, and breaks nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from perks_engine.domain.notes import VerifierKey
from perks_engine.domain.statements import Subject, SubjectKind
from perks_engine.exports.checking import checked
from perks_engine.exports.proof_files import proved_chunks
from perks_engine.exports.reading import ProofFileError
from perks_engine.exports.statement_files import statement_json
from perks_engine.services.list_records import Chosen
from perks_engine.services.proving import Proving
from tests.engine_room import BRAND, STAFF, Room, with_log_key

ODD: tuple[Any, ...] = (None, True, 0, 1.5, "", "zz", "00" * 32, [], {}, {"a": 1}, [[]], -1, 10**30)
"""What is put in the place of each value: of another type, or of the right one and wrong."""


@pytest.fixture
def room(sqlite_room: Room) -> Room:
    """Somebody received a phone, and somebody else sent theirs back."""
    with_log_key(sqlite_room)
    sqlite_room.campaign()
    sqlite_room.received(sqlite_room.person("ana"))
    returned = sqlite_room.received(sqlite_room.person("bo"))
    sqlite_room.record(returned, "return", note="it did not fit")
    return sqlite_room


@pytest.fixture
def key(room: Room) -> VerifierKey:
    return room.engine.sealing.keys.verifiers[0]


def listed(room: Room, *, annex: bool = True, person: str | None = None) -> str:
    proving = Proving(room.engine.store, room.engine.disclosing, room.engine.sealing)
    with proving.proved(STAFF, Chosen(BRAND, person=person, annex=annex)) as proved:
        return "".join(proved_chunks(proved))


def stated(room: Room, person: str = "bo") -> str:
    return statement_json(room.engine.stating.make(Subject(SubjectKind.HANDLE, f"{person}.handle")))


def faults(text: str, key: VerifierKey) -> list[str]:
    """What is said against a document, whether or not it is one."""
    try:
        return [str(one) for one in checked(text.encode(), key).faults]
    except ProofFileError as error:
        return [str(error)]


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    below: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, one in below:
        yield from places(one, (*way, name))


def holder(value: Any, way: tuple[Any, ...]) -> Any:
    for name in way[:-1]:
        value = value[name]
    return value


def test_another_value_in_any_place_is_found(room: Room, key: VerifierKey) -> None:
    tried = 0
    for text in (listed(room), stated(room), stated(room, "nobody")):
        whole = json.loads(text)
        assert faults(text, key) == []
        for number, way in enumerate(places(whole)):
            for value in (ODD[number % len(ODD)], ODD[(number + 5) % len(ODD)]):
                other = copy.deepcopy(whole)
                if holder(whole, way)[way[-1]] == value:
                    continue
                holder(other, way)[way[-1]] = value
                assert faults(json.dumps(other), key), (way, value)
                tried += 1
            other = copy.deepcopy(whole)
            del holder(other, way)[way[-1]]
            # A statement may be shown without the address: then both that and its salt are gone.
            assert faults(json.dumps(other), key), way
    assert tried > 200


def with_another(text: str, name: str, value: str) -> str:
    """A second value of a name, which some readers would show, before the one that is verified."""
    return text.replace(f'"{name}":', f'"{name}": {value}, "{name}":', 1)


@pytest.mark.parametrize(
    ("name", "value"), [("lines", "[]"), ("item", '"A pen"'), ("leaf", '"{}"'), ("as_of", '"2020-01-01"')]
)
def test_a_name_that_stands_twice_in_a_list_is_found(
    room: Room, key: VerifierKey, name: str, value: str
) -> None:
    [fault] = faults(with_another(listed(room), name, value), key)
    assert fault == f"it says '{name}' twice in one place; the file was altered"


def test_what_nobody_signed_is_found(room: Room, key: VerifierKey) -> None:
    for text in (listed(room), stated(room)):
        data = json.loads(text)
        strange = "it has what no document of its kind has: note, owes"
        assert faults(json.dumps({**data, "note": "void", "owes": 1}), key) == [strange]
    data["subject"]["name"] = "Ana"
    assert faults(json.dumps(data), key) == ["it has what no document of its kind has: name"]
    twice = with_another(text, "says", '"Nothing was received."')
    assert faults(twice, key) == ["it says 'says' twice in one place; the file was altered"]


def test_a_list_of_nobody_is_bound_to_its_head(room: Room, key: VerifierKey) -> None:
    before = json.loads(listed(room, person=room.person("cy")))
    room.received(room.person("di"))
    after = json.loads(listed(room, person="cy"))
    assert faults(json.dumps(before), key) == faults(json.dumps(after), key) == []
    for head in (after["head"], None):
        [fault] = faults(json.dumps(before | {"head": head}), key)
        assert "the signature is one over another list" in fault


def test_a_salt_that_was_taken_away_is_found(room: Room, key: VerifierKey) -> None:
    data = json.loads(listed(room))
    del data["lines"][0]["proof"]["salts"]["person"]
    [fault] = faults(json.dumps(data), key)
    assert "the signature is one over another list" in fault


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('{"format": 1e999}', "it is not JSON: 1e999 is no number that JSON has"),
        ('{"format": NaN}', "it is not JSON: NaN is no number that JSON has"),
        ('{"format": "\\ud800"}', "it holds half a character; the file was damaged"),
        ('{"format":' + "[" * 100_000, "it is nested too deeply; the file was damaged"),
        ("9" * 10_000, "it is no disclosure list with proofs"),
    ],
)
def test_what_no_reader_can_hold_is_refused(key: VerifierKey, content: str, why: str) -> None:
    [fault] = faults(content, key)
    assert fault.startswith(why)


def test_a_signature_that_is_no_base64_is_found(room: Room, key: VerifierKey) -> None:
    data = json.loads(listed(room))
    for name in ("signature", "head"):
        cut = data[name].rpartition(" ")[0] + " A\n"
        assert "this is no line of a signature" in faults(json.dumps(data | {name: cut}), key)[0]
        assert "this is no line of a signature" in faults(cut, key)[0]
