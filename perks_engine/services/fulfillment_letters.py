"""What a person is told of their unit as the ledger records it: it was sent, it was received, or what was
recorded of it is no longer so. Each letter answers their own claim, so that it needs no opt-in and carries no
offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perks_engine.domain.fulfillment import MoveKind
from perks_engine.domain.phrase import Phrase
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.ledger_words import evidence_words, line_of
from perks_engine.services.moving import Moved
from perks_engine.services.ports import Transaction
from perks_engine.services.receipt_links import ReceiptLinks

SHIPMENT = "templates/messages/shipment"
RECEIPT = "templates/messages/receipt"
CORRECTION = "templates/messages/ledger_correction"
SHIPMENT_KIND = "shipment"
RECEIPT_KIND = "receipt"
CORRECTION_KIND = "ledger_correction"
_OWN_LETTERS = (MoveKind.DECLINE, MoveKind.SUBSTITUTE)
"""Corrections that have a letter of their own."""


@dataclass(frozen=True, slots=True)
class FulfillmentLetters:
    composing: Composing
    links: ReceiptLinks

    def tell(self, tx: Transaction, moved: Moved, why: Phrase | str = "") -> None:
        """Queue what the move calls for, if anything. `why` says in words why a correction was made, where
        the note of its entry does not.

        Who disputes that they received it hears nothing of a receipt: the dispute has letters of its own.
        """
        move = moved.move
        if move.is_correction:
            if move.kind not in _OWN_LETTERS:
                self._correction(tx, moved, why or moved.entry.note)
        elif move.kind is MoveKind.SHIP:
            more = {
                "shipped_on": moved.entry.occurred_at.date(),
                "carrier": moved.entry.carrier,
                "tracking_number": moved.entry.reference,
            }
            self._queue(tx, moved, SHIPMENT_KIND, SHIPMENT, more)
        elif (move.is_receipt or move.kind is MoveKind.DELIVER_MORE) and not self._is_disputed(tx, moved):
            self._receipt(tx, moved)

    def _receipt(self, tx: Transaction, moved: Moved) -> None:
        entry, perk = moved.entry, moved.unit.campaign.perk
        contents = entry.contents
        more = {
            "received_on": entry.occurred_at.date(),
            "evidence": evidence_words(entry.evidence),
            "parts": list(contents.parts) if contents else [],
            "value": contents.fair_market_value if contents else perk.fair_market_value,
            "link": self.links.make(entry.claim_id or ""),
        }
        self._queue(tx, moved, RECEIPT_KIND, RECEIPT, more)

    def _correction(self, tx: Transaction, moved: Moved, why: Phrase | str) -> None:
        more = {"said": line_of(moved.unit.holding), "says": line_of(moved.entry), "why": why}
        self._queue(tx, moved, CORRECTION_KIND, CORRECTION, more)

    def _queue(
        self, tx: Transaction, moved: Moved, kind: str, template: str, more: Mapping[str, Any]
    ) -> None:
        claim, campaign = moved.unit.claim, moved.unit.campaign
        card = tx.people.card(claim.person_id)
        if card is None:
            return  # erased since: there is nobody to write to
        contents = moved.entry.contents or moved.unit.holding.contents
        item = contents.item if contents else campaign.perk.name
        values = {**campaign_values(campaign), "claim": claim.claim_id, "item": item, **more}
        now = moved.entry.recorded_at
        message = self.composing.to_person(
            card, kind, template, values, now, campaign=claim.campaign, claim_id=claim.claim_id
        )
        tx.outbox.queue(message)

    @staticmethod
    def _is_disputed(tx: Transaction, moved: Moved) -> bool:
        return tx.disputes.open_on(moved.unit.claim.claim_id) is not None
