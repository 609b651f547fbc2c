"""The last letter to a person: the receipt of their erasure. It goes to the address that was on record, and
is forgotten with it as soon as it is sent, or cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from perks_engine.services.composing import Composing
from perks_engine.services.ports import Transaction
from perks_engine.services.records import PersonCard
from perks_engine.services.sending_records import LAST_LETTER

RECEIPT = "templates/messages/erasure_receipt"
LIFETIME = timedelta(days=7)
"""How long it may wait for a mail server that is away."""


@dataclass(frozen=True, slots=True)
class ErasureLetters:
    composing: Composing

    def receipt(self, tx: Transaction, card: PersonCard, values: Mapping[str, Any], now: datetime) -> None:
        """To the mailbox that is on the card, if any, in the language that is."""
        if card.email:
            letter = (LAST_LETTER, RECEIPT, values, now, now + LIFETIME)
            tx.outbox.queue(self.composing.to_address(card.email, *letter, card.language))
