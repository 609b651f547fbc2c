"""Opening a dispute, within the transaction of whatever gives rise to it: somebody's word, or evidence that
contradicts other evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.services.dispute_letters import DisputeLetters
from perks_engine.services.dispute_records import Cause, DisputeAct, DisputeEvent
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord
from perks_engine.services.versions import Versions


@dataclass(frozen=True, slots=True)
class Objections:
    versions: Versions
    letters: DisputeLetters

    def open(
        self,
        tx: Transaction,
        claim: ClaimRecord,
        entry_id: int,
        cause: Cause,
        words: str,
        by: str,
        occurred_at: datetime,
        now: datetime,
    ) -> str:
        """Open it and tell the person; returns its id. Raises `KeyTakenError` where one is open already."""
        event = DisputeEvent(
            dispute_id=new_id("dsp", now),
            act=DisputeAct.OPENED,
            claim_id=claim.claim_id,
            entry_id=entry_id,
            person_id=claim.person_id,
            campaign=claim.campaign,
            cause=cause,
            words=words,
            acted_by=by,
            occurred_at=occurred_at,
            recorded_at=now,
        )
        tx.disputes.open(event)
        self.letters.opened(tx, event, self.versions.get(claim.version, tx), now)
        return event.dispute_id
