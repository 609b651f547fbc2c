"""The letter that asks the holder of a mailbox whether a yes was theirs."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.consent import ACCOUNT, ConsentText
from perks_engine.services.consent_records import ConsentRequest
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Renderer, Transaction
from perks_engine.services.records import Message, PersonCard

CONFIRM_CONSENT = "templates/messages/consent_confirm"
CONSENT_TEMPLATES = (CONFIRM_CONSENT,)


@dataclass(frozen=True, slots=True)
class ConsentLetters:
    renderer: Renderer

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
            "name": card.name or card.handle or "there",
            "title": title,
            "words": text.text,
            "link": link,
            "until": request.expires_at,
        }
        rendered = self.renderer.render(CONFIRM_CONSENT, values)
        tx.outbox.queue(
            Message(
                message_id=new_id("msg", request.asked_at),
                person_id=card.person_id,
                staff_of=None,
                campaign="",
                claim_id=None,
                kind="consent_confirmation",
                purpose=ACCOUNT,
                channel="email",
                subject=rendered.subject,
                body_text=rendered.text,
                body_html=rendered.html,
                created_at=request.asked_at,
            )
        )
