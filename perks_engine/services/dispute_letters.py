"""What a person is told of a dispute: that it is open, and how it ended and why. Both answer an act about
their own claim, so that they need no opt-in and carry no offer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.contradiction import recognised
from perks_engine.services.composing import Composing, campaign_values
from perks_engine.services.corrections import Corrected
from perks_engine.services.dispute_records import DisputeEvent
from perks_engine.services.ports import Transaction

OPENED = "templates/messages/dispute_opened"
SETTLED = "templates/messages/dispute_settled"


@dataclass(frozen=True, slots=True)
class DisputeLetters:
    composing: Composing

    def opened(self, tx: Transaction, event: DisputeEvent, campaign: Campaign, now: datetime) -> None:
        more = {"dispute": event.dispute_id, "cause": event.cause.value, "words": recognised(event.words)}
        self._queue(tx, event, campaign, "dispute_opened", OPENED, more, now)

    def settled(
        self,
        tx: Transaction,
        event: DisputeEvent,
        campaign: Campaign,
        corrected: Corrected | None,
        now: datetime,
    ) -> None:
        """`corrected` is what became of the record; None where the line stands."""
        more = {
            "dispute": event.dispute_id,
            "outcome": event.act.value,
            "reason": event.words,
            "corrected": corrected.told if corrected else "",
            "lines": corrected.lines if corrected else (),
            "settled_on": now.date(),
        }
        self._queue(tx, event, campaign, "dispute_settled", SETTLED, more, now)

    def _queue(
        self,
        tx: Transaction,
        event: DisputeEvent,
        campaign: Campaign,
        kind: str,
        template: str,
        more: dict[str, Any],
        now: datetime,
    ) -> None:
        card = tx.people.card(event.person_id)
        if card is None:
            return  # erased since: there is nobody to write to
        values = {**campaign_values(campaign), **more}
        tx.outbox.queue(
            self.composing.to_person(
                card, kind, template, values, now, campaign=event.campaign, claim_id=event.claim_id
            )
        )
