"""What a decision about something received rests on: the ledger shows it with the person, and nobody disputes
that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from perks_engine.domain.evidence import Evidence
from perks_engine.domain.fulfillment import WHERE, Account
from perks_engine.domain.phrase import Phrase, phrase, word
from perks_engine.domain.reasons import ALL, CONDITION, Reason
from perks_engine.domain.verdict import Mark, at_least
from perks_engine.domain.words import day_in_words
from perks_engine.services.feedback_records import Recipient
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Transaction
from perks_engine.services.records import ClaimRecord, Decision


def decided(
    about: ClaimRecord | Recipient,
    purpose: str,
    asked: Sequence[Reason],
    now: datetime,
    evidence: tuple[Evidence, ...] = (),
) -> Decision:
    """What it comes to where all that is `asked` has to hold; the campaign's rule has no part in it."""
    mark = at_least(len(asked), [one.mark for one in asked])
    reason = Reason(ALL, mark, ALL, phrase("all of these"), children=tuple(asked))
    return Decision(
        decision_id=new_id("dec", now),
        person_id=about.person_id,
        campaign=about.campaign,
        version=about.version,
        purpose=purpose,
        verdict=reason.verdict,
        reason=reason,
        standing=(),
        evidence=evidence,
        decided_at=now,
    )


def condition(
    is_met: bool, code: str, required: Phrase, actual: Phrase, change: Phrase | None = None
) -> Reason:
    mark = Mark.MET if is_met else Mark.NOT_MET
    return Reason(CONDITION, mark, code, required, actual, None if is_met else change)


def received(tx: Transaction, claim_id: str, purpose: str) -> Iterator[Reason]:
    """`purpose` begins the codes."""
    holding = tx.ledger.holding(claim_id)
    is_there = holding is not None and holding.account is Account.RECIPIENT
    if holding is None:
        actual = phrase("the claim was refused")
    elif is_there:
        actual = phrase("received on {day}", day=day_in_words(holding.occurred_at))
    else:
        actual = phrase("the unit is {where}", where=word(WHERE[holding.account]))
    yield condition(
        is_there,
        f"{purpose}.received",
        phrase("receipt on the ledger"),
        actual,
        phrase("It would have to be recorded as received."),
    )
    dispute = tx.disputes.open_on(claim_id)
    yield condition(
        dispute is None,
        f"{purpose}.undisputed",
        phrase("a receipt that nobody disputes"),
        phrase("a dispute is open") if dispute else phrase("none is open"),
        phrase("The dispute would have to end, with the receipt as it is."),
    )
