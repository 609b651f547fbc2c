"""What is known of a person changed: whether what is shown of them may still be.

Consents, the ledger and disputes take promotions along by themselves. An age and a name are no acts, so
whoever records evidence or a card calls this, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.phrase import said
from perks_engine.domain.promotion import Cause
from perks_engine.domain.verdict import Mark
from perks_engine.services.erasing import Leaving
from perks_engine.services.keeping_records import ENDED, Line
from perks_engine.services.ports import Transaction
from perks_engine.services.promotion_gate import BORN_ON, PromotionGate, shown_name
from perks_engine.services.promotion_records import Fall


def take_leave(tx: Transaction, leaving: Leaving, now: datetime) -> Iterable[Line]:
    """The step of an erasure: what shows the person falls, what names them in it goes, and every brand that
    has a webhook is told by the numbers of claims."""
    person_id = leaving.whose.person_id
    fallen = tx.promotions.erase(person_id, now)
    tx.events.tell_erased(person_id, now)
    if fallen:
        what = said("promotions that showed you, which their publishers were told to take down")
        yield Line(ENDED, what, fallen)


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
