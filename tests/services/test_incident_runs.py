"""Replaying an incident and applying its plan are cut short anywhere, and end the same: nobody is hit twice,
nobody gets two letters."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from perks_engine.domain.recorded import Which
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.errors import RefusedError
from perks_engine.services.incident_correction import Corrected, Distrust
from perks_engine.services.incident_jobs import MOST_ATTEMPTS, IncidentJobs
from perks_engine.services.incident_lease import LEASE
from perks_engine.services.incident_records import Incident, IncidentAct, Scope
from perks_engine.services.incident_reports import hidden
from perks_engine.services.ports import DatabaseRefusedError
from perks_engine.storage.incident_tables import incident_fact, incident_line
from tests.engine_room import PHONE, STAFF, Room, in_brooklyn
from tests.warm_start import DEVNULL, Perks

MARA, NOOR = (Actor(name, Role.COMPLIANCE, (ALL_BRANDS,), holder=name) for name in ("mara", "noor"))
LOOSE = "[{same_point: {at_most: 500}}]"
NO_DEVICES = Corrected(distrust=(Distrust("device"),))


class CutShortError(Exception):
    """Stands for the end of the process."""


def stop_after(parts: int) -> Callable[[str, int, int], None]:
    """Ends the process when so many parts of a job are done."""
    told = 0

    def report(_what: str, _done: int, _total: int) -> None:
        nonlocal told
        told += 1
        if told == parts:
            raise CutShortError

    return report


def opened(room: Room, people: int, **changes: str) -> str:
    """An incident that hit that many people; its id."""
    room.campaign(guards=LOOSE, **changes)
    for number in range(people):
        room.claim(room.person(f"p{number}", in_brooklyn(number)))
    return str(room.engine.incidents.open(MARA, Scope(campaign=PHONE), "The phones lied.")["incident"])


def approved(room: Room, people: int, **changes: str) -> str:
    """The same, with an approved plan."""
    incident = opened(room, people, **changes)
    room.engine.incident_jobs.ask_replay(MARA, incident, NO_DEVICES)
    room.engine.incident_jobs.work()
    planned = room.engine.incident_plan.plan(MARA, incident)
    room.engine.incidents.approve(NOOR, incident, planned["history"][-1]["numbers"]["hash"])
    return incident


def small_parts(room: Room, holder: str) -> IncidentJobs:
    """A process of its own, which judges two decisions at a time."""
    jobs = room.engine.incident_jobs
    return replace(jobs, holder=holder, replaying=replace(jobs.replaying, at_a_time=2))


def shown(room: Room, job: dict[str, Any]) -> dict[str, Any]:
    return room.engine.incident_jobs.show(MARA, job["incident"], job["job"])


def letters(room: Room) -> Counter[str | None]:
    found = room.engine.latest_messages(10_000)
    return Counter(one.person_id for one in found if one.kind == "incident")


def places(room: Room) -> list[int]:
    query = select(incident_line.c.place).order_by(incident_line.c.place)
    with room.engine.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def kept_facts(room: Room) -> int:
    with room.engine.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(incident_fact)).scalar_one()


def test_a_replay_is_cut_short_between_any_two_parts_and_goes_on_where_it_stood(room: Room) -> None:
    incident = opened(room, 7)
    job = room.engine.incident_jobs.ask_replay(MARA, incident, NO_DEVICES)
    assert (job["state"], job["done"], job["total"]) == ("queued", 0, 7)
    for done in (2, 4, 6):
        with pytest.raises(CutShortError):
            small_parts(room, f"process {done}").finish(job["job"], stop_after(1))
        there = shown(room, job)
        assert (there["state"], there["done"], len(places(room))) == ("running", done, done)
        assert room.engine.incidents.show(MARA, incident)["state"] == "open"
    assert small_parts(room, "the last one").work() == 1
    ended = shown(room, job)
    assert (ended["state"], ended["done"], ended["error"]) == ("done", 7, None)
    assert places(room) == list(range(1, 8))
    numbers = room.engine.incidents.show(MARA, incident)["history"][-1]["numbers"]
    assert (numbers["decisions"], numbers["lines"], numbers["people"]) == (7, 7, 7)
    assert numbers["kinds"]["granted_wrongly"] == 7
    assert numbers["corrected"]["distrust"] == [{"source": "device", "since": None, "until": None}]


def test_what_is_decided_while_it_runs_is_not_in_it(room: Room) -> None:
    incident = opened(room, 4)
    job = room.engine.incident_jobs.ask_replay(MARA, incident, NO_DEVICES)
    with pytest.raises(CutShortError):
        small_parts(room, "a").finish(job["job"], stop_after(1))
    room.clock.move(minutes=1)
    room.claim(room.person("late", in_brooklyn(99)))
    small_parts(room, "b").work()
    assert room.engine.incidents.show(MARA, incident)["history"][-1]["numbers"]["decisions"] == 4


def test_one_is_at_it_and_who_was_too_slow_writes_nothing_any_more(room: Room) -> None:
    incident = opened(room, 6)
    job = room.engine.incident_jobs.ask_replay(MARA, incident, NO_DEVICES)
    slow, quick = small_parts(room, "slow"), small_parts(room, "quick")

    def meanwhile(_what: str, done: int, _total: int) -> None:
        if done != 2:
            return
        assert quick.work() == 0, "somebody is at it"
        room.clock.now += LEASE
        assert quick.work() == 4

    assert slow.finish(job["job"], meanwhile)
    assert shown(room, job)["state"] == "done"
    assert places(room) == list(range(1, 7))
    assert [one["act"] for one in room.engine.incidents.show(MARA, incident)["history"]] == ["replayed"]


def test_of_an_incident_one_job_is_under_way(room: Room) -> None:
    incident = opened(room, 2)
    jobs = room.engine.incident_jobs
    job = jobs.ask_replay(MARA, incident, NO_DEVICES)
    assert jobs.ask_replay(NOOR, incident, NO_DEVICES)["job"] == job["job"], "the same is asked for"
    other = Corrected(distrust=(Distrust("verified_address"),))
    with pytest.raises(RefusedError, match=f"0 of 2 are done by {job['job']}, which mara asked for"):
        jobs.ask_replay(NOOR, incident, other)
    jobs.work()
    assert jobs.ask_replay(NOOR, incident, other)["job"] != job["job"]
    with pytest.raises(RefusedError, match="its decisions are being replayed"):
        room.engine.incident_plan.plan(MARA, incident)
    jobs.work()
    assert [one["state"] for one in jobs.of_incident(MARA, incident)] == ["done", "done"]


def test_an_application_is_cut_short_between_any_two_steps(room: Room) -> None:
    incident = approved(room, 4)
    free = room.engine.campaigning.show(PHONE)["free_units"]
    jobs = room.engine.incident_jobs
    job = jobs.ask_apply(MARA, incident)
    for place in range(4):
        with pytest.raises(CutShortError):
            jobs.finish(job["job"], stop_after(place + 1))
        assert sum(letters(room).values()) == place + 1
        assert jobs.ask_apply(MARA, incident)["job"] == job["job"]
    assert jobs.work() > 0
    applied = room.engine.incidents.show(MARA, incident)["history"][-1]
    assert (applied["act"], applied["numbers"]["letters"]) == ("applied", 4)
    assert letters(room) == {f"p{number}": 1 for number in range(4)}
    assert room.engine.campaigning.show(PHONE)["free_units"] == free + 4
    assert (shown(room, job)["state"], shown(room, job)["done"]) == ("done", 4)


def test_a_plan_that_goes_stale_after_it_was_asked_for_is_not_applied(room: Room) -> None:
    incident = approved(room, 2)
    job = room.engine.incident_jobs.ask_apply(MARA, incident)
    with room.engine.store.read() as tx:
        claim = next(iter(tx.claims.of_person("p1", None, 1))).claim_id
    room.record(claim, "ship")
    assert room.engine.chores.run("incidents") == 0
    ended = shown(room, job)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "incident.plan_stale")
    assert f"the unit of {claim} is in_transit by entry" in ended["error"]["detail"]
    assert letters(room) == {}
    planned = room.engine.incident_plan.plan(MARA, incident)
    with pytest.raises(RefusedError, match="nobody has approved the latest plan"):
        room.engine.incident_jobs.ask_apply(MARA, incident)
    room.engine.incidents.approve(NOOR, incident, planned["history"][-1]["numbers"]["hash"])
    room.engine.incident_jobs.ask_apply(MARA, incident)
    room.engine.chores.run("incidents")
    assert sum(letters(room).values()) == 2


def test_what_breaks_at_the_same_place_again_and_again_is_given_up(room: Room) -> None:
    incident = approved(room, 1)
    jobs = room.engine.incident_jobs
    broken = replace(jobs, applying=replace(jobs.applying, clock=_no_time))
    job = jobs.ask_apply(MARA, incident)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(CutShortError):
            broken.work()
        assert shown(room, job)["state"] == "queued"
    assert broken.work() == 0
    assert shown(room, job)["error"]["code"] == "incident.job_broken"
    jobs.ask_apply(MARA, incident)
    jobs.work()
    assert sum(letters(room).values()) == 1


def test_a_replay_that_is_cancelled_counts_for_nothing_and_begins_anew(room: Room) -> None:
    incident = opened(room, 6)
    jobs = room.engine.incident_jobs
    with room.engine.store.read() as tx:
        facts = {one.person.person_id: one.person.evidence for one in tx.decisions.recorded(PHONE, Which())}
    waiting = jobs.ask_replay(MARA, incident, Corrected(facts=facts))
    assert kept_facts(room) == 6
    assert jobs.cancel(NOOR, incident, waiting["job"])["state"] == "cancelled"
    assert (kept_facts(room), jobs.work()) == (0, 0)
    job = jobs.ask_replay(MARA, incident, NO_DEVICES)
    told: list[dict[str, Any]] = []

    def cancels(_what: str, done: int, _total: int) -> None:
        if done == 4 and not told:
            told.append(jobs.cancel(NOOR, incident, job["job"]))

    small_parts(room, "slow").finish(job["job"], cancels)
    assert [one["error"] for one in told] == [
        {"code": "incident.job_cancelled", "detail": "noor cancelled it when 4 of 6 decisions were judged"}
    ]
    assert (shown(room, job)["state"], shown(room, job)["done"], places(room)) == (
        "cancelled",
        4,
        [1, 2, 3, 4],
    )
    assert room.engine.incidents.show(MARA, incident)["state"] == "open"
    with pytest.raises(RefusedError, match=r"has ended \(cancelled\)"):
        jobs.cancel(NOOR, incident, job["job"])
    with pytest.raises(RefusedError, match="replay"):
        room.engine.incident_plan.plan(MARA, incident)
    jobs.ask_replay(MARA, incident, NO_DEVICES)
    assert jobs.work() == 6
    assert room.engine.incidents.show(MARA, incident)["history"][-1]["numbers"]["people"] == 6


def test_an_application_that_is_cancelled_stops_before_the_next_person_and_goes_on(room: Room) -> None:
    incident = approved(room, 5)
    jobs = room.engine.incident_jobs
    job = jobs.ask_apply(MARA, incident)

    def cancels(_what: str, done: int, _total: int) -> None:
        if done == 2:
            jobs.cancel(NOOR, incident, job["job"])

    assert jobs.finish(job["job"], cancels)
    assert letters(room) == {"p0": 1, "p1": 1}, "not one more"
    assert shown(room, job)["state"] == "cancelled"
    assert room.engine.incidents.show(MARA, incident)["state"] == "approved"
    again = jobs.ask_apply(MARA, incident)
    assert again["job"] != job["job"]
    jobs.work()
    assert letters(room) == {f"p{number}": 1 for number in range(5)}
    assert room.engine.incidents.show(MARA, incident)["history"][-1]["numbers"]["letters"] == 5


def _no_time() -> datetime:
    raise CutShortError


def test_what_should_have_been_known_of_people_goes_with_the_job_and_with_the_person(room: Room) -> None:
    incident = opened(room, 3)
    with room.engine.store.read() as tx:
        facts = {one.person.person_id: one.person.evidence for one in tx.decisions.recorded(PHONE, Which())}
    job = room.engine.incident_jobs.ask_replay(MARA, incident, Corrected(facts=facts))
    assert kept_facts(room) == 3
    room.engine.records.erasing.erase_for(STAFF, "p0")
    assert kept_facts(room) == 2
    room.engine.incident_jobs.work()
    assert (kept_facts(room), shown(room, job)["state"]) == (0, "done")


def test_a_process_is_killed_and_another_one_ends_it(sqlite_room: Room) -> None:
    room, people = sqlite_room, 60
    room.clock.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    opens, closes = (room.clock.now + timedelta(days=days) for days in (-1, 14))
    window = f"{{opens: {opens:%Y-%m-%dT%H:%MZ}, closes: {closes:%Y-%m-%dT%H:%MZ}}}"
    incident = approved(room, people, window=window)
    database = room.engine.settings.database_url
    command = ["incidents", "apply", incident, "--database", database]
    killed = Perks(*command, folder=room.folder, environment=os.environ, stdout=DEVNULL, stderr=DEVNULL)
    until = time.monotonic() + 60
    while not letters(room) and time.monotonic() < until:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert letters(room), "it was at it when it was killed"
    room.clock.now = datetime.now(UTC)
    [job, _replay] = room.engine.incident_jobs.of_incident(MARA, incident)
    if job["state"] != "done":  # else it was faster than the signal
        assert room.engine.chores.run("incidents") == 0, "nobody knows yet that it is dead"
        room.clock.now += LEASE
        assert room.engine.chores.run("incidents")
        assert shown(room, job)["state"] == "done"
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
