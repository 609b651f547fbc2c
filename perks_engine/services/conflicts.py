"""Evidence that contradicts itself: somebody says that a unit arrived, its person says that it did not.

In whichever order the two come, a dispute is opened with the second, and the line is marked until it is
settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.contradiction import contradiction
from perks_engine.domain.fulfillment import Account, MoveKind, ReceiptEvidence
from perks_engine.domain.phrase import said
from perks_engine.domain.words import day_in_words
from perks_engine.services.dispute_records import Cause
from perks_engine.services.objections import Objections
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord, Entry
from perks_engine.services.report_records import Denial

_SAYS = {
    ReceiptEvidence.CARRIER: said("the carrier"),
    ReceiptEvidence.WAREHOUSE: said("the warehouse"),
    ReceiptEvidence.CHECK_IN: said("a check-in"),
    ReceiptEvidence.REDEMPTION: said("a redeemed code"),
    ReceiptEvidence.PERSON: said("an earlier word of the person"),
}


@dataclass(frozen=True, slots=True)
class Conflicts:
    objections: Objections

    def denied(self, tx: Transaction, claim: ClaimRecord, denial: Denial) -> str | None:
        """The person denies; the dispute that this opens, None where nothing says that it arrived, or where
        a dispute is open. The claim's unit has to be held still (`Ledger.held_still`)."""
        holding = tx.ledger.holding(claim.claim_id)
        if holding is None or holding.account is not Account.RECIPIENT:
            return None
        receipt = next(
            entry for entry in tx.ledger.entries(claim.claim_id) if entry.entry_id == holding.entry_id
        )
        return self._open(tx, claim, receipt, denial, denial.said_at, f"person {claim.person_id}")

    def arrived(self, tx: Transaction, claim: ClaimRecord, now: datetime) -> str | None:
        """Something was appended that others say of the unit: where that is a receipt, and the person has
        denied it since it was last sent, a dispute is opened.

        To be called after the entry was appended: the append waits for whoever holds the unit still.
        """
        entries = tx.ledger.entries(claim.claim_id)
        receipt = entries[-1]
        if receipt.target is not Account.RECIPIENT or receipt.evidence == ReceiptEvidence.PERSON:
            return None
        sent = [entry.entry_id or 0 for entry in entries if entry.move is MoveKind.SHIP]
        denials = [one for one in tx.ledger.denials(claim.claim_id) if one.entry_id >= max(sent, default=0)]
        if not denials:
            return None
        return self._open(tx, claim, receipt, denials[-1], now, receipt.recorded_by)

    def _open(
        self, tx: Transaction, claim: ClaimRecord, receipt: Entry, denial: Denial, now: datetime, by: str
    ) -> str | None:
        if receipt.entry_id is None or tx.disputes.open_on(claim.claim_id) is not None:
            return None
        who = _SAYS.get(ReceiptEvidence(receipt.evidence), receipt.evidence)
        received, denied = day_in_words(receipt.occurred_at), day_in_words(denial.said_at)
        words = str(contradiction(who, received, receipt.reference or "", denied, denial.why.strip()))
        since = max(receipt.occurred_at, denial.said_at)
        return self.objections.open(
            tx, claim, receipt.entry_id, Cause.CONFLICT, words, by, min(since, now), now
        )
