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
CORRECTIONS = {"expire", "cancel", "lose", "refuse", "return", "void"}


def legal(kind: MoveKind, perk: PerkKind, account: Account) -> Move | None:
    try:
        return move_for(kind, perk, account)
    except IllegalMoveError:
        return None


def refusal(kind: str, perk: str, account: str) -> IllegalMoveError:
    with pytest.raises(IllegalMoveError) as refused:
        move_for(MoveKind(kind), PerkKind(perk), Account(account))
    return refused.value


def test_a_move_stands_in_the_table_once_and_leads_elsewhere() -> None:
    assert len({(move.kind, move.source) for move in MOVES}) == len(MOVES)
    assert all(move.source is not move.target for move in MOVES)
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
    assert receipts == {("deliver", "in_transit"), ("confirm", "in_transit"), ("hand_over", "reserved")}


@pytest.mark.parametrize("perk", PerkKind)
def test_every_move_is_one_of_the_table_or_is_refused(perk: PerkKind) -> None:
    for kind, account in EVERYTHING:
        found = legal(kind, perk, account)
        if found is not None:
            assert found in MOVES
            assert (found.kind, found.source) == (kind, account)
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
            possible = {one.value for one in MoveKind if legal(one, perk, account) is not None}
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


class LifeOfAUnit(RuleBasedStateMachine):
    """Whatever is reported, in any order: the books balance, and the unit is where its history says."""

    @initialize(perk=st.sampled_from(PerkKind))
    def supplied(self, perk: PerkKind) -> None:
        self.perk = perk
        self.account = Account.SUPPLY
        self.books = dict.fromkeys(Account, 0)
        self.history: list[Move] = []
        self.report(MoveKind.SUPPLY)

    @rule(kind=st.sampled_from(MoveKind))
    def report(self, kind: MoveKind) -> None:
        move = legal(kind, self.perk, self.account)
        if move is not None:
            self.books[move.source] -= 1
            self.books[move.target] += 1
            self.account = move.target
            self.history.append(move)

    @precondition(lambda self: self.account not in ENDS)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """Something that can happen does, so that lives get on."""
        self.report(
            data.draw(st.sampled_from([one for one in MoveKind if legal(one, self.perk, self.account)]))
        )

    @invariant()
    def the_books_balance(self) -> None:
        assert sum(self.books.values()) == 0
        assert all(units >= 0 for account, units in self.books.items() if account is not Account.SUPPLY)

    @invariant()
    def the_unit_is_in_one_account(self) -> None:
        held = [account for account, units in self.books.items() if units == 1]
        assert held == ([] if self.account is Account.SUPPLY else [self.account])

    @invariant()
    def what_was_received_travelled_or_was_handed_over(self) -> None:
        if self.account is Account.RECIPIENT:
            last = [move.kind.value for move in self.history][-2:]
            assert last in (
                [["ship", "deliver"], ["ship", "confirm"]]
                if self.perk.is_shipped
                else [["reserve", "hand_over"]]
            )

    @invariant()
    def what_ended_was_reserved_and_does_not_come_back(self) -> None:
        if self.account in ENDS:
            assert MoveKind.RESERVE in {move.kind for move in self.history}
            assert self.history[-1].is_correction
            assert not any(legal(kind, self.perk, self.account) for kind in MoveKind)

    @invariant()
    def one_that_never_left_goes_back_to_stock(self) -> None:
        last = self.history[-1]
        if last.is_correction and last.source is Account.RESERVED:
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
    ],
)
def test_a_life_ends_in_its_account(perk: str, life: str, end: str) -> None:
    account = Account.STOCK
    for kind in life.split():
        account = move_for(MoveKind(kind), PerkKind(perk), account).target
    assert account == end
