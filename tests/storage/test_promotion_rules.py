"""What the database itself holds of promotions, and that what happens at one moment is not missed."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perks_engine.domain.promotion import Cause, PromotionState
from perks_engine.services.access import ALL_BRANDS, Actor, Role
from perks_engine.services.consents import own_word
from perks_engine.services.ports import DatabaseRefusedError, KeyTakenError
from perks_engine.services.promotion_records import Promotion, PromotionEvent
from tests.engine_room import Room

BRAND_STAFF = Actor("brand", Role.BRAND_MANAGER, (ALL_BRANDS,))


def agree(room: Room, person: str = "ana", channel: str = "site") -> None:
    ask = room.engine.rules.purposes.ask("likeness", channel)
    assert ask is not None
    word = own_word(person, "a test")
    room.engine.consents.give(word, "likeness", channel, ask.current("en").sha256)


@pytest.fixture
def shown(room: Room) -> Promotion:
    """Ana agreed, received, and is out."""
    room.campaign()
    claim = room.received(room.person("ana"))
    agree(room)
    made = room.engine.promoting.ask(BRAND_STAFF, claim, "site", "blog")
    room.engine.promoting.publish(BRAND_STAFF, made["promotion"], None)
    return now(room, str(made["promotion"]))


def now(room: Room, promotion: str) -> Promotion:
    with room.engine.store.read() as tx:
        found = tx.promotions.get(promotion)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"channel": "social"},
        {"claim_id": "another"},
        {"person_id": "bo"},
        {"decision_id": "of a claim"},
    ],
)
def test_none_is_inserted_that_is_not_allowed(room: Room, shown: Promotion, change: dict[str, str]) -> None:
    """Whatever code does it, and however sure of itself."""
    room.person("bo")
    agree(room, "bo")
    agree(room, "bo", "social")
    with room.engine.store.read() as tx:
        claim = tx.claims.get(shown.claim_id)
    assert claim is not None
    if change.get("claim_id"):
        change = {"claim_id": str(room.claim("bo")["claim"]), "person_id": "bo"}
    if change.get("decision_id"):
        change = {"decision_id": claim.decision_id}
    new = replace(shown, promotion_id="prm_2", publisher="another", **change)
    with pytest.raises(DatabaseRefusedError, match="promotion_is_allowed"), room.engine.store.write() as tx:
        tx.promotions.add(replace(new, state=PromotionState.QUEUED))


def test_what_fell_cannot_be_raised_by_hand(room: Room, shown: Promotion) -> None:
    room.clock.move(minutes=1)
    room.engine.consents.withdraw(own_word("ana", "a test"), "likeness", "site")
    assert now(room, shown.promotion_id).state is PromotionState.RETRACTED
    raised = text("UPDATE promotion SET state = 'published'")
    with (
        pytest.raises(IntegrityError, match="promotion_is_allowed"),
        room.engine.engine.begin() as connection,
    ):
        connection.execute(raised)
    back = PromotionEvent(
        shown.promotion_id, PromotionState.PUBLISHED, Cause.REPORTED, "somebody", room.clock()
    )
    with room.engine.store.write() as tx:
        assert not tx.promotions.record(back)


@pytest.mark.parametrize("act", ["queued", "published", "cancelled", "taken_down"])
def test_an_act_follows_the_one_before(room: Room, shown: Promotion, act: str) -> None:
    insert = text(
        "INSERT INTO promotion_event (promotion_id, act, cause, acted_by, acted_at) "
        "VALUES (:one, :act, 'staff', 'somebody', '2026-12-03 00:00:00')"
    )
    with (
        pytest.raises(IntegrityError, match="promotion_act_follows"),
        room.engine.engine.begin() as connection,
    ):
        connection.execute(insert, {"one": shown.promotion_id, "act": act})


def test_the_same_is_live_once(room: Room, shown: Promotion) -> None:
    with room.engine.store.write() as tx:
        decision = tx.claims.decision(shown.decision_id)
        assert decision is not None
        tx.claims.add_decision(replace(decision, decision_id="dec_2"))
    same = replace(shown, promotion_id="prm_2", decision_id="dec_2", state=PromotionState.QUEUED)
    with pytest.raises(KeyTakenError), room.engine.store.write() as tx:
        tx.promotions.add(same)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE promotion_event SET cause = 'staff'",
        "DELETE FROM promotion_event",
        "UPDATE promotion_told SET publisher = 'x'",
        "DELETE FROM promotion_told",
    ],
)
def test_what_was_done_and_told_stays(room: Room, shown: Promotion, change: str) -> None:
    assert shown.state is PromotionState.PUBLISHED
    with pytest.raises(IntegrityError, match="append_only"), room.engine.engine.begin() as connection:
        connection.execute(text(change))


@pytest.mark.parametrize("event", ["no", "return", "dispute"])
def test_a_promotion_and_what_ends_it_at_one_moment(room: Room, event: str) -> None:
    """Whichever comes first: afterwards nothing is live."""
    room.campaign()
    people = [room.person(f"p{number}") for number in range(6)]
    claims = [room.received(person) for person in people]
    for person in people:
        agree(room, person)
    room.clock.move(minutes=1)
    start = threading.Barrier(2)

    def end(place: int) -> None:
        start.wait()
        if event == "no":
            room.engine.consents.withdraw(own_word(people[place], "a test"), "likeness", "site")
        elif event == "return":
            room.record(claims[place], "return", note="came back")
        else:
            room.engine.disputing.open_own(people[place], claims[place], "not mine", f"d{place}")

    for place, claim in enumerate(claims):
        ending = threading.Thread(target=end, args=(place,))
        ending.start()
        start.wait()
        room.engine.promoting.ask(BRAND_STAFF, claim, "site", "blog")
        ending.join()
    with room.engine.store.read() as tx:
        live = [one for person in people for one in tx.promotions.live_of(person)]
    assert live == []
