"""One step in the life of a unit, written down: the entry that a legal move becomes."""

from __future__ import annotations

from datetime import datetime

from perks_engine.domain.fulfillment import Fulfillment, Move
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord, Entry, Holding


def append_move(
    tx: Transaction,
    claim: ClaimRecord,
    holding: Holding,
    move: Move,
    row: Fulfillment,
    now: datetime,
    by: str,
) -> int:
    """Append the entry and return its number; the database refuses it where the unit is elsewhere by now."""
    return tx.ledger.append(
        Entry(
            campaign=claim.campaign,
            move=move.kind,
            source=move.source,
            target=move.target,
            units=1,
            occurred_at=row.occurred_at,
            recorded_at=now,
            recorded_by=by,
            claim_id=claim.claim_id,
            person_id=claim.person_id,
            evidence=row.evidence,
            reference=row.reference,
            note=row.note,
            corrects=holding.entry_id if move.is_correction else None,
        )
    )
