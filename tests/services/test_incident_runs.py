"""Applying the plan of an incident is cut short anywhere, and ends the same: nobody gets two letters."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.incident_records import Incident, IncidentAct, Scope
from perks_engine.services.incident_replay import Corrected, Distrust
from perks_engine.services.incident_reports import hidden
from perks_engine.services.ports import DatabaseRefusedError
from tests.engine_room import PHONE, Room, in_brooklyn

MARA, NOOR = (Actor(name, Role.COMPLIANCE, (ALL_BRANDS,), holder=name) for name in ("mara", "noor"))
LOOSE = "[{same_point: {at_most: 500}}]"


class CutShortError(Exception):
    """Stands for the end of the process."""


def approved(room: Room, people: int, **changes: str) -> str:
    """An incident that hit that many people, with an approved plan; its id."""
    room.campaign(guards=LOOSE, **changes)
    for number in range(people):
        room.claim(room.person(f"p{number}", in_brooklyn(number)))
    scope = Scope(campaign=PHONE)
    incident = str(room.engine.incidents.open(MARA, scope, "The phones lied.")["incident"])
    room.engine.incident_replay.replay(MARA, incident, Corrected(distrust=(Distrust("device"),)))
    planned = room.engine.incident_plan.plan(MARA, incident)
    room.engine.incidents.approve(NOOR, incident, planned["history"][-1]["numbers"]["hash"])
    return incident


def letters(room: Room) -> Counter[str | None]:
    found = room.engine.latest_messages(10_000)
    return Counter(one.person_id for one in found if one.kind == "incident")


def test_it_is_cut_short_between_any_two_steps(room: Room) -> None:
    incident = approved(room, 4)
    free = room.engine.campaigning.show(PHONE)["free_units"]
    for place in range(4):

        def stop(_what: str, done: int, _total: int, place: int = place) -> None:
            if done == place + 1:
                raise CutShortError

        with pytest.raises(CutShortError):
            room.engine.incident_apply.apply(MARA, incident, stop)
        assert sum(letters(room).values()) == place + 1
    applied = room.engine.incident_apply.apply(MARA, incident)["history"][-1]
    assert (applied["act"], applied["numbers"]["letters"]) == ("applied", 4)
    assert letters(room) == {f"p{number}": 1 for number in range(4)}
    assert room.engine.campaigning.show(PHONE)["free_units"] == free + 4


def test_a_process_is_killed_and_another_one_ends_it(sqlite_room: Room) -> None:
    room, people = sqlite_room, 60
    room.clock.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    opens, closes = (room.clock.now + timedelta(days=days) for days in (-1, 14))
    window = f"{{opens: {opens:%Y-%m-%dT%H:%MZ}, closes: {closes:%Y-%m-%dT%H:%MZ}}}"
    incident = approved(room, people, window=window)
    database = room.engine.settings.database_url
    command = [sys.executable, "-m", "perks_engine", "incidents", "apply", incident, "--database", database]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not letters(room) and time.monotonic() < until:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert letters(room), "it was at it when it was killed"
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:  # it was faster than the signal: all was done
        assert "its plan was applied" in ended.stderr
    assert letters(room) == {f"p{number}": 1 for number in range(people)}
    assert room.engine.campaigning.show(PHONE)["free_units"] == 500


def test_the_database_keeps_what_was_recorded(room: Room) -> None:
    incident = approved(room, 1)
    for table in ("incident", "incident_event", "incident_line", "incident_step"):
        with (
            pytest.raises(IntegrityError, match="append_only"),
            room.engine.engine.begin() as connection,
        ):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    with pytest.raises(DatabaseRefusedError), room.engine.store.write() as tx:
        tx.incidents.add(Incident("inc_x", None, Scope(), "no scope", "mara", room.clock()))
    assert room.engine.incidents.show(MARA, incident)["state"] == IncidentAct.APPROVED


def test_the_public_cannot_work_out_a_small_count() -> None:
    assert hidden([0, 12, 7]) == [0, 12, 7]
    assert hidden([3, 12, 7, 0]) == ["fewer than 5", 12, "not shown", 0]
    assert hidden([3, 4, 7]) == ["fewer than 5", "fewer than 5", 7]
    assert hidden([4]) == ["fewer than 5"]
