"""What happens to a unit between the claim and the end of it, and what the disclosure list then says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from perks_engine.domain.fulfillment import Fulfillment, MoveKind
from perks_engine.domain.money import Money
from perks_engine.services.access import Actor, Role
from perks_engine.services.errors import ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from perks_engine.services.list_records import Chosen
from tests.engine_room import BRAND, PHONE, STAFF, Room

MANAGER = Actor("mara", Role.BRAND_MANAGER, (BRAND,), holder="mara")
APPROVAL = {"promotion": "{allowed: true}\napproval: {required: true}"}
PARTS = (
    "48h\n  parts:\n"
    "    - {name: Phone, fair_market_value: 400.00 USD}\n"
    "    - {name: Case, fair_market_value: 40.00 USD}\n"
    "    - {name: Strap, fair_market_value: 9.00 USD}"
)
BUNDLE = {"kind": "bundle", "reservation": PARTS}


def granted(room: Room, person: str = "ana", **changes: str) -> str:
    room.campaign(**changes)
    return str(room.claim(room.person(person))["claim"])


def record(room: Room, claim: str, move: str, **more: Any) -> None:
    room.clock.move(hours=1)
    row = Fulfillment(claim, MoveKind(move), room.clock(), **more)
    room.engine.fulfilling.record([row], STAFF)


def refused(room: Room, claim: str, move: str, **more: Any) -> str:
    with pytest.raises(InvalidInputError) as error:
        record(room, claim, move, **more)
    [problem] = error.value.problems
    return problem.removeprefix("record 1: ")


def listed(room: Room) -> list[tuple[str, str, str]]:
    """Item, value and since when, of each line."""
    with room.engine.disclosing.lines(STAFF, BRAND) as (_, lines):
        return [(one.item, str(one.fair_market_value), f"{one.received_at:%H:%M}") for one in lines]


def letters(room: Room, person: str = "ana") -> list[tuple[str, str]]:
    with room.engine.store.read() as tx:
        return [(one.kind, one.body_text) for one in tx.outbox.of_person(person)]


# --- approval


def test_a_claim_waits_for_the_yes_that_its_campaign_asks_for(room: Room) -> None:
    claim = granted(room, **APPROVAL)
    approving = room.engine.approving
    assert [one["claim"] for one in approving.waiting(MANAGER)] == [claim]
    for move in ("pack", "ship"):
        problem = refused(room, claim, move)
        assert problem.startswith("fulfillment.not_approved: nobody has approved the claim yet")
        assert "it can only be moved by: approve, cancel, decline, substitute, void" in problem
    answer = approving.approve(claim, MANAGER, "yes")
    assert answer["where"] == "cleared"
    assert approving.approve(claim, MANAGER, "yes") == answer
    assert approving.waiting(MANAGER) == []
    record(room, claim, "pack")
    record(room, claim, "ship", carrier="ups", reference="1Z1")
    record(room, claim, "deliver")
    assert listed(room) == [("Northwind One", "449.00 USD", "20:00")]
    assert [kind for kind, _ in letters(room)] == [
        *("grant", "disclosure_instruction", "approval"),
        *("shipment", "receipt"),
    ]
    assert f"{BRAND} looks at each claim itself before anything is sent" in letters(room)[0][1]


def test_what_is_declined_goes_back_to_stock_and_the_person_is_told_why(room: Room) -> None:
    claim = granted(room, quantity="1", **APPROVAL)
    with pytest.raises(InvalidInputError, match="needs a reason"):
        room.engine.approving.decline(claim, " ", MANAGER, "no")
    answer = room.engine.approving.decline(claim, "the profile shows no posts", MANAGER, "no")
    assert answer["where"] == "stock"
    assert "The reason: the profile shows no posts" in letters(room)[-1][1]
    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
        assert (last.move, last.note, last.recorded_by) == ("decline", "the profile shows no posts", "mara")
        assert last.corrects is not None
        assert tx.ledger.free_units(PHONE) == 1
    with pytest.raises(RefusedError, match="decline is not possible now: the unit is back in stock"):
        room.engine.approving.decline(claim, "again", MANAGER, "no, again")


def test_who_may_say_yes(room: Room) -> None:
    claim = granted(room, **APPROVAL)
    with pytest.raises(ForbiddenError, match="may not approve claims; brand_manager or operator may"):
        room.engine.approving.approve(claim, Actor("fay", Role.FULFILLMENT, (BRAND,)), "k")
    with pytest.raises(NotFoundError):
        room.engine.approving.approve(claim, Actor("max", Role.BRAND_MANAGER, ("other",), holder="max"), "k")
    assert room.engine.approving.waiting(Actor("max", Role.BRAND_MANAGER, ("other",))) == []


def test_a_campaign_without_approval_has_nobody_wait(room: Room) -> None:
    claim = granted(room)
    assert room.engine.approving.waiting(MANAGER) == []
    with pytest.raises(RefusedError, match="its campaign asks for no approval"):
        room.engine.approving.approve(claim, MANAGER, "k")


def test_what_is_approved_does_not_expire(room: Room) -> None:
    claim = granted(room, **APPROVAL)
    other = str(room.claim(room.person("bo", "{device: [40.6500, -73.9500], radius: 30 m}"))["claim"])
    room.engine.approving.approve(claim, MANAGER, "yes")
    room.clock.move(hours=49)
    assert room.engine.fulfilling.expire_reservations() == 1
    with room.engine.store.read() as tx:
        where = {one: str(held.account) for one in (claim, other) if (held := tx.ledger.holding(one))}
    assert where == {claim: "cleared", other: "stock"}


# --- another item


def test_the_list_names_what_was_sent_in_its_place(room: Room) -> None:
    claim = granted(room)
    assert refused(room, claim, "substitute", note="sold out") == (
        "fulfillment.item: substitute needs the item that is sent instead and its fair market value"
    )
    one_lite = {"item": "Northwind Lite", "value": Money(29_900, "USD")}
    assert refused(room, claim, "substitute", **one_lite).startswith("fulfillment.note: substitute needs a")
    assert refused(room, claim, "ship", **one_lite) == (
        "fulfillment.item: ship does not change what the item is; record substitute first"
    )
    record(room, claim, "substitute", note="the blue ones were recalled", **one_lite)
    told = letters(room)[-1][1]
    assert "you are sent: Northwind Lite.\nIts fair market value is $299.00." in told
    record(room, claim, "ship")
    record(room, claim, "deliver")
    assert listed(room) == [("Northwind Lite", "299.00 USD", "21:00")]
    with room.engine.store.read() as tx:
        reserve, substitute, *_ = tx.ledger.entries(claim)
    assert substitute.corrects == reserve.entry_id


# --- parts of a bundle


def test_of_a_bundle_the_list_names_what_arrived(room: Room) -> None:
    claim = granted(room, **BUNDLE)
    record(room, claim, "ship")
    assert refused(room, claim, "deliver", parts=("Phone", "Charger")) == (
        "fulfillment.parts: there is no part Charger; the parts are Phone, Case, Strap"
    )
    assert refused(room, claim, "lose", note="gone", parts=("Case",)).startswith(
        "fulfillment.parts: lose is of the whole unit"
    )
    record(room, claim, "deliver", parts=("Strap", "Phone"))
    first = f"{room.clock():%H:%M}"
    assert listed(room) == [("Northwind One: Phone, Strap", "409.00 USD", first)]
    assert refused(room, claim, "deliver_more", parts=("Phone",)) == (
        "fulfillment.parts: recorded as received already: Phone"
    )
    record(room, claim, "deliver_more", parts=("Case",))
    assert listed(room) == [("Northwind One: Phone, Case, Strap", "449.00 USD", first)]
    record(room, claim, "return_part", note="the case does not fit", parts=("Case",))
    assert listed(room) == [("Northwind One: Phone, Strap", "409.00 USD", first)]
    assert refused(room, claim, "return_part", note="n", parts=("Case",)).endswith(
        "not recorded as received: Case"
    )
    assert refused(room, claim, "return_part", note="n", parts=("Phone", "Strap")) == (
        "fulfillment.parts: that is all that was received; record return"
    )
    record(room, claim, "return", note="all of it")
    assert listed(room) == []


def test_parts_that_came_at_one_and_the_same_time_are_all_recorded(room: Room) -> None:
    """As a warehouse writes it that knows the day alone: two rows that differ by the part."""
    claim = granted(room, **BUNDLE)
    record(room, claim, "ship", reference="T-1")
    room.clock.move(hours=1)

    def rows(move: str, *parts: str) -> dict[str, Any]:
        return dict(
            room.engine.fulfilling.record(
                [
                    Fulfillment(claim, MoveKind(move), room.clock(), reference="T-1", note="n", parts=(one,))
                    for one in parts
                ],
                STAFF,
            )
        )

    assert rows("deliver", "Phone") == {"recorded": 1, "already_recorded": 0}
    assert rows("deliver_more", "Case", "Strap") == {"recorded": 2, "already_recorded": 0}
    assert listed(room)[0][:2] == ("Northwind One: Phone, Case, Strap", "449.00 USD")
    assert rows("return_part", "Strap", "Case") == {"recorded": 2, "already_recorded": 0}
    assert listed(room)[0][:2] == ("Northwind One: Phone", "400.00 USD")
    for move, parts in (
        ("deliver", ["Phone"]),
        ("deliver_more", ["Strap", "Case"]),
        ("return_part", ["Case"]),
    ):
        assert rows(move, *parts) == {"recorded": 0, "already_recorded": len(parts)}
    with pytest.raises(InvalidInputError) as error:
        rows("deliver", "Case")
    assert error.value.problems[0].startswith("record 1: fulfillment.already_received")


def test_of_two_items_sent_instead_at_the_same_time_the_last_counts(room: Room) -> None:
    claim = granted(room)
    for item, value, told in (("A", 100, 1), ("B", 200, 1), ("B", 200, 0)):
        row = Fulfillment(
            claim, MoveKind.SUBSTITUTE, room.clock(), note="n", item=item, value=Money(value, "USD")
        )
        assert room.engine.fulfilling.record([row], STAFF)["recorded"] == told
    record(room, claim, "ship")
    record(room, claim, "deliver")
    assert listed(room)[0][:2] == ("B", "2.00 USD")


def test_a_bundle_that_arrives_whole_is_whole(room: Room) -> None:
    claim = granted(room, **BUNDLE)
    record(room, claim, "ship")
    record(room, claim, "deliver")
    assert listed(room) == [("Northwind One", "449.00 USD", "17:00")]
    assert refused(room, claim, "deliver_more", parts=("Case",)).endswith("already: Case")


def test_the_person_says_which_parts_came(room: Room) -> None:
    claim = granted(room, **BUNDLE)
    record(room, claim, "ship")
    room.engine.own_word.confirm("ana", claim, "k", parts=("Case",))
    assert listed(room) == [("Northwind One: Case", "40.00 USD", "16:00")]


def test_an_item_has_no_parts(room: Room) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    assert refused(room, claim, "deliver", parts=("Phone",)) == (
        "fulfillment.parts: Northwind One has no parts that are told apart"
    )


# --- another unit


def test_a_lost_unit_is_replaced_out_of_stock(room: Room) -> None:
    claim = granted(room, quantity="2")
    assert refused(room, claim, "replace", note="n").startswith("fulfillment.illegal_move: ")
    record(room, claim, "ship", reference="T1")
    record(room, claim, "lose", note="the carrier gave up")
    record(room, claim, "replace", note="the first was lost")
    with room.engine.store.read() as tx:
        assert tx.ledger.free_units(PHONE) == 0
        assert tx.ledger.units_had(PHONE, "ana") == 1
    room.clock.move(days=30)
    assert room.engine.fulfilling.expire_reservations() == 0
    record(room, claim, "ship", reference="T2")
    record(room, claim, "deliver")
    assert [item for item, _, _ in listed(room)] == ["Northwind One"]
    record(room, claim, "return", note="broken on arrival")
    assert refused(room, claim, "replace", note="it was broken") == (
        "stock.exhausted: no unit is left in stock that could replace it"
    )


def test_a_unit_that_is_found_again_goes_on(room: Room) -> None:
    claim = granted(room)
    record(room, claim, "ship")
    record(room, claim, "lose", note="no scan for two weeks")
    assert listed(room) == []
    record(room, claim, "find", note="the carrier scanned it again")
    record(room, claim, "deliver")
    assert len(listed(room)) == 1


# --- what is not shipped


@pytest.mark.parametrize(
    ("kind", "move", "evidence"),
    [
        ("event", "check_in", "check_in"),
        ("code", "redeem", "redemption"),
        ("early_access", "hand_over", "person"),
    ],
)
def test_what_needs_no_shipment_is_received_by_its_own_evidence(
    room: Room, kind: str, move: str, evidence: str
) -> None:
    claim = granted(room, kind=kind)
    problem = refused(room, claim, "ship")
    assert re.match(r"fulfillment.not_shipped_kind: a perk of kind \w+ is not shipped", problem)
    record(room, claim, move, evidence=evidence if move == "hand_over" else "")
    with room.engine.store.read() as tx:
        last = tx.ledger.entries(claim)[-1]
    assert (str(last.move), last.evidence) == (move, evidence)
    assert len(listed(room)) == 1


def test_what_only_the_clock_does_is_offered_to_nobody(room: Room) -> None:
    claim = granted(room)
    assert refused(room, claim, "deliver").endswith("by: cancel, pack, ship, substitute, void")


@pytest.mark.parametrize("hot", ["true", "false"])
def test_what_was_lost_is_replaced_in_a_campaign_that_thousands_claim_at_once(room: Room, hot: str) -> None:
    claim = granted(room, quantity="2", reservation=f"48h\n  hot: {hot}")
    record(room, claim, "ship", reference="1Z1")
    record(room, claim, "lose", note="the lorry burnt")
    record(room, claim, "replace", note="another one")
    assert refused(room, claim, "return", note="?").startswith("fulfillment.illegal_move")
    record(room, claim, "ship", reference="1Z2")
    record(room, claim, "lose", note="again")
    with room.engine.store.read() as tx:
        assert tx.ledger.free_units(PHONE) == 0
    assert refused(room, claim, "replace", note="a third").startswith("stock.exhausted")
    assert listed(room) == []


def test_a_bundle_stays_in_the_period_in_which_its_first_part_came(room: Room) -> None:
    claim = granted(room, **BUNDLE)
    record(room, claim, "ship")
    record(room, claim, "deliver", parts=("Phone",))
    first = room.clock()
    room.clock.move(days=2)
    record(room, claim, "deliver_more", parts=("Case",))
    for start, end, is_listed in ((-1, 1, True), (1, 72, False)):
        span = (first + timedelta(hours=start), first + timedelta(hours=end))
        with room.engine.disclosing.listing(STAFF, Chosen(BRAND, None, None, *span)) as found:
            assert [line.received_at for line in found.lines] == [first] * is_listed
