"""The invariants of the ledger hold in the database, whoever writes to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from perks_engine.domain.fulfillment import Account, MoveKind
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import (
    AllowanceSpentError,
    DatabaseRefusedError,
    KeyTakenError,
    OutOfStockError,
    UnitMovedError,
)
from perks_engine.services.records import ClaimOutcome, Entry
from perks_engine.storage import tables
from tests.engine_room import ALABAMA, PHONE, Room


def an_entry(room: Room, claim: str, person: str, **changes: object) -> Entry:
    entry = Entry(
        campaign=PHONE,
        move=MoveKind.RESERVE,
        source=Account.STOCK,
        target=Account.RESERVED,
        units=1,
        occurred_at=room.clock(),
        recorded_at=room.clock(),
        recorded_by="test",
        claim_id=claim,
        person_id=person,
    )
    return replace(entry, **changes)


def granted_without_a_unit(room: Room, refused: dict[str, Any]) -> str:
    """The claim of somebody who came too late, once more, as it would be had the gate not seen that."""
    with room.engine.store.write() as tx:
        claim = tx.claims.get(refused["claim"])
        assert claim is not None
        decision = tx.claims.decision(claim.decision_id)
        assert decision is not None
        anew = replace(decision, decision_id=new_id("dec", room.clock()), standing=())
        tx.claims.add_decision(anew)
        granted = replace(
            claim,
            claim_id=new_id("clm", room.clock()),
            decision_id=anew.decision_id,
            outcome=ClaimOutcome.GRANTED,
            reserved_until=room.clock(),
        )
        tx.claims.add(granted)
    return granted.claim_id


@pytest.mark.parametrize("table", ["entry", "consent", "campaign_version", "area"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_what_is_recorded_cannot_be_changed_or_deleted(room: Room, table: str, change: str) -> None:
    room.campaign()
    room.person("ana")
    room.received("ana")
    column = {"entry": "note", "consent": "how", "campaign_version": "canonical", "area": "name"}[table]
    with (
        pytest.raises(IntegrityError, match=f"append_only: {table} is only ever appended to"),
        room.engine.engine.begin() as connection,
    ):
        connection.execute(text(change.format(table, column)))


def test_the_ledger_cannot_be_truncated(room: Room) -> None:
    if room.engine.engine.dialect.name == "sqlite":
        return  # SQLite has no TRUNCATE; its DELETE is refused above
    with (
        pytest.raises(IntegrityError, match="append_only"),
        room.engine.engine.begin() as connection,
    ):
        connection.execute(text("TRUNCATE entry CASCADE"))


def test_stock_never_goes_below_zero(room: Room) -> None:
    room.campaign(quantity="1")
    first, second = room.person("ana"), room.person("bo")
    assert room.claim(first)["outcome"] == "granted"
    refused = room.claim(second)
    assert refused["reasons"][0]["code"] == "stock.exhausted"
    claim = granted_without_a_unit(room, refused)
    with pytest.raises(OutOfStockError), room.engine.store.write() as tx:
        tx.ledger.append(an_entry(room, claim, second))


def test_one_person_gets_at_most_what_the_campaign_allows(room: Room) -> None:
    room.campaign()
    ana = room.person("ana")
    room.claim(ana, "one")
    refused = room.claim(ana, "two")
    assert refused["reasons"][0]["code"] == "limit.reached"
    claim = granted_without_a_unit(room, refused)
    with pytest.raises(AllowanceSpentError), room.engine.store.write() as tx:
        tx.ledger.append(an_entry(room, claim, ana))


def test_a_claim_is_granted_only_by_a_decision_that_grants(room: Room) -> None:
    """The gate is the only way to a grant: nobody else can write one down."""
    room.campaign()
    refused = room.claim(room.person("ben", ALABAMA))
    with room.engine.store.write() as tx:
        claim = tx.claims.get(str(refused["claim"]))
        decision = tx.claims.decision(str(refused["decision"]))
        assert claim is not None
        assert decision is not None
        unused = replace(decision, decision_id="dec_unused")
        tx.claims.add_decision(unused)
    forged = replace(
        claim,
        claim_id="clm_forged",
        decision_id=unused.decision_id,
        outcome=ClaimOutcome.GRANTED,
        reserved_until=room.clock(),
    )
    no_decision = pytest.raises(DatabaseRefusedError, match="claim_rests_on_its_decision")
    with no_decision, room.engine.store.write() as tx:
        tx.claims.add(forged)
    change = "UPDATE claim SET outcome = 'granted', reserved_until = created_at WHERE claim_id = :claim"
    with (
        pytest.raises(IntegrityError, match="claim_rests_on_its_decision"),
        room.engine.engine.begin() as connection,
    ):
        connection.execute(text(change), {"claim": claim.claim_id})
    with (
        pytest.raises(DatabaseRefusedError, match="claim_not_granted"),
        room.engine.store.write() as tx,
    ):
        tx.ledger.append(an_entry(room, claim.claim_id, "ben"))


@pytest.mark.parametrize("changes", [{"person_id": "bo"}, {"corrects": 1}])
def test_a_unit_is_moved_for_whom_it_is_and_a_correction_names_what_put_it_there(
    room: Room, changes: dict[str, object]
) -> None:
    room.campaign()
    claim = str(room.claim(room.person("ana"))["claim"])
    with room.engine.store.read() as tx:
        holding = tx.ledger.holding(claim)
    assert holding is not None
    cancelled = an_entry(
        room,
        claim,
        "ana",
        move=MoveKind.CANCEL,
        source=Account.RESERVED,
        target=Account.STOCK,
        note="no longer wanted",
        corrects=holding.entry_id,
    )
    with pytest.raises(UnitMovedError), room.engine.store.write() as tx:
        tx.ledger.append(replace(cancelled, **changes))
    with room.engine.store.write() as tx:
        tx.ledger.append(cancelled)


def test_a_claim_is_reserved_once(room: Room) -> None:
    room.campaign(per_person="2")
    ana = room.person("ana")
    claim = str(room.claim(ana)["claim"])
    with pytest.raises(KeyTakenError), room.engine.store.write() as tx:
        tx.ledger.append(an_entry(room, claim, ana))


def test_a_unit_is_taken_only_from_where_it_is(room: Room) -> None:
    room.campaign()
    ana = room.person("ana")
    claim = str(room.claim(ana)["claim"])
    delivery = an_entry(
        room,
        claim,
        ana,
        move=MoveKind.DELIVER,
        source=Account.IN_TRANSIT,
        target=Account.RECIPIENT,
        evidence="carrier",
    )
    with pytest.raises(UnitMovedError), room.engine.store.write() as tx:
        tx.ledger.append(delivery)
    assert room.listed() == []


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        (
            {"move": MoveKind.SHIP, "source": Account.RESERVED, "target": Account.LOST},
            "entry_is_a_legal_move",
        ),
        ({"units": 2}, "entry_of_a_claim_moves_one_unit"),
        ({"person_id": None}, "entry_belongs_to_a_claim_or_to_the_stock"),
        (
            {"move": MoveKind.HAND_OVER, "source": Account.RESERVED, "target": Account.RECIPIENT},
            "receipt_has_evidence",
        ),
        (
            {"move": MoveKind.CANCEL, "source": Account.RESERVED, "target": Account.STOCK},
            "correction_names_what_and_why",
        ),
        ({"occurred_at": timedelta(hours=1)}, "entry_is_not_of_the_future"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(room: Room, changes: dict[str, object], constraint: str) -> None:
    room.campaign(per_person="2")
    ana = room.person("ana")
    claim = str(room.claim(ana)["claim"])
    later = changes.get("occurred_at")
    if isinstance(later, timedelta):
        changes = {"occurred_at": room.clock() + later}
    with pytest.raises(DatabaseRefusedError, match=constraint), room.engine.store.write() as tx:
        tx.ledger.append(an_entry(room, claim, ana, **changes))


def test_balances_are_what_the_entries_add_up_to(room: Room) -> None:
    room.campaign(quantity="10")
    people = [
        room.person(f"p{number}", f"{{device: [40.67{number}, -73.94], radius: 30 m}}") for number in range(6)
    ]
    claims = [str(room.claim(person)["claim"]) for person in people]
    room.record(claims[0], "ship", "deliver")
    room.record(claims[1], "ship")
    room.record(claims[2], "ship", "deliver")
    room.record(claims[2], "return", note="sent back")
    room.record(claims[3], "cancel", note="no longer wanted")
    room.record(claims[4], "ship")
    room.record(claims[4], "lose", note="lost on the way")
    entry, held_now = tables.entry, tables.holding
    units = func.sum(entry.c.units)
    with room.engine.engine.connect() as connection:
        ins = {
            row[0]: int(row[1])
            for row in connection.execute(select(entry.c.target, units).group_by(entry.c.target))
        }
        outs = {
            row[0]: int(row[1])
            for row in connection.execute(select(entry.c.source, units).group_by(entry.c.source))
        }
        stock = connection.execute(select(tables.stock.c.units)).scalar_one()
        counted = select(held_now.c.account, func.count()).group_by(held_now.c.account)
        held = {row[0]: int(row[1]) for row in connection.execute(counted)}
    sums = {account: ins.get(account, 0) - outs.get(account, 0) for account in {*ins, *outs}}
    assert sums == {
        "supply": -10,
        "stock": 5,
        "reserved": 1,
        "in_transit": 1,
        "recipient": 1,
        "returned": 1,
        "lost": 1,
    }
    assert stock == 5
    assert {account: count for account, count in held.items() if account != "stock"} == {
        account: count for account, count in sums.items() if account not in ("supply", "stock")
    }


def test_corrections_name_the_entry_that_they_correct(room: Room) -> None:
    room.campaign()
    ana = room.person("ana")
    claim = room.received(ana)
    room.record(claim, "void", note="delivered to somebody else")
    with room.engine.store.read() as tx:
        entries = tx.ledger.entries(claim)
    assert [entry.move for entry in entries] == ["reserve", "ship", "deliver", "void"]
    assert entries[-1].corrects == entries[-2].entry_id
    assert entries[-1].note == "delivered to somebody else"


def test_what_was_cancelled_can_be_claimed_again(room: Room) -> None:
    room.campaign(quantity="1")
    ana, bo = room.person("ana"), room.person("bo")
    claim = str(room.claim(ana)["claim"])
    assert room.claim(bo, "early")["outcome"] == "refused"
    room.engine.own_word.cancel(ana, claim, "cancel")
    assert room.claim(bo, "later")["outcome"] == "granted"


@pytest.mark.parametrize("move", [MoveKind.SHIP, MoveKind.PACK])
def test_nothing_leaves_before_the_yes_that_its_campaign_asks_for(room: Room, move: MoveKind) -> None:
    room.campaign(promotion="{allowed: true}\napproval: {required: true}")
    claim = str(room.claim(room.person("ana"))["claim"])
    target = Account.IN_TRANSIT if move is MoveKind.SHIP else Account.PACKED

    def append(move: MoveKind, source: Account, target: Account) -> None:
        with room.engine.store.write() as tx:
            tx.ledger.append(an_entry(room, claim, "ana", move=move, source=source, target=target))

    with pytest.raises(DatabaseRefusedError, match="claim_not_approved"):
        append(move, Account.RESERVED, target)
    append(MoveKind.APPROVE, Account.RESERVED, Account.CLEARED)
    append(move, Account.CLEARED, target)
    with room.engine.store.read() as tx:
        assert [one.move for one in tx.ledger.entries(claim)] == ["reserve", "approve", move]
