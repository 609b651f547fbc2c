"""The letter that asks the holder of a mailbox whether a yes was theirs."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.consent import ConsentText
from perks_engine.services.composing import Composing
from perks_engine.services.consent_records import ConsentRequest
from perks_engine.services.ports import Transaction
from perks_engine.services.records import PersonCard

CONFIRM_CONSENT = "templates/messages/consent_confirm"


@dataclass(frozen=True, slots=True)
class ConsentLetters:
    composing: Composing

    def confirm(
        self,
        tx: Transaction,
        card: PersonCard,
        request: ConsentRequest,
        title: str,
        text: ConsentText,
        link: str,
    ) -> None:
        """It answers what the person did a moment ago, and carries no offer."""
        values = {
            "title": title,
            "words": text.text,
            "link": link,
            "until": request.expires_at,
        }
        tx.outbox.queue(
            self.composing.to_person(card, "consent_confirmation", CONFIRM_CONSENT, values, request.asked_at)
        )
