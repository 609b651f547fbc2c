"""The life of a unit: the accounts it can be in and the moves that are legal between them.

A move is double entry: it takes a unit from one account and puts it into another. Shipped is not
received; receipt needs evidence. Nothing is undone: what went wrong is corrected by a further move
that names the entry it corrects and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from perks_engine.domain.campaign import PerkKind


class Account(StrEnum):
    SUPPLY = "supply"
    """The world outside, from which stock comes; the only account that may go below zero."""
    STOCK = "stock"
    RESERVED = "reserved"
    IN_TRANSIT = "in_transit"
    RECIPIENT = "recipient"
    RETURNED = "returned"
    LOST = "lost"
    VOIDED = "voided"


class MoveKind(StrEnum):
    SUPPLY = "supply"
    WITHDRAW = "withdraw"
    RESERVE = "reserve"
    EXPIRE = "expire"
    CANCEL = "cancel"
    SHIP = "ship"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    HAND_OVER = "hand_over"
    LOSE = "lose"
    REFUSE = "refuse"
    RETURN = "return"
    VOID = "void"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Move:
    """`source` and `target` are accounts; `is_correction` moves name the entry they correct and why."""

    kind: MoveKind
    source: Account
    target: Account
    is_correction: bool = False

    @property
    def is_receipt(self) -> bool:
        return self.target is Account.RECIPIENT


_M, _A = MoveKind, Account

MOVES: tuple[Move, ...] = (
    Move(_M.SUPPLY, _A.SUPPLY, _A.STOCK),
    Move(_M.WITHDRAW, _A.STOCK, _A.SUPPLY),
    Move(_M.RESERVE, _A.STOCK, _A.RESERVED),
    Move(_M.EXPIRE, _A.RESERVED, _A.STOCK, is_correction=True),
    Move(_M.CANCEL, _A.RESERVED, _A.STOCK, is_correction=True),
    Move(_M.SHIP, _A.RESERVED, _A.IN_TRANSIT),
    Move(_M.DELIVER, _A.IN_TRANSIT, _A.RECIPIENT),
    Move(_M.CONFIRM, _A.IN_TRANSIT, _A.RECIPIENT),
    Move(_M.HAND_OVER, _A.RESERVED, _A.RECIPIENT),
    Move(_M.LOSE, _A.IN_TRANSIT, _A.LOST, is_correction=True),
    Move(_M.REFUSE, _A.IN_TRANSIT, _A.RETURNED, is_correction=True),
    Move(_M.RETURN, _A.RECIPIENT, _A.RETURNED, is_correction=True),
    Move(_M.RETURN, _A.IN_TRANSIT, _A.RETURNED, is_correction=True),
    Move(_M.VOID, _A.RESERVED, _A.STOCK, is_correction=True),
    Move(_M.VOID, _A.IN_TRANSIT, _A.VOIDED, is_correction=True),
    Move(_M.VOID, _A.RECIPIENT, _A.VOIDED, is_correction=True),
)
"""Every legal move. The database holds the same table as constraints on what an entry may say."""

AMEND = Move(_M.AMEND, _A.RECIPIENT, _A.RECIPIENT, is_correction=True)
"""Moves nothing: a receipt said again, with the day or the evidence that it should have said. It comes of a
dispute alone, and so is no step in the life of a unit."""

RECORDABLE = (_M.CANCEL, _M.SHIP, _M.DELIVER, _M.HAND_OVER, _M.LOSE, _M.REFUSE, _M.RETURN, _M.VOID)
"""The moves that staff may record; the others happen by a claim, a clock or the person's own word."""

_SHIPPED_ONLY = {MoveKind.SHIP, MoveKind.DELIVER, MoveKind.CONFIRM, MoveKind.LOSE, MoveKind.REFUSE}


class IllegalMoveError(Exception):
    """The life of a unit forbids this move from where the unit is now.

    `code` is a reason code (`fulfillment.not_shipped`), `message` says what is so and what could be done.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def move_for(kind: MoveKind, perk: PerkKind, account: Account) -> Move:
    """The move of this kind for a unit of such a perk that is in `account`; raises `IllegalMoveError`."""
    if kind in _SHIPPED_ONLY and not perk.is_shipped:
        raise IllegalMoveError(
            "fulfillment.not_shipped_kind",
            f"a perk of kind {perk} is not shipped; record hand_over when the person receives it",
        )
    if kind is MoveKind.HAND_OVER and perk.is_shipped:
        raise IllegalMoveError(
            "fulfillment.shipped_kind",
            f"a perk of kind {perk} is shipped; record ship and then deliver",
        )
    for move in MOVES:
        if move.kind is kind and move.source is account:
            return move
    raise IllegalMoveError(*_why_not(kind, perk, account))


def _why_not(kind: MoveKind, perk: PerkKind, account: Account) -> tuple[str, str]:
    never = {MoveKind.HAND_OVER} if perk.is_shipped else _SHIPPED_ONLY
    possible = sorted({one.kind.value for one in MOVES if one.source is account and one.kind not in never})
    ways = ", ".join(possible) or "nothing"
    says = f"the unit is {_WHERE[account]}; from there it can only be moved by: {ways}"
    if kind in (MoveKind.DELIVER, MoveKind.CONFIRM) and account is Account.RESERVED:
        return "fulfillment.not_shipped", f"it was never shipped, so it cannot have arrived: {says}"
    if kind in (MoveKind.DELIVER, MoveKind.CONFIRM, MoveKind.HAND_OVER) and account is Account.RECIPIENT:
        return "fulfillment.already_received", f"it is recorded as received already: {says}"
    return "fulfillment.illegal_move", f"{kind} is not possible now: {says}"


_WHERE = {
    Account.SUPPLY: "outside the stock",
    Account.STOCK: "back in stock",
    Account.RESERVED: "reserved",
    Account.IN_TRANSIT: "in transit",
    Account.RECIPIENT: "with its recipient",
    Account.RETURNED: "returned",
    Account.LOST: "lost",
    Account.VOIDED: "voided",
}


class ReceiptEvidence(StrEnum):
    """What a receipt rests on. Without one of these there is no receipt."""

    CARRIER = "carrier"
    PERSON = "person"
    CHECK_IN = "check_in"
    REDEMPTION = "redemption"
    WAREHOUSE = "warehouse"


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """Something that happened to the unit of one claim, as somebody reports it.

    `occurred_at` is the aware UTC instant at which it happened; `evidence` and `reference` (a
    tracking number, a ticket) say what it rests on; `note` is why, for a correction.
    """

    claim_id: str
    move: MoveKind
    occurred_at: datetime
    evidence: str = ""
    reference: str = ""
    note: str = ""
