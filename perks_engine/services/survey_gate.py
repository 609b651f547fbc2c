"""The gate for a survey: whether a recipient may be asked how they like what they received, and why not.

As for a promotion, the campaign's rule has no part in it: it asks for the receipt and for the person's yes to
being asked by e-mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.consent import latest_acts
from perks_engine.domain.evidence import REGISTER, Evidence, Person
from perks_engine.domain.geography import Atlas
from perks_engine.domain.judges import judge
from perks_engine.domain.rules import About, Accept, WordsMatch
from perks_engine.services.feedback_records import FEEDBACK, SURVEY, Recipient
from perks_engine.services.ports import Transaction
from perks_engine.services.receipt_reasons import decided, received
from perks_engine.services.records import Decision

_AGREED = WordsMatch(About("opted_in", "an opt-in to", accept=Accept(sources=(REGISTER,))), (FEEDBACK,))


@dataclass(frozen=True, slots=True)
class SurveyGate:
    atlas: Atlas

    def decide(self, tx: Transaction, recipient: Recipient, now: datetime) -> Decision:
        """Not yet recorded. The caller holds the person and the unit still, so that it stays true until the
        transaction ends."""
        latest = latest_acts(tx.consents.acts(recipient.person_id)).items()
        live = frozenset(purpose for (purpose, by), act in latest if act.given and by == "email")
        agreed = Evidence("opted_in", live, REGISTER, now)
        children = (
            *received(tx, recipient.claim_id, SURVEY),
            judge(_AGREED, Person(recipient.person_id, (agreed,)), now, self.atlas),
        )
        return decided(recipient, SURVEY, children, now)
