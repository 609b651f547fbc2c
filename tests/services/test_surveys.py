"""No history of events, however odd, sends a survey that the consents and the ledger of that moment do not
allow: what arrives at a real mail server, against a small model of who may be asked. `nightly` takes many
more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from perks_engine.services.feedback import Own
from tests.engine_room import PHONE, Room
from tests.mail_server import PostOffice, post_office
from tests.web.feedback_room import agree, asker, ready_to_ask

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
WINDOW = "{opens: 2026-12-01T09:00-05:00, closes: 2999-12-15T23:59-05:00}"
LEGAL = {
    "reserved": ("ship",),
    "in_transit": ("deliver", "lose"),
    "recipient": ("return", "void"),
}
AFTER = {"ship": "in_transit", "deliver": "recipient", "lose": "lost", "return": "returned", "void": "voided"}


@dataclass
class Modelled:
    """What the model knows of somebody."""

    claim: str
    agrees: bool
    account: str = "reserved"
    dispute: str | None = None
    erased: bool = False

    @property
    def may_be_asked(self) -> bool:
        return self.agrees and self.account == "recipient" and self.dispute is None and not self.erased


@dataclass
class World:
    """One engine for all examples: who was in an earlier one goes on to be watched."""

    room: Room
    office: PostOffice
    people: dict[str, Modelled] = field(default_factory=dict[str, Modelled])
    asked: list[str] = field(default_factory=list[str])
    numbers: Iterator[int] = field(default_factory=count)


_worlds: dict[str, World] = {}
_WHO = st.integers(0, 2)
_EACH = st.tuples(st.booleans(), st.booleans(), st.booleans())


class Surveys(RuleBasedStateMachine):
    """Three people in each example."""

    database = ""

    @initialize(agree_first=_EACH, has_it=_EACH)
    def begin(self, agree_first: tuple[bool, ...], has_it: tuple[bool, ...]) -> None:
        self.world = _worlds[self.database]
        self.room = self.world.room
        self.here: list[str] = []
        for agrees, has in zip(agree_first, has_it, strict=True):
            person = asker(self.room, f"person{next(self.world.numbers)}", agrees)
            claim = self.room.claim(person)
            assert claim["outcome"] == "granted"
            self.world.people[person] = Modelled(str(claim["claim"]), agrees)
            self.here.append(person)
            if has:
                self.it_arrives(len(self.here) - 1)

    def of(self, who: int) -> tuple[str, Modelled]:
        return self.here[who], self.world.people[self.here[who]]

    @rule(who=_WHO, choice=st.integers(0, 5))
    def the_unit_moves(self, who: int, choice: int) -> None:
        _, one = self.of(who)
        legal = LEGAL.get(one.account, ())
        if not legal or one.dispute or one.erased:
            return
        move = legal[choice % len(legal)]
        self.room.record(one.claim, move, note="so it was")
        one.account = AFTER[move]

    @rule(who=_WHO)
    def it_arrives(self, who: int) -> None:
        for _ in range(2):
            if self.of(who)[1].account in ("reserved", "in_transit"):
                self.the_unit_moves(who, 0)

    @rule(who=_WHO, yes=st.booleans())
    def they_say(self, who: int, yes: bool) -> None:
        person, one = self.of(who)
        if one.erased:
            return
        agree(self.room, person, yes)
        one.agrees = yes

    @rule(who=_WHO)
    def they_object_or_take_it_back(self, who: int) -> None:
        person, one = self.of(who)
        if one.account != "recipient" or one.erased:
            return
        key = f"{one.claim} {next(self.world.numbers)}"
        if one.dispute is None:
            opened = self.room.engine.disputing.open_own(person, one.claim, "not my door", key)
            one.dispute = str(opened["dispute"])
        else:
            self.room.engine.disputing.withdraw(person, one.dispute, "a neighbour had it", key)
            one.dispute = None

    @rule(who=_WHO)
    def they_answer_unasked(self, who: int) -> None:
        person, one = self.of(who)
        if one.may_be_asked:
            self.room.engine.recipients.feedback.say(Own(person, one.claim), 1, "")

    @rule(who=_WHO, really=st.integers(0, 6))
    def they_leave(self, who: int, really: int) -> None:
        person, one = self.of(who)
        if not one.erased and really == 6:
            self.room.engine.records.erasing.erase_own(person)
            one.erased = True

    @rule(hours=st.sampled_from([1, 8, 24, 9 * 24]))
    def time_passes(self, hours: int) -> None:
        self.room.clock.move(hours=hours)

    @rule(days=st.sampled_from([0, 11]))
    def the_worker_asks(self, days: int) -> None:
        self.room.clock.move(days=days)
        self.room.engine.chores.run("feedback")

    @rule(who=_WHO, event=st.sampled_from(["gone", "no", "objects"]))
    def something_changes_while_the_letter_waits(self, who: int, event: str) -> None:
        _, one = self.of(who)
        if one.erased or one.dispute is not None:
            return
        self.it_arrives(who)
        self.they_say(who, True)
        self.room.clock.now = self.room.clock().replace(hour=18)  # by day wherever they are
        self.the_worker_asks(11)
        if event == "gone":
            self.the_unit_moves(who, 0)
        elif event == "no":
            self.they_say(who, False)
        elif one.dispute is None:
            self.they_object_or_take_it_back(who)
        self.the_worker_sends(False)

    @rule(refuses=st.booleans())
    def the_worker_sends(self, refuses: bool) -> None:
        """The mail server takes what comes, or says to each mailbox that it is full for now."""
        says = "452 4.2.2 mailbox full" if refuses else "250 OK"
        self.world.office.to_mailbox = lambda _address: says
        may_be = {name for name, one in self.world.people.items() if one.may_be_asked}
        self.world.office.letters.clear()
        self.room.engine.chores.run("messages")
        for to, letter in self.world.office.letters:
            if letter["Subject"] == "How is Northwind One?":
                person = to[0].partition("@")[0]
                assert person in may_be, self.world.people[person]
                assert person not in self.world.asked, "asked twice"
                self.world.asked.append(person)


@pytest.mark.no_cover  # many small calls; tests beside it measure the same lines
def test_no_history_sends_a_survey_that_is_not_allowed(room: Room) -> None:
    name = room.engine.engine.dialect.name
    with post_office() as office:
        ready_to_ask(room, smtp_url=office.url, mail_from="Perks <perks@shop.example>")
        room.campaign(PHONE, window=WINDOW, guards="[{unknown_share: {at_most: 5%, over: 1h}}]")
        _worlds[name] = World(room, office)
        machine = type("SurveysHere", (Surveys,), {"database": name})
        few = settings(
            max_examples=200 if NIGHTLY else 10,
            stateful_step_count=60 if NIGHTLY else 30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        )
        run_state_machine_as_test(machine, settings=few)
    assert _worlds[name].asked, "nobody was asked at all: the histories show nothing"
