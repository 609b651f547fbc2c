"""What an upheld dispute does to the ledger: a further entry that names the one it corrects, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import PerkKind
from perks_engine.domain.contents import Contents
from perks_engine.domain.fulfillment import AMEND, MoveKind, ReceiptEvidence, move_for
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.domain.words import day_in_words
from perks_engine.services.errors import InvalidInputError
from perks_engine.services.ledger_words import evidence_words, line_of
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord, Entry, Holding

CORRECTING = (MoveKind.VOID, MoveKind.RETURN, MoveKind.AMEND)


@dataclass(frozen=True, slots=True)
class Correction:
    """`VOID`: it was never received. `RETURN`: it was, and was given back at `occurred_at`. `AMEND`: it was
    received, but at `occurred_at`, or by other `evidence`, than the line says."""

    kind: MoveKind = MoveKind.VOID
    occurred_at: datetime | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """`entry_id` is the entry that corrects, `told` what the record says since, as a sentence; `lines` are
    what it said and what it says, empty where it had been corrected before."""

    entry_id: int
    told: Phrase
    lines: tuple[Mapping[str, Any], ...] = ()


def correct(
    tx: Transaction,
    claim: ClaimRecord,
    holding: Holding,
    perk: PerkKind,
    correction: Correction,
    why: str,
    by: str,
    now: datetime,
) -> Corrected:
    """Append the entry; returns what became of the record.

    Raises `InvalidInputError` for a correction that cannot be used and `IllegalMoveError` for one that the
    life of a unit forbids.
    """
    history = tx.ledger.entries(claim.claim_id)
    receipt = next(entry for entry in history if entry.entry_id == holding.entry_id)
    _check(correction, history, receipt, now)
    is_amended = correction.kind is MoveKind.AMEND
    move = AMEND if is_amended else move_for(correction.kind, perk, holding.account)
    occurred_at = correction.occurred_at or (receipt.occurred_at if is_amended else now)
    evidence = (correction.evidence or receipt.evidence) if is_amended else ""
    # What else the receipt says of the unit is so still.
    correcting = replace(
        receipt,
        entry_id=None,
        move=move.kind,
        source=move.source,
        target=move.target,
        occurred_at=occurred_at,
        recorded_at=now,
        recorded_by=by,
        evidence=evidence,
        reference=receipt.reference if is_amended else "",
        note=why,
        corrects=holding.entry_id,
        contents=_dated(receipt.contents, correction),
    )
    number = tx.ledger.append(correcting)
    told = {
        MoveKind.VOID: phrase("It is no longer recorded as received."),
        MoveKind.RETURN: phrase("It is recorded as given back on {day}.", day=day_in_words(occurred_at)),
        MoveKind.AMEND: phrase(
            "It is recorded as received on {day}, evidence: {evidence}.",
            day=day_in_words(occurred_at),
            evidence=evidence_words(evidence),
        ),
    }
    return Corrected(number, told[move.kind], (line_of(receipt), line_of(correcting)))


def _dated(contents: Contents | None, correction: Correction) -> Contents | None:
    """What the unit consists of, held since the day that the correction names, where it names one."""
    return replace(contents, held_since=None) if contents and correction.occurred_at else contents


def _check(correction: Correction, history: list[Entry], receipt: Entry, now: datetime) -> None:
    kind, at = correction.kind, correction.occurred_at
    if kind not in CORRECTING:
        raise InvalidInputError(
            "dispute.correction",
            phrase(
                "'{kind}' corrects no receipt; {correcting} do",
                kind=word(kind),
                correcting=word(", ".join(CORRECTING)),
            ),
        )
    if kind is MoveKind.AMEND:
        if at is None and not correction.evidence:
            raise InvalidInputError(
                "dispute.correction", phrase("to amend a receipt, name the day or the evidence that is right")
            )
        known = [one.value for one in ReceiptEvidence]
        if correction.evidence and correction.evidence not in known:
            raise InvalidInputError(
                "dispute.evidence",
                phrase("a receipt rests on evidence, one of {known}", known=word(", ".join(known))),
            )
        before = [entry for entry in history if not _says_received(entry)]
        earliest, told = before[-1].occurred_at, word(before[-1].move)
    else:
        if correction.evidence:
            raise InvalidInputError(
                "dispute.evidence",
                phrase("'{kind}' is no receipt, so it rests on no evidence", kind=word(kind)),
            )
        earliest, told = receipt.occurred_at, phrase("the receipt")
    if at is not None and at > now:
        raise InvalidInputError(
            "dispute.future", phrase("occurred_at {at} lies in the future", at=at.isoformat())
        )
    if at is not None and at < earliest and kind is not MoveKind.VOID:
        raise InvalidInputError(
            "dispute.order",
            phrase(
                "it would have happened before {told}, which was at {earliest}",
                told=told,
                earliest=earliest.isoformat(),
            ),
        )


def _says_received(entry: Entry) -> bool:
    return entry.target.value == "recipient"
