"""What follows from a move of a unit, in the transaction that makes it: a dispute, where it contradicts what
the person said, and a letter to them."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.phrase import Phrase
from perks_engine.services.conflicts import Conflicts
from perks_engine.services.fulfillment_letters import FulfillmentLetters
from perks_engine.services.moving import Moved
from perks_engine.services.ports import Transaction


@dataclass(frozen=True, slots=True)
class AfterMoves:
    conflicts: Conflicts
    letters: FulfillmentLetters

    def follow(self, tx: Transaction, moved: Moved, why: Phrase | str = "") -> None:
        """To be called after the entry was appended. `why` is that of a correction in words for the person,
        where the note of the entry is none."""
        if moved.move.is_receipt:
            self.conflicts.arrived(tx, moved.unit.claim, moved.entry.recorded_at)
        self.letters.tell(tx, moved, why)
