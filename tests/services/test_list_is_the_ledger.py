"""The list is what the raw entries say: computed anew by another way, from histories made at random."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from perks_engine.exports.change_files import changes_json
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.list_changes import ListComparing
from perks_engine.services.list_records import Chosen, FileKind, Form
from perks_engine.storage import list_tables, tables
from tests.engine_room import BRAND, STAFF, Room, in_brooklyn, make_room
from tests.postgres_server import drop_database, fresh_database

PEOPLE = ("ana", "bo", "cy", "di")
STEPS = ("ship", "deliver", "lose", "refuse", "return", "void", "report", "rename", "acknowledge", "wait")
histories = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(STEPS)), min_size=4, max_size=24)

Known = dict[str, tuple[str, str | None, datetime | None, int, bool, tuple[str, ...]]]
"""By claim: person, handle, when received, entry, whether acknowledged, where the disclosure was seen."""


def recomputed(room: Room, as_of: datetime) -> Known:
    """The list from all rows there are, read into memory and gone through one by one."""
    with room.engine.engine.connect() as connection:
        entries = connection.execute(select(tables.entry).order_by(tables.entry.c.entry_id)).all()
        names = connection.execute(select(list_tables.naming).order_by(list_tables.naming.c.naming_id)).all()
        posts = connection.execute(select(list_tables.sighting).order_by(list_tables.sighting.c.url)).all()
        acts = connection.execute(select(list_tables.acknowledgement)).all()
    known: Known = {}
    for entry in entries:
        if entry.recorded_at > as_of or entry.claim_id is None:
            continue
        if entry.target != "recipient":
            known.pop(entry.claim_id, None)
            continue
        handles = [
            one.value
            for one in names
            if (one.person_id, one.field) == (entry.person_id, "handle") and one.recorded_at <= as_of
        ]
        known[entry.claim_id] = (
            entry.person_id,
            handles[-1],
            entry.occurred_at,
            entry.entry_id,
            any(one.claim_id == entry.claim_id and one.recorded_at <= as_of for one in acts),
            tuple(one.url for one in posts if one.claim_id == entry.claim_id and one.recorded_at <= as_of),
        )
    return known


def listed(room: Room, as_of: datetime) -> Known:
    with room.engine.disclosing.listing(STAFF, Chosen(BRAND), as_of) as listing:
        return {
            line.claim: (
                line.person,
                line.handle,
                line.received_at,
                line.entry,
                line.acknowledged_at is not None,
                tuple(sorted(line.seen)),
            )
            for line in listing.lines
        }


def do(room: Room, claims: dict[str, str], person: str, step: str, number: int) -> None:
    """One step, where the life of the unit allows it; a forbidden one changes nothing."""
    match step:
        case "wait":
            room.clock.move(hours=1)
        case "rename":
            room.people(
                f"- id: {person}\n  handle: {person}.{number}\n"
                "  consents: [{purpose: perks, given_at: 2026-11-01T00:00Z, how: form}]\n"
            )
        case "report":
            room.engine.instructing.report(
                person, claims[person], f"https://example.com/p/{number:04}", None, f"r{number}"
            )
        case "acknowledge":
            room.engine.instructing.acknowledge(person, claims[person], f"a{number}", "api")
        case _:
            try:
                room.record(claims[person], step, note="why not")
            except InvalidInputError:
                return


Database = Callable[[Path], AbstractContextManager[str]]
_numbers = count()


@pytest.fixture(params=["sqlite", "postgresql"])
def a_database(request: pytest.FixtureRequest, migrated_sqlite: Path, worker_id: str) -> Database:
    """Makes a fresh one; a folder is there for its file."""

    @contextmanager
    def on_sqlite(folder: Path) -> Generator[str]:
        shutil.copyfile(migrated_sqlite, folder / "perks.db")
        yield f"sqlite:///{folder / 'perks.db'}"

    if request.param == "sqlite":
        return on_sqlite
    server, template = (request.getfixturevalue(name) for name in ("postgres", "migrated_postgres"))

    @contextmanager
    def on_postgresql(_folder: Path) -> Generator[str]:
        name = f"perks_listed_{worker_id}_{next(_numbers)}"
        yield fresh_database(server, name, template)
        drop_database(server, name)

    return on_postgresql


@contextmanager
def one_room(a_database: Database, cache: Path) -> Generator[Room]:
    """An engine with everybody in it, on a database of its own."""
    with TemporaryDirectory() as folder, a_database(Path(folder)) as url:
        room = make_room(url, Path(folder), cache)
        room.campaign()
        for number, person in enumerate(PEOPLE):
            room.person(person, in_brooklyn(number))
        yield room
        room.engine.close()


@given(histories)
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_list_and_its_changes_follow_from_the_raw_entries(
    a_database: Database, cache: Path, history: list[tuple[str, str]]
) -> None:
    with one_room(a_database, cache) as room:
        claims = {person: str(room.claim(person)["claim"]) for person in PEOPLE}
        instants: list[datetime] = []
        exports: list[tuple[str, Known]] = []
        for number, (person, step) in enumerate(history):
            do(room, claims, person, step, number)
            if number % 5 == 0:
                file = room.folder / "list.json"
                record = room.engine.exporting.export(STAFF, Chosen(BRAND), Form(FileKind.JSON, "2"), file)
                exports.append((record.export_id, recomputed(room, record.as_of)))
                assert record.lines == len(exports[-1][1])
            instants.append(room.clock())
        for instant in {*instants[::3], room.clock()}:
            assert listed(room, instant) == recomputed(room, instant)
        now = recomputed(room, room.clock() + timedelta(days=1))
        for export, was in exports:
            assert changed(room, export) == differences(was, now)


def differences(was: Known, now: Known) -> set[tuple[str, str]]:
    added = {("added", claim) for claim in now.keys() - was.keys()}
    removed = {("removed", claim) for claim in was.keys() - now.keys()}
    corrected = {("corrected", claim) for claim in was.keys() & now.keys() if was[claim] != now[claim]}
    return added | removed | corrected


def changed(room: Room, export: str) -> set[tuple[str, str]]:
    with ListComparing(room.engine.exporting).since(STAFF, export) as changes:
        data = json.loads("".join(changes_json(changes)))
    assert all(one["why"] for one in data["changes"])
    return {(one["change"], one["claim"]) for one in data["changes"]}
