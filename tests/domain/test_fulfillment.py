"""The life of a unit: only the moves of the table, and each refusal says what would go instead."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from perks_engine.domain.campaign import PerkKind
from perks_engine.domain.fulfillment import MOVES, Account, IllegalMoveError, Move, MoveKind, move_for

EVERYTHING = list(product(MoveKind, Account))
ENDS = {Account.RETURNED, Account.LOST, Account.VOIDED}
"""A unit that came back, is gone or was declared void is never given to anybody else."""
AGAIN = {"replace", "find"}
"""What can follow for the claim all the same: another unit, or the lost one after all."""
CORRECTIONS = {
    *("expire", "decline", "cancel", "substitute", "lose", "find"),
    *("refuse", "return", "return_part", "replace", "void"),
}
BY_THE_ENGINE = {"supply", "withdraw", "reserve", "expire", "amend"}
"""Nobody can ask for them, so no refusal offers them."""
STAY = {"substitute", "deliver_more", "return_part"}
"""They move nothing, and say anew what the unit consists of."""


def legal(kind: MoveKind, perk: PerkKind, account: Account, approval: bool = False) -> Move | None:
    try:
        return move_for(kind, perk, account, approval)
    except IllegalMoveError:
        return None


def refusal(kind: str, perk: str, account: str) -> IllegalMoveError:
    with pytest.raises(IllegalMoveError) as refused:
        move_for(MoveKind(kind), PerkKind(perk), Account(account))
    return refused.value


def test_a_move_stands_in_the_table_once_and_most_lead_elsewhere() -> None:
    assert len({(move.kind, move.begins_at) for move in MOVES}) == len(MOVES)
    assert {move.kind.value for move in MOVES if move.source is move.target} == STAY
    assert {move.kind for move in MOVES} == set(MoveKind) - {MoveKind.AMEND}


def test_what_goes_wrong_is_a_correction_and_what_goes_well_is_none() -> None:
    assert {move.kind.value for move in MOVES if move.is_correction} == CORRECTIONS


@pytest.mark.parametrize("account", Account)
def test_a_receipt_is_said_again_by_a_dispute_alone(account: Account) -> None:
    """It is no step in the life of a unit, and nobody is told of it as one."""
    assert legal(MoveKind.AMEND, PerkKind.ITEM, account) is None
    assert "amend," not in refusal("amend", "item", account).message.partition("moved by: ")[2]


def test_receipt_is_what_ends_with_the_recipient() -> None:
    receipts = {(move.kind.value, move.source.value) for move in MOVES if move.is_receipt}
    handed = {
        (kind, where) for kind in ("hand_over", "check_in", "redeem") for where in ("reserved", "cleared")
    }
    assert receipts == {("deliver", "in_transit"), ("confirm", "in_transit"), *handed}


@pytest.mark.parametrize("perk", PerkKind)
def test_every_move_is_one_of_the_table_or_is_refused(perk: PerkKind) -> None:
    for kind, account in EVERYTHING:
        found = legal(kind, perk, account)
        if found is not None:
            assert found in MOVES
            assert (found.kind, found.begins_at) == (kind, account)
        else:
            error = refusal(kind, perk, account)
            assert error.code.startswith("fulfillment.")
            assert str(error) == error.message
            assert any(advice in error.message for advice in ("can only be moved by: ", "; record "))


@pytest.mark.parametrize("perk", PerkKind)
def test_only_things_travel_and_only_the_rest_is_handed_over(perk: PerkKind) -> None:
    assert perk.is_shipped is (perk in (PerkKind.ITEM, PerkKind.BUNDLE))
    assert (legal(MoveKind.SHIP, perk, Account.RESERVED) is not None) is perk.is_shipped
    assert (legal(MoveKind.HAND_OVER, perk, Account.RESERVED) is None) is perk.is_shipped


@pytest.mark.parametrize("perk", PerkKind)
def test_a_refusal_names_just_the_moves_that_would_go(perk: PerkKind) -> None:
    for kind, account in EVERYTHING:
        if legal(kind, perk, account) is None:
            _, told, ways = refusal(kind, perk, account).message.partition("it can only be moved by: ")
            possible = {one for one in MoveKind if legal(one, perk, account) is not None} - BY_THE_ENGINE
            assert not told or set(ways.split(", ")) == (possible or {"nothing"})


@pytest.mark.parametrize(
    ("kind", "perk", "account", "code", "says"),
    [
        ("deliver", "item", "reserved", "not_shipped", "it was never shipped, so it cannot have arrived"),
        ("confirm", "item", "reserved", "not_shipped", "it was never shipped, so it cannot have arrived"),
        ("deliver", "item", "recipient", "already_received", "it is recorded as received already"),
        ("hand_over", "event", "recipient", "already_received", "it is recorded as received already"),
        ("ship", "event", "reserved", "not_shipped_kind", "record hand_over when the person receives it"),
        ("hand_over", "item", "reserved", "shipped_kind", "record ship and then deliver"),
        ("check_in", "code", "reserved", "other_kind", "record hand_over when the person receives it"),
        ("redeem", "item", "reserved", "other_kind", "record ship and then deliver"),
        ("deliver_more", "item", "recipient", "other_kind", "deliver_more is for a perk of kind bundle"),
        ("approve", "item", "reserved", "no_approval", "its campaign asks for no approval"),
        ("replace", "item", "voided", "illegal_move", "the unit is voided"),
        ("deliver", "item", "packed", "not_shipped", "it was never shipped, so it cannot have arrived"),
        ("ship", "item", "stock", "illegal_move", "the unit is back in stock"),
        (
            "return",
            "item",
            "lost",
            "illegal_move",
            "the unit is lost; from there it can only be moved",
        ),
        (
            "expire",
            "item",
            "in_transit",
            "illegal_move",
            "not possible now: the unit is in transit",
        ),
    ],
)
def test_a_refusal_says_what_is_so_and_what_could_be_done(
    kind: str, perk: str, account: str, code: str, says: str
) -> None:
    error = refusal(kind, perk, account)
    assert error.code == f"fulfillment.{code}"
    assert says in error.message


@pytest.mark.parametrize("perk", PerkKind)
def test_nothing_leaves_before_the_yes_that_a_campaign_asks_for(perk: PerkKind) -> None:
    leaving = [MoveKind.PACK, MoveKind.SHIP] if perk.is_shipped else [MoveKind.HAND_OVER]
    for kind in leaving:
        assert legal(kind, perk, Account.RESERVED, approval=True) is None
        assert legal(kind, perk, Account.CLEARED, approval=True) is not None
        with pytest.raises(IllegalMoveError, match="nobody has approved the claim yet: ") as refused:
            move_for(kind, perk, Account.RESERVED, approval=True)
        assert refused.value.code == "fulfillment.not_approved"
    assert legal(MoveKind.APPROVE, perk, Account.RESERVED, approval=True) is not None
    assert legal(MoveKind.APPROVE, perk, Account.CLEARED, approval=True) is None


class LifeOfAUnit(RuleBasedStateMachine):
    """Whatever is reported, in any order: the books balance, and the unit is where its history says."""

    @initialize(perk=st.sampled_from(PerkKind), approval=st.booleans())
    def supplied(self, perk: PerkKind, approval: bool) -> None:
        self.perk, self.approval = perk, approval
        self.account = Account.SUPPLY
        self.books = dict.fromkeys(Account, 0)
        self.history: list[Move] = []
        self.report(MoveKind.SUPPLY)
        self.books[Account.SUPPLY] -= 1  # another one, which may replace the first
        self.books[Account.STOCK] += 1

    def legal(self, kind: MoveKind) -> Move | None:
        move = legal(kind, self.perk, self.account, self.approval)
        return None if move and move.after and not self.books[Account.STOCK] else move

    @rule(kind=st.sampled_from(MoveKind))
    def report(self, kind: MoveKind) -> None:
        move = self.legal(kind)
        if move is not None:
            self.books[move.source] -= 1
            self.books[move.target] += 1
            self.account = move.target
            self.history.append(move)

    @precondition(lambda self: any(self.legal(kind) for kind in MoveKind))
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Something that can happen does, so that lives get on."""
        self.report(data.draw(st.sampled_from([one for one in MoveKind if self.legal(one)])))

    @invariant()
    def the_books_balance(self) -> None:
        assert sum(self.books.values()) == 0
        assert all(units >= 0 for account, units in self.books.items() if account is not Account.SUPPLY)

    @invariant()
    def the_unit_is_where_the_books_have_one(self) -> None:
        assert self.account is Account.SUPPLY or self.books[self.account] >= 1

    @invariant()
    def what_was_received_travelled_or_was_handed_over(self) -> None:
        if self.account is Account.RECIPIENT:
            *_, before, last = [move.kind.value for move in self.history if move.kind.value not in STAY]
            if self.perk.is_shipped:
                assert (before in ("ship", "find"), last in ("deliver", "confirm")) == (True, True)
            else:
                assert last in ("hand_over", "check_in", "redeem")
                assert before in ("approve", "replace") if self.approval else before in ("reserve", "replace")

    @invariant()
    def what_ended_was_reserved_and_does_not_come_back(self) -> None:
        if self.account in ENDS:
            assert MoveKind.RESERVE in {move.kind for move in self.history}
            assert self.history[-1].is_correction
            assert {kind.value for kind in MoveKind if self.legal(kind)} <= AGAIN

    @invariant()
    def one_that_never_left_goes_back_to_stock(self) -> None:
        last = self.history[-1]
        never_left = (Account.RESERVED, Account.CLEARED, Account.PACKED)
        if last.is_correction and last.source in never_left and last.source is not last.target:
            assert self.account is Account.STOCK


TestLifeOfAUnit = LifeOfAUnit.TestCase
TestLifeOfAUnit.settings = settings(stateful_step_count=20)


@pytest.mark.parametrize(
    ("perk", "life", "end"),
    [
        ("item", "reserve ship deliver", "recipient"),
        ("bundle", "reserve ship confirm", "recipient"),
        ("event", "reserve hand_over", "recipient"),
        ("code", "reserve hand_over void", "voided"),
        ("item", "reserve expire reserve cancel", "stock"),
        ("item", "reserve void reserve ship lose", "lost"),
        ("item", "reserve ship refuse", "returned"),
        ("item", "reserve ship return", "returned"),
        ("item", "reserve ship deliver return", "returned"),
        ("item", "reserve ship void", "voided"),
        ("item", "withdraw", "supply"),
        ("item", "reserve substitute pack ship deliver", "recipient"),
        ("item", "reserve ship lose replace ship deliver", "recipient"),
        ("item", "reserve ship lose find deliver return replace pack cancel", "stock"),
        ("bundle", "reserve ship deliver deliver_more return_part return", "returned"),
        ("event", "reserve check_in", "recipient"),
        ("code", "reserve redeem void", "voided"),
    ],
)
def test_a_life_ends_in_its_account(perk: str, life: str, end: str) -> None:
    account = Account.STOCK
    for kind in life.split():
        account = move_for(MoveKind(kind), PerkKind(perk), account).target
    assert account == end
