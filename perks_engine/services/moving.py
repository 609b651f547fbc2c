"""One step in the life of a unit: the only way from what happened to an entry of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.contents import contents_after
from perks_engine.domain.fulfillment import (
    IMPLIED,
    Account,
    Fulfillment,
    IllegalMoveError,
    Move,
    MoveKind,
    ReceiptEvidence,
    move_for,
)
from perks_engine.domain.phrase import phrase, word
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord, Entry, Holding
from perks_engine.services.versions import Versions


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a granted claim, where it is now, under the version that it was claimed under."""

    claim: ClaimRecord
    holding: Holding
    campaign: Campaign

    def move_for(self, kind: MoveKind) -> Move:
        """Raises `IllegalMoveError`."""
        perk = self.campaign.perk.kind
        return move_for(kind, perk, self.holding.account, self.campaign.approval_required)


def unit_of(tx: Transaction, versions: Versions, claim: ClaimRecord) -> Unit | None:
    """None for a claim that was refused: there is no unit."""
    holding = tx.ledger.holding(claim.claim_id)
    return Unit(claim, holding, versions.get(claim.version, tx)) if holding else None


def reservation(claim: ClaimRecord, campaign: Campaign) -> Entry:
    """The ledger entry that takes the unit for a granted claim."""
    move = move_for(MoveKind.RESERVE, campaign.perk.kind, Account.STOCK)
    return Entry(
        campaign=campaign.name,
        move=move.kind,
        source=move.source,
        target=move.target,
        units=1,
        occurred_at=claim.created_at,
        recorded_at=claim.created_at,
        recorded_by="gate",
        claim_id=claim.claim_id,
        person_id=claim.person_id,
        reference=claim.decision_id,
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that was made just now: `unit` is as it was before, `entry` what the ledger says since."""

    unit: Unit
    move: Move
    entry: Entry


def append_move(tx: Transaction, unit: Unit, row: Fulfillment, now: datetime, by: str) -> Moved:
    """Append what happened to the unit, and say which move it was.

    Raises `IllegalMoveError` where the life of a unit forbids it, or it lacks what such a move has to say,
    and `UnitMovedError` where somebody else was faster.
    """
    move = unit.move_for(row.move)
    row = _completed(unit.holding, row, move)
    contents = contents_after(row, unit.campaign.perk, unit.holding.contents, unit.holding.occurred_at)
    entry = Entry(
        campaign=unit.claim.campaign,
        move=move.kind,
        source=move.source,
        target=move.target,
        units=1,
        occurred_at=row.occurred_at,
        recorded_at=now,
        recorded_by=by,
        claim_id=unit.claim.claim_id,
        person_id=unit.claim.person_id,
        evidence=row.evidence,
        reference=row.reference,
        note=row.note,
        corrects=unit.holding.entry_id if move.is_correction else None,
        carrier=row.carrier,
        contents=contents,
    )
    tx.ledger.append(entry)
    return Moved(unit, move, entry)


def check_time(holding: Holding, row: Fulfillment, now: datetime) -> None:
    """Raises `IllegalMoveError` for a report of the future, or of a time before the last thing on record."""
    if row.occurred_at > now:
        raise IllegalMoveError(
            "fulfillment.future",
            phrase("occurred_at {occurred_at} lies in the future", occurred_at=row.occurred_at.isoformat()),
        )
    if row.occurred_at < holding.occurred_at:
        raise IllegalMoveError(
            "fulfillment.order",
            phrase(
                "it would have happened before the last thing on record, {move} at {occurred_at}",
                move=word(holding.move),
                occurred_at=holding.occurred_at.isoformat(),
            ),
        )


def _completed(holding: Holding, row: Fulfillment, move: Move) -> Fulfillment:
    """The row with the evidence that its move implies."""
    if move.is_correction and not row.note:
        raise IllegalMoveError(
            "fulfillment.note", phrase("{move} needs a note that says why", move=word(row.move))
        )
    if move.target is not Account.RECIPIENT:
        return row
    if not move.is_receipt and move.is_correction:
        return replace(row, evidence=holding.evidence)  # what is still there rests on what it did
    evidence = row.evidence or IMPLIED.get(row.move, "")
    known = [one.value for one in ReceiptEvidence]
    if evidence not in known:
        raise IllegalMoveError(
            "fulfillment.evidence",
            phrase("a receipt needs evidence, one of {known}", known=word(", ".join(known))),
        )
    return replace(row, evidence=str(evidence))
