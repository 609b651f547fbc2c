"""Asking recipients how they like what they received: once for a unit, some days after its receipt, and only
who agreed to be asked. The gate is passed when the letter is queued, with the unit held still, and again
when it goes out (`Sending`) and when its link is opened (`Feedback`)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from perks_engine.domain.consent import latest_acts
from perks_engine.services.errors import RefusedError
from perks_engine.services.feedback import LINK, LINK_PATH
from perks_engine.services.feedback_letters import FeedbackLetters
from perks_engine.services.feedback_records import FEEDBACK, Asking, Recipient, Solicitation
from perks_engine.services.links import Links
from perks_engine.services.once import retried
from perks_engine.services.ports import Clock, KeyTakenError, Store, Transaction
from perks_engine.services.survey_gate import SurveyGate
from perks_engine.services.versions import Versions

log = logging.getLogger(__name__)
BATCH = 100
GOOD_FOR = timedelta(days=90)
"""How long the link in a letter opens the answer."""
SENT_WITHIN = timedelta(days=14)
"""A letter that could not be sent by then is not sent at all."""


@dataclass(slots=True)
class Soliciting:
    store: Store
    versions: Versions
    gate: SurveyGate
    links: Links
    letters: FeedbackLetters
    asking: Asking
    clock: Clock
    has_said_so: bool = field(default=False, init=False)

    def ask(self) -> int:
        """Ask those who are due, a batch at a time; returns how many were."""
        with self.store.read() as tx:
            waiting = self._waiting(tx)
        if waiting and not self._can_ask():
            return 0
        return sum(self.ask_one(one) for one in waiting)

    def _waiting(self, tx: Transaction) -> list[Recipient]:
        """Those who are due, by the delay of the version that each claimed under."""
        by_delay: dict[timedelta, list[str]] = {}
        for version in tx.feedback.versions_to_ask():
            own = self.versions.get(version, tx).feedback_after
            by_delay.setdefault(self.asking.after if own is None else own, []).append(version)
        now, waiting = self.clock(), list[Recipient]()
        for after, versions in sorted(by_delay.items()):
            asking = Asking(after, after + self.asking.until - self.asking.after)
            waiting += tx.feedback.due(asking, now, versions, BATCH - len(waiting))
        return waiting

    def _can_ask(self) -> bool:
        """Whether letters can say how to stop them, and who sends them; the log says once why not."""
        try:
            self.letters.composing.require_can_ask()
        except RefusedError as error:
            if not self.has_said_so:
                self.has_said_so = True
                log.warning("nobody is asked for feedback: %s", error)
            return False
        return True

    def ask_one(self, recipient: Recipient) -> int:
        """1 where they were asked just now; 0 where they may not be asked any more, or were asked
        meanwhile."""

        def once() -> int:
            with self.store.write() as tx:
                return self._ask(tx, recipient)

        try:
            return retried(once)
        except KeyTakenError:
            return 0

    def _ask(self, tx: Transaction, recipient: Recipient) -> int:
        now = self.clock()
        holding = tx.ledger.held_still(recipient.claim_id)
        tx.consents.lock(recipient.person_id)
        card = tx.people.card(recipient.person_id)
        act = latest_acts(tx.consents.acts(recipient.person_id)).get((FEEDBACK, "email"))
        decision = self.gate.decide(tx, recipient, now)
        if card is None or act is None or not decision.grants:
            return 0
        if tx.feedback.asked(recipient.claim_id) is not None:
            return 0
        tx.claims.add_decision(decision)
        told = {"claim": recipient.claim_id, "until": (now + GOOD_FOR).isoformat()}
        link = self.links.make(LINK_PATH, LINK, told)
        campaign = self.versions.get(recipient.version, tx)
        message = self.letters.ask(card, recipient, campaign, link, now, now + SENT_WITHIN)
        tx.outbox.queue(message)
        rests_on = (holding.entry_id, act.acted_at, now, decision.decision_id)
        asked = Solicitation(recipient.claim_id, message.message_id, *rests_on)
        tx.feedback.ask(asked)
        return 1
