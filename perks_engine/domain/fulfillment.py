"""The life of a unit: the accounts it can be in and the moves that are legal between them.

A move is double entry: it takes a unit from one account and puts it into another. Shipped is not
received; receipt needs evidence. Nothing is undone: what went wrong is corrected by a further move
that names the entry it corrects and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from perks_engine.domain.campaign import PerkKind
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import Phrase, one_of, phrase, said, word


class Account(StrEnum):
    SUPPLY = "supply"
    """The world outside, from which stock comes; the only account that may go below zero."""
    STOCK = "stock"
    RESERVED = "reserved"
    CLEARED = "cleared"
    """Reserved, and nothing stands before it is sent: somebody said yes, or it replaces another. It does not
    expire."""
    PACKED = "packed"
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
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    SUBSTITUTE = "substitute"
    PACK = "pack"
    SHIP = "ship"
    DELIVER = "deliver"
    CONFIRM = "confirm"
    DELIVER_MORE = "deliver_more"
    HAND_OVER = "hand_over"
    CHECK_IN = "check_in"
    REDEEM = "redeem"
    LOSE = "lose"
    FIND = "find"
    REFUSE = "refuse"
    RETURN = "return"
    RETURN_PART = "return_part"
    REPLACE = "replace"
    VOID = "void"
    AMEND = "amend"


SHIPPED = frozenset(kind for kind in PerkKind if kind.is_shipped)
HANDED = frozenset(PerkKind) - SHIPPED
_ALL = frozenset(PerkKind)


@dataclass(frozen=True, slots=True)
class Move:
    """`source` and `target` are accounts; `is_correction` moves name the entry they correct and why.

    `perks` are the kinds of perk that it is for. `approval` says whether the campaign has to ask for approval
    (True) or not to (False); for None it makes no difference. A move of a new unit that stands in for one
    before it begins where that one ended: in `after`.
    """

    kind: MoveKind
    source: Account
    target: Account
    is_correction: bool = False
    perks: frozenset[PerkKind] = _ALL
    approval: bool | None = None
    after: Account | None = None

    @property
    def begins_at(self) -> Account:
        """Where the unit of the claim is before the move."""
        return self.after or self.source

    @property
    def is_receipt(self) -> bool:
        return self.target is Account.RECIPIENT and self.source is not Account.RECIPIENT


_M, _A = MoveKind, Account
_EVENT, _CODE, _BUNDLE = (frozenset({kind}) for kind in (PerkKind.EVENT, PerkKind.CODE, PerkKind.BUNDLE))
_YES = True
"""A correction: it names an entry, and why."""

MOVES: tuple[Move, ...] = (
    Move(_M.SUPPLY, _A.SUPPLY, _A.STOCK),
    Move(_M.WITHDRAW, _A.STOCK, _A.SUPPLY),
    Move(_M.RESERVE, _A.STOCK, _A.RESERVED),
    Move(_M.EXPIRE, _A.RESERVED, _A.STOCK, _YES),
    Move(_M.APPROVE, _A.RESERVED, _A.CLEARED, approval=True),
    Move(_M.DECLINE, _A.RESERVED, _A.STOCK, _YES, approval=True),
    Move(_M.CANCEL, _A.RESERVED, _A.STOCK, _YES),
    Move(_M.CANCEL, _A.CLEARED, _A.STOCK, _YES),
    Move(_M.CANCEL, _A.PACKED, _A.STOCK, _YES),
    Move(_M.SUBSTITUTE, _A.RESERVED, _A.RESERVED, _YES),
    Move(_M.SUBSTITUTE, _A.CLEARED, _A.CLEARED, _YES),
    Move(_M.SUBSTITUTE, _A.PACKED, _A.PACKED, _YES),
    Move(_M.PACK, _A.RESERVED, _A.PACKED, perks=SHIPPED, approval=False),
    Move(_M.PACK, _A.CLEARED, _A.PACKED, perks=SHIPPED),
    Move(_M.SHIP, _A.RESERVED, _A.IN_TRANSIT, perks=SHIPPED, approval=False),
    Move(_M.SHIP, _A.CLEARED, _A.IN_TRANSIT, perks=SHIPPED),
    Move(_M.SHIP, _A.PACKED, _A.IN_TRANSIT, perks=SHIPPED),
    Move(_M.DELIVER, _A.IN_TRANSIT, _A.RECIPIENT, perks=SHIPPED),
    Move(_M.CONFIRM, _A.IN_TRANSIT, _A.RECIPIENT, perks=SHIPPED),
    Move(_M.DELIVER_MORE, _A.RECIPIENT, _A.RECIPIENT, perks=_BUNDLE),
    Move(_M.HAND_OVER, _A.RESERVED, _A.RECIPIENT, perks=HANDED, approval=False),
    Move(_M.HAND_OVER, _A.CLEARED, _A.RECIPIENT, perks=HANDED),
    Move(_M.CHECK_IN, _A.RESERVED, _A.RECIPIENT, perks=_EVENT, approval=False),
    Move(_M.CHECK_IN, _A.CLEARED, _A.RECIPIENT, perks=_EVENT),
    Move(_M.REDEEM, _A.RESERVED, _A.RECIPIENT, perks=_CODE, approval=False),
    Move(_M.REDEEM, _A.CLEARED, _A.RECIPIENT, perks=_CODE),
    Move(_M.LOSE, _A.IN_TRANSIT, _A.LOST, _YES, SHIPPED),
    Move(_M.FIND, _A.LOST, _A.IN_TRANSIT, _YES, SHIPPED),
    Move(_M.REFUSE, _A.IN_TRANSIT, _A.RETURNED, _YES, SHIPPED),
    Move(_M.RETURN, _A.RECIPIENT, _A.RETURNED, _YES),
    Move(_M.RETURN, _A.IN_TRANSIT, _A.RETURNED, _YES, SHIPPED),
    Move(_M.RETURN_PART, _A.RECIPIENT, _A.RECIPIENT, _YES, _BUNDLE),
    Move(_M.REPLACE, _A.STOCK, _A.CLEARED, _YES, after=_A.LOST),
    Move(_M.REPLACE, _A.STOCK, _A.CLEARED, _YES, after=_A.RETURNED),
    Move(_M.VOID, _A.RESERVED, _A.STOCK, _YES),
    Move(_M.VOID, _A.CLEARED, _A.STOCK, _YES),
    Move(_M.VOID, _A.PACKED, _A.STOCK, _YES),
    Move(_M.VOID, _A.IN_TRANSIT, _A.VOIDED, _YES),
    Move(_M.VOID, _A.RECIPIENT, _A.VOIDED, _YES),
)
"""Every legal move. The database holds the same table as constraints on what an entry may say."""

AMEND = Move(_M.AMEND, _A.RECIPIENT, _A.RECIPIENT, is_correction=True)
"""Moves nothing: a receipt said again, with the day or the evidence that it should have said. It comes of a
dispute alone, and so is no step in the life of a unit."""

REPLACEABLE = tuple(move.begins_at for move in MOVES if move.kind is _M.REPLACE)

_BY_OTHERS = (_M.SUPPLY, _M.WITHDRAW, _M.RESERVE, _M.EXPIRE, _M.APPROVE, _M.DECLINE, _M.CONFIRM, _M.AMEND)
_BY_THE_ENGINE = frozenset((_M.SUPPLY, _M.WITHDRAW, _M.RESERVE, _M.EXPIRE, _M.AMEND))
"""Those that nobody can ask for: no refusal names them as what could be done instead."""
RECORDABLE = tuple(kind for kind in MoveKind if kind not in _BY_OTHERS)
"""The moves that staff may record; the others happen by a claim, a clock, an approval, a dispute or the
person's own word."""


class IllegalMoveError(Exception):
    """The life of a unit forbids this move from where the unit is now.

    `code` is a reason code (`fulfillment.not_shipped`), `words` say what is so and what could be done, and
    `message` the same in English.
    """

    def __init__(self, code: str, words: Phrase) -> None:
        super().__init__(str(words))
        self.code = code
        self.words = words
        self.message = str(words)


@cache
def move_for(kind: MoveKind, perk: PerkKind, account: Account, approval: bool = False) -> Move:
    """The move of this kind for a unit of such a perk that is in `account`; raises `IllegalMoveError`.

    `approval` says whether the campaign asks for approval.
    """
    if _perks_of(kind) and perk not in _perks_of(kind):
        raise IllegalMoveError(*_wrong_perk(kind, perk))
    found = next((move for move in _possible(perk, account, approval) if move.kind is kind), None)
    if found is None:
        raise IllegalMoveError(*_why_not(kind, perk, account, approval))
    return found


def _possible(perk: PerkKind, account: Account, approval: bool) -> Iterable[Move]:
    return (
        move
        for move in MOVES
        if move.begins_at is account and perk in move.perks and move.approval in (None, approval)
    )


def _perks_of(kind: MoveKind) -> frozenset[PerkKind]:
    found: frozenset[PerkKind] = frozenset()
    return found.union(*(move.perks for move in MOVES if move.kind is kind))


def _wrong_perk(kind: MoveKind, perk: PerkKind) -> tuple[str, Phrase]:
    able = _perks_of(kind)
    if able == SHIPPED:
        words = said("a perk of kind {perk} is not shipped; record hand_over when the person receives it")
        return "fulfillment.not_shipped_kind", phrase(words, perk=word(perk))
    if able == HANDED:
        words = said("a perk of kind {perk} is shipped; record ship and then deliver")
        return "fulfillment.shipped_kind", phrase(words, perk=word(perk))
    sent = said(
        "{kind} is for a perk of kind {able}, and this is one of kind {perk}; record ship and then deliver"
    )
    handed = said(
        "{kind} is for a perk of kind {able}, and this is one of kind {perk}; record hand_over when the "
        "person receives it"
    )
    words = sent if perk in SHIPPED else handed
    kinds = one_of(tuple(one.value for one in sorted(able)), coded=True)
    return "fulfillment.other_kind", phrase(words, kind=word(kind), able=kinds, perk=word(perk))


def _why_not(kind: MoveKind, perk: PerkKind, account: Account, approval: bool) -> tuple[str, Phrase]:
    kinds = {move.kind for move in _possible(perk, account, approval)} - _BY_THE_ENGINE
    says = phrase(
        "the unit is {where}; from there it can only be moved by: {ways}",
        where=word(WHERE[account]),
        ways=word(", ".join(sorted(kinds)) or "nothing"),
    )
    arrives = kind in (MoveKind.DELIVER, MoveKind.CONFIRM)
    if approval and any(move.kind is kind for move in _possible(perk, account, approval=False)):
        return "fulfillment.not_approved", phrase("nobody has approved the claim yet: {says}", says=says)
    if arrives and account in (Account.RESERVED, Account.CLEARED, Account.PACKED):
        return "fulfillment.not_shipped", phrase(
            "it was never shipped, so it cannot have arrived: {says}", says=says
        )
    if account is Account.RECIPIENT and (arrives or kind in (_M.HAND_OVER, _M.CHECK_IN, _M.REDEEM)):
        return "fulfillment.already_received", phrase("it is recorded as received already: {says}", says=says)
    if kind in (MoveKind.APPROVE, MoveKind.DECLINE) and not approval:
        return "fulfillment.no_approval", phrase("its campaign asks for no approval: {says}", says=says)
    return "fulfillment.illegal_move", phrase(
        "{kind} is not possible now: {says}", kind=word(kind), says=says
    )


WHERE = {
    Account.SUPPLY: said("outside the stock"),
    Account.STOCK: said("back in stock"),
    Account.RESERVED: said("reserved"),
    Account.CLEARED: said("cleared to be sent"),
    Account.PACKED: said("packed"),
    Account.IN_TRANSIT: said("in transit"),
    Account.RECIPIENT: said("with its recipient"),
    Account.RETURNED: said("returned"),
    Account.LOST: said("lost"),
    Account.VOIDED: said("voided"),
}


class ReceiptEvidence(StrEnum):
    """What a receipt rests on. Without one of these there is no receipt."""

    CARRIER = "carrier"
    PERSON = "person"
    CHECK_IN = "check_in"
    REDEMPTION = "redemption"
    WAREHOUSE = "warehouse"


IMPLIED = {
    MoveKind.DELIVER: ReceiptEvidence.CARRIER,
    MoveKind.DELIVER_MORE: ReceiptEvidence.CARRIER,
    MoveKind.CHECK_IN: ReceiptEvidence.CHECK_IN,
    MoveKind.REDEEM: ReceiptEvidence.REDEMPTION,
}
"""The evidence that a move is, where its record names no other."""


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """Something that happened to the unit of one claim, as somebody reports it.

    `occurred_at` is the aware UTC instant at which it happened; `evidence`, `carrier` and `reference` (a
    tracking number, a ticket) say what it rests on; `note` is why, for a correction. `parts` names the parts
    of a bundle that it is about, `item` and `value` what is sent in place of what was offered.
    """

    claim_id: str
    move: MoveKind
    occurred_at: datetime
    evidence: str = ""
    reference: str = ""
    note: str = ""
    carrier: str = ""
    parts: tuple[str, ...] = ()
    item: str = ""
    value: Money | None = None
