"""What the database itself holds of disputes, and that evidence which arrives at one moment is not missed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.dispute_records import Cause, DisputeAct, DisputeEvent
from perks_engine.services.disputing import Settlement
from perks_engine.services.errors import RefusedError
from perks_engine.services.ports import DatabaseRefusedError, KeyTakenError
from tests.engine_room import Room


@pytest.fixture
def event(room: Room) -> DisputeEvent:
    """Ana objects to the line about her phone; not written down yet."""
    room.campaign()
    claim = room.received(room.person("ana"))
    with room.engine.store.read() as tx:
        holding = tx.ledger.holding(claim)
    assert holding is not None
    now = room.clock()
    return DisputeEvent(
        dispute_id="dsp_1",
        act=DisputeAct.OPENED,
        claim_id=claim,
        entry_id=holding.entry_id,
        person_id="ana",
        campaign=holding.campaign,
        cause=Cause.PERSON,
        words="never came",
        acted_by="person ana",
        occurred_at=now,
        recorded_at=now,
    )


def test_a_claim_has_one_open_dispute_and_each_ends_once(room: Room, event: DisputeEvent) -> None:
    with room.engine.store.write() as tx:
        tx.disputes.open(event)
    with pytest.raises(KeyTakenError), room.engine.store.write() as tx:
        tx.disputes.open(replace(event, dispute_id="dsp_2"))
    ending = replace(event, act=DisputeAct.REJECTED, words="signed for")
    with room.engine.store.write() as tx:
        assert tx.disputes.end(ending)
    with room.engine.store.write() as tx:
        assert not tx.disputes.end(replace(ending, act=DisputeAct.WITHDRAWN))
    with room.engine.store.write() as tx:
        tx.disputes.open(replace(event, dispute_id="dsp_2"))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"words": ""}, "dispute_says_why"),
        ({"correction": 1}, "upheld_dispute_is_corrected"),
        ({"act": DisputeAct.UPHELD}, "upheld_dispute_is_corrected"),
    ],
)
def test_an_act_says_all_that_it_has_to(
    room: Room, event: DisputeEvent, changes: dict[str, object], rule: str
) -> None:
    with pytest.raises(DatabaseRefusedError, match=rule), room.engine.store.write() as tx:
        tx.disputes.open(replace(event, **changes))


@pytest.mark.parametrize("change", ["UPDATE dispute_event SET words = 'x'", "DELETE FROM dispute_event"])
def test_what_was_said_is_not_unsaid(room: Room, event: DisputeEvent, change: str) -> None:
    with room.engine.store.write() as tx:
        tx.disputes.open(event)
    with pytest.raises(IntegrityError, match="append_only"), room.engine.engine.begin() as connection:
        connection.execute(text(change))


def test_an_act_is_dated_after_every_list_that_was_given(room: Room, event: DisputeEvent) -> None:
    """A clock that runs behind must not put a mark on a list that is out."""
    listed = room.clock()
    with room.engine.store.write() as tx:
        assert tx.ledger.close_the_books(listed, None) >= listed
    earlier = listed - timedelta(minutes=5)
    with room.engine.store.write() as tx:
        tx.disputes.open(replace(event, occurred_at=earlier, recorded_at=earlier))
    with room.engine.store.read() as tx:
        assert tx.disputes.open_among([event.claim_id], listed) == {}
        later = listed + timedelta(seconds=1)
        assert tx.disputes.open_among([event.claim_id], later) == {
            event.claim_id: ("dsp_1", listed + timedelta(microseconds=1))
        }


def test_a_denial_and_a_delivery_at_the_same_moment_do_not_miss_each_other(room: Room) -> None:
    """Each is written without the other in sight; yet one of them finds the other."""
    room.campaign()
    for number in range(6):
        person = room.person(f"p{number}")
        claim = str(room.claim(person)["claim"])
        room.record(claim, "ship")
        start = threading.Barrier(2)

        def deny(person: str = person, claim: str = claim, start: threading.Barrier = start) -> None:
            start.wait()
            room.engine.own_word.deny(person, claim, "nothing came", "key")

        thread = threading.Thread(target=deny)
        thread.start()
        start.wait()
        room.record(claim, "deliver")
        thread.join()
        with room.engine.store.read() as tx:
            assert tx.disputes.open_on(claim) is not None


def test_of_two_who_settle_at_the_same_moment_one_does(room: Room, event: DisputeEvent) -> None:
    with room.engine.store.write() as tx:
        tx.disputes.open(event)
    start = threading.Barrier(2)
    told: list[str] = []

    def settle(name: str, outcome: DisputeAct) -> None:
        start.wait()
        actor = Actor(name, Role.COMPLIANCE, (ALL_BRANDS,), holder=name)
        try:
            room.engine.disputing.settle(actor, "dsp_1", Settlement(outcome, "looked at"), "key")
            told.append(outcome.value)
        except RefusedError as error:
            told.append(error.code)

    acts = (("noor", DisputeAct.UPHELD), ("mara", DisputeAct.REJECTED))
    threads = [threading.Thread(target=settle, args=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 2
    assert len({"upheld", "rejected"} & set(told)) == 1
    assert {"dispute.settled", "dispute.moved"} & set(told)
    with room.engine.store.read() as tx:
        entries = tx.ledger.entries(event.claim_id)
    assert (entries[-1].move == "void") is ("upheld" in told)  # who lost has written nothing
