"""What the person says about the unit of their claim: received, not received, not wanted any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from perks_engine.domain.fulfillment import (
    WHERE,
    Account,
    Fulfillment,
    IllegalMoveError,
    MoveKind,
    ReceiptEvidence,
)
from perks_engine.domain.phrase import phrase, word
from perks_engine.services.after_moves import AfterMoves
from perks_engine.services.errors import NotFoundError, RefusedError
from perks_engine.services.moving import Unit, append_move, unit_of
from perks_engine.services.once import once
from perks_engine.services.ports import Clock, Store, Transaction, UnitMovedError
from perks_engine.services.report_records import Denial
from perks_engine.services.versions import Versions
from perks_engine.services.views import claim_view, instant_view

Said = Callable[[Transaction, Unit, datetime], Mapping[str, Any] | None]
"""Writes down what was said; what it returns is told beside the claim."""

_DENIABLE = (Account.IN_TRANSIT, Account.RECIPIENT)


@dataclass(frozen=True, slots=True)
class OwnWord:
    store: Store
    versions: Versions
    clock: Clock
    after: AfterMoves

    def confirm(
        self, person_id: str, claim_id: str, key: str, parts: tuple[str, ...] = ()
    ) -> Mapping[str, Any]:
        """The person says that they received it, or these parts of it: evidence of receipt. Once received,
        it stays so."""

        def said(tx: Transaction, unit: Unit, now: datetime) -> None:
            if unit.holding.account is Account.RECIPIENT and not parts:
                return
            kind = MoveKind.CONFIRM if unit.campaign.perk.kind.is_shipped else MoveKind.HAND_OVER
            row = Fulfillment(claim_id, kind, now, evidence=ReceiptEvidence.PERSON, parts=parts)
            self.after.follow(tx, append_move(tx, unit, row, now, _by(person_id)))

        more = {"parts": list(parts)} if parts else {}
        return self._of_own_claim("confirm", person_id, claim_id, key, said, more)

    def deny(self, person_id: str, claim_id: str, why: str, key: str) -> Mapping[str, Any]:
        """The person says that they did not receive it. It is kept beside the ledger, with its time and with
        the entry that it speaks against; the unit is not moved by it. Where somebody says that it arrived, a
        dispute is opened, which marks the line on every list."""

        def said(tx: Transaction, unit: Unit, now: datetime) -> Mapping[str, Any]:
            # A delivery that is being recorded at this moment is waited for, or waits and finds the denial.
            holding = tx.ledger.held_still(claim_id)
            if holding.account not in _DENIABLE:
                raise RefusedError(
                    "fulfillment.nothing_to_deny",
                    phrase(
                        "nobody says that you received it: it is recorded as {where}",
                        where=word(WHERE[holding.account]),
                    ),
                )
            denial = Denial(claim_id, person_id, holding.entry_id, now, why)
            tx.ledger.deny(denial)
            opened = self.after.conflicts.denied(tx, unit.claim, denial)
            told: dict[str, Any] = {"denied_at": instant_view(now)}
            return told | {"dispute": opened} if opened else told

        return self._of_own_claim("deny", person_id, claim_id, key, said, {"why": why})

    def cancel(self, person_id: str, claim_id: str, key: str) -> Mapping[str, Any]:
        """The person does not want it any more; the unit goes back to stock."""

        def said(tx: Transaction, unit: Unit, now: datetime) -> None:
            row = Fulfillment(claim_id, MoveKind.CANCEL, now, note="cancelled by the person")
            self.after.follow(tx, append_move(tx, unit, row, now, _by(person_id)), phrase("you cancelled it"))

        return self._of_own_claim("cancel", person_id, claim_id, key, said)

    def _of_own_claim(
        self,
        operation: str,
        person_id: str,
        claim_id: str,
        key: str,
        said: Said,
        request: Mapping[str, Any] | None = None,
    ) -> Mapping[str, Any]:
        now = self.clock()

        def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
            claim = tx.claims.get(claim_id)
            if claim is None or claim.person_id != person_id:
                raise NotFoundError(
                    "claim.unknown", phrase("you have no claim {claim_id}", claim_id=claim_id)
                )
            unit = unit_of(tx, self.versions, claim)
            if unit is None:
                raise RefusedError("claim.refused", "this claim was refused, so there is nothing to receive")
            try:
                more = said(tx, unit, now)
            except IllegalMoveError as error:
                raise RefusedError(error.code, error.words) from error
            after = tx.ledger.holding(claim_id)
            answer = claim_view(replace(claim, account=after.account if after else None)) | dict(more or {})
            keep(answer)
            return answer

        whole = {"operation": operation, "claim": claim_id, **(request or {})}
        try:
            return once(self.store, f"person:{person_id}", key, whole, now, work)
        except UnitMovedError as error:
            raise RefusedError(
                "fulfillment.moved", phrase("it was moved by somebody else meanwhile; look again")
            ) from error


def _by(person_id: str) -> str:
    return f"person {person_id}"
