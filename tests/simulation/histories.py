"""Histories of campaigns, drawn from a seed, with faults in them.

Two workers are asked for things at the same moment; either may be killed in the midst of it, and what was
not answered is asked for again under the same key, as a client would. Evidence comes late, twice, or for what
never happened; clocks jump, forth and back; the database goes away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from perks_engine.services.records import PreviewRecord
from tests.engine_room import OPENING, Room
from tests.simulation.worker import DiedError, Step, Worker

PEOPLE = tuple(f"person-{number}" for number in range(8))
MOVES = ("ship", "ship", "ship", "deliver", "deliver", "deliver", "lose", "return", "void", "cancel")
STATUSES = ("DELIVERED", "DELIVERED", "DELIVERED", "RETURNED", "TRANSIT", "FAILURE", "TELEPORTED")
MOST_ASKED = 200
MOST_CALLS = 16
"""A step asks its database for about so many things; who is to die at a later one lives."""

_CAMPAIGN = """\
campaign: {name}
brand: simulated
title: One of many
perk:
  {{kind: item, name: A thing, fair_market_value: 10.00 USD, quantity: {units}, hot: {hot}, reservation: 48h}}
window: {{opens: 2026-12-01T09:00Z, closes: 2027-12-01T09:00Z}}
eligibility: {{all: [{{opted_in: perks}}, {{age: {{at_least: 18}}}}]}}
disclosure: {{connection: received_item, instruct: templates/messages/disclosure_gift}}
{guards}examples:
  - name: of age
    person: {{opted_in: [perks], born_on: 1990-04-01}}
    verdict: eligible
  - name: too young
    person: {{opted_in: [perks], born_on: 2015-04-01}}
    verdict: ineligible
  - name: of an age that nobody knows
    person: {{opted_in: [perks]}}
    verdict: unknown
"""


@dataclass
class History:
    """One campaign: what was asked, and what was acknowledged, by key."""

    name: str
    units: int
    asked: dict[str, Step] = field(default_factory=dict[str, Step])
    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def claims(self) -> list[tuple[str, str]]:
        """The granted claims that were acknowledged, with their people."""
        answers = (self.acknowledged[key] for key, step in self.asked.items() if step.do == "claim")
        return [(one["claim"], one["person"]) for one in answers if one.get("outcome") == "granted"]


def ready(room: Room) -> None:
    """The people that all histories share."""
    for person in PEOPLE:
        room.person(person, location="", score="", topics="")


def opened(room: Room, name: str, random: Random) -> History:
    history = History(name, random.randint(1, 5))
    guards = random.choice(("", "guards: [{unknown_share: {at_most: 90%}}]\n"))
    hot = random.choice(("true", "false"))
    file = room.folder / f"{name}.yaml"
    file.write_text(
        _CAMPAIGN.format(name=name, units=history.units, hot=hot, guards=guards), encoding="utf-8"
    )
    rules = room.engine.rules
    version = str(
        room.engine.campaigning.load(rules.loadable(rules.reader.read_file(file)), "mara")["version"]
    )
    nobody = {"people": 0, "eligible": 0, "ineligible": 0, "unknown": 0}
    with room.engine.store.write() as tx:
        tx.campaigns.add_preview(PreviewRecord(version, "mara", room.clock(), nobody))
    room.engine.campaigning.approve(name, "noor")
    room.engine.campaigning.open(name, "mara")
    return history


@dataclass
class Simulation:
    """`goes_away`, where given, makes the database go away while workers are at it, and come back."""

    room: Room
    random: Random
    workers: tuple[Worker, Worker]
    goes_away: Callable[[], None] | None = None
    faults: dict[str, int] = field(default_factory=dict[str, int])

    def run(self, history: History, rounds: int = 12) -> None:
        outage = self.random.randrange(rounds) if self.goes_away and self.random.random() < 0.5 else None
        for number in range(rounds):
            self._jump()
            steps = [self._step(history, f"{number} {worker}") for worker in "ab"]
            if steps[0].do == "webhook" and self.random.random() < 0.5:
                self._note("a webhook, twice at once")
                steps[1] = steps[0]
            self._together(history, steps, number == outage)

    def _jump(self) -> None:
        hours = self.random.choice((0, 0, 0, 1, 3, 20, 50, -1))
        if hours < 0:
            self._note("the clock jumps back")
        self.room.clock.now = max(OPENING, self.room.clock() + timedelta(hours=hours, seconds=1))

    def _step(self, history: History, key: str) -> Step:
        random, now = self.random, self.room.clock()
        if history.asked and random.random() < 0.2:
            self._note("asked twice")
            return replace(random.choice(list(history.asked.values())), at=now)
        claims = history.claims()
        kinds = ["claim", "claim", "claim", "expire", "seal"] + (
            ["record"] * 5 + ["webhook"] * 3 + ["cancel", "confirm"]
        ) * bool(claims)
        do = random.choice(kinds)
        step = Step(do, f"{history.name} {key}", now, history.name)
        if do == "claim":
            return replace(step, person=random.choice(PEOPLE))
        if do in ("cancel", "confirm", "record"):
            claim, person = random.choice(claims)
            late = timedelta(hours=random.choice((0, 0, 0, 2, 30)))
            if late:
                self._note("late evidence")
            return replace(
                step, claim=claim, person=person, move=random.choice(MOVES), occurred_at=now - late
            )
        if do == "webhook":
            return self._webhook(step, random.choice(claims)[0])
        return step

    def _webhook(self, step: Step, claim: str) -> Step:
        """What a carrier says: of something long past, of nothing that was shipped, or signed long ago."""
        late, random = timedelta(hours=self.random.choice((0, 0, 0, 2, 30))), self.random
        if late:
            self._note("a webhook, late")
        if random.random() < 0.15:
            self._note("a webhook, of nothing")
            claim = "nobody's"
        stale = random.random() < 0.15
        if stale:
            self._note("a webhook, stale")
        return replace(
            step,
            claim=claim,
            move=random.choice(STATUSES),
            occurred_at=step.at - late,
            signed_ago=timedelta(minutes=10 if stale else 0),
        )

    def _together(self, history: History, steps: list[Step], outage: bool) -> None:
        """Ask both workers at the same moment; whoever is killed, or loses the database, is asked again."""
        waiting = list(zip(self.workers, steps, strict=True))
        first = True
        asked = 0
        while waiting:
            asked += 1
            assert asked < MOST_ASKED, f"no answer to {waiting}"
            for worker, step in waiting:
                dies = first and self.random.random() < 0.25
                worker.ask(step, self.random.randrange(1, MOST_CALLS) if dies else None)
            if first and outage and self.goes_away is not None:
                self._note("the database goes away")
                self.goes_away()
            waiting = [
                (worker, step) for worker, step in waiting if not self._answered(history, worker, step)
            ]
            first = False

    def _answered(self, history: History, worker: Worker, step: Step) -> bool:
        try:
            answer = worker.answer().acknowledged
        except DiedError:
            self._note("a worker is killed")
            return False
        if answer is None:
            self._note("a step lost its database")
            time.sleep(0.05)
            return False
        known = history.acknowledged.get(step.key)
        if step.do in ("claim", "cancel", "confirm") and known is not None and "refused" not in known:
            assert answer == known, f"{step} was answered with {known}, and then with {answer}"
        history.asked.setdefault(step.key, step)
        history.acknowledged.setdefault(step.key, answer)
        return True

    def _note(self, fault: str) -> None:
        self.faults[fault] = self.faults.get(fault, 0) + 1
