"""What belongs on the disclosure list and what does not: one rule, as data (16 CFR 255.5).

`docs/disclosure-list.md` shows the same table; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perks_engine.domain.fulfillment import Account


class Section(StrEnum):
    """Where on the list a line stands."""

    RECEIVED = "received"
    """The list proper: who holds what they received."""
    MAY_RECEIVE = "may_receive"
    """Apart and marked: who received nothing yet, and only might."""
    RETURNED = "returned"
    """The annex: who held it for a while, and gave it back."""


class Standing(StrEnum):
    """Whether anybody objects to what a line says."""

    UNDISPUTED = "undisputed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Clause:
    """Units in `accounts` stand in `section`, or on no list at all; `why` is what a lawyer would ask.

    `was_received` narrows it to units that had been with a recipient, `entrants_only` to campaigns that
    declare `disclosure.list_entrants`.
    """

    name: str
    accounts: frozenset[Account]
    section: Section | None
    why: str
    was_received: bool = False
    entrants_only: bool = False


ON_THEIR_WAY = frozenset({Account.RESERVED, Account.CLEARED, Account.PACKED, Account.IN_TRANSIT})

RULE: tuple[Clause, ...] = (
    Clause(
        "received",
        frozenset({Account.RECIPIENT}),
        Section.RECEIVED,
        "Whoever holds an item, a service, an event attended, early access, a prize or a payment has a "
        "material connection, also where nothing was asked for in return.",
    ),
    Clause(
        "entrant",
        ON_THEIR_WAY,
        Section.MAY_RECEIVE,
        "The chance of a prize may be a material connection; nothing was received, so it stands apart.",
        entrants_only=True,
    ),
    Clause(
        "on its way",
        ON_THEIR_WAY,
        None,
        "Claimed, approved or shipped is not received.",
    ),
    Clause(
        "returned",
        frozenset({Account.RETURNED}),
        Section.RETURNED,
        "There was a connection from receipt to return; there is none now.",
        was_received=True,
    ),
    Clause(
        "refused or sent back on the way",
        frozenset({Account.RETURNED}),
        None,
        "It never reached the person.",
    ),
    Clause(
        "lost or voided",
        frozenset({Account.LOST, Account.VOIDED}),
        None,
        "It never reached the person, or the entry that said so was wrong.",
    ),
    Clause(
        "expired or cancelled",
        frozenset({Account.STOCK, Account.SUPPLY}),
        None,
        "The unit is nobody's.",
    ),
)
"""The first clause that fits decides."""


def clause_of(account: Account, was_received: bool = False, lists_entrants: bool = False) -> Clause:
    """The clause for a unit that is in `account`; `was_received` where it came there from its recipient."""
    return next(
        clause
        for clause in RULE
        if account in clause.accounts
        and (was_received or not clause.was_received)
        and (lists_entrants or not clause.entrants_only)
    )


def accounts_of(section: Section) -> frozenset[Account]:
    """The accounts whose units may stand in that section."""
    return frozenset(account for clause in RULE if clause.section is section for account in clause.accounts)
