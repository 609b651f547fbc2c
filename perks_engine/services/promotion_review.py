"""What is known of a person changed: whether what is shown of them may still be.

Consents, the ledger and disputes take promotions along by themselves. An age and a name are no acts, so
whoever records evidence or a card calls this, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.promotion import Cause
from perks_engine.domain.verdict import Mark
from perks_engine.services.ports import Transaction
from perks_engine.services.promotion_gate import BORN_ON, PromotionGate, shown_name
from perks_engine.services.promotion_records import Fall


@dataclass(frozen=True, slots=True)
class PromotionReview:
    gate: PromotionGate

    def of(self, tx: Transaction, person_id: str, now: datetime) -> int:
        """Let those fall that show a minor, or a name that they do not bear any more; returns how many."""
        live = tx.promotions.live_of(person_id)
        if not live:
            return 0
        born = tuple(fact for fact in tx.people.evidence(person_id) if fact.attribute == BORN_ON)
        if self.gate.grown_up(person_id, born, now).mark is not Mark.MET:
            return tx.promotions.fall(Fall(Cause.AGE, "engine", person_id=person_id), now)
        name = shown_name(tx.people.card(person_id))
        former = [one for one in live if one.called != name]
        falls = (Fall(Cause.RENAMED, "engine", promotion_id=one.promotion_id) for one in former)
        return sum(tx.promotions.fall(fall, now) for fall in falls)
