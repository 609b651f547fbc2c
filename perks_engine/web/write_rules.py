"""What happens where a write is sent twice: the one table of it, of all routes that write without a key.

A route that writes and takes `Idempotency-Key` needs no line here: its answer is kept under the key. A write
that has neither fails the tests; docs/idempotency.md is made from this (`python -m tools.idempotency`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Again(StrEnum):
    """Why a route may be sent twice without a key."""

    STATE = "it asks for a state: where that is so already, nothing changes"
    BYTES = "the same bytes are the same thing, and are kept once"
    MESSAGE = "the message has an id of its own, and is taken once"
    NEWEST = "it says how it is now, and only the newest counts: sent again, it is said again"
    LINK = "the link is good once, or says what is to be so"
    LETTER = "it asks for a letter: sent again, another one, and at most so many a day"


_BY_WHY: Mapping[Again, str] = {
    Again.STATE: """
        DELETE /v1/claims/{claim}/feedback
        DELETE /v1/claims/{claim}/feedback/pictures/{picture}
        DELETE /v1/consents/{purpose}/{channel}
        DELETE /v1/people/{person}/record
        DELETE /v1/record
        DELETE /v1/session
        DELETE /v1/tokens/{token}
        DELETE /v1/webhooks/{webhook}
        POST /v1/campaigns/{campaign}/offers
        POST /v1/claims/{claim}/code
        POST /v1/people/{person}/consents/{purpose}/{channel}/withdrawal
        POST /v1/sign-in/logout/{provider}
        PUT /v1/claims/{claim}/feedback
        PUT /v1/consents/{purpose}/{channel}
        PUT /v1/people/{person}/consents/{purpose}/{channel}
        PUT /v1/webhooks/{webhook}/enabled
    """,
    Again.NEWEST: """
        PUT /v1/evidence/birth-date
        PUT /v1/evidence/country
        PUT /v1/evidence/location
        PUT /v1/evidence/words/{attribute}
    """,
    Again.BYTES: """
        POST /v1/claims/{claim}/feedback/pictures
        POST /v1/feedback-links/{link}/pictures
        POST /v1/mail-reports
        POST /v1/posts/{post}/pictures
    """,
    Again.MESSAGE: "POST /v1/carriers/{source}",
    Again.LINK: """
        POST /v1/consent-links/{link}
        POST /v1/feedback-links/{link}
        POST /v1/feedback-links/{link}/pictures/{picture}/removal
        POST /v1/feedback-links/{link}/stop
        POST /v1/feedback-links/{link}/withdrawal
        POST /v1/receipt-links/{link}
        POST /v1/sign-in/links/{link}
        POST /v1/statements/{link}
        POST /v1/unsubscribe/{link}
    """,
    Again.LETTER: """
        POST /v1/sign-in
        POST /v1/statements/requests
    """,
}
WITHOUT_KEY: Mapping[str, Again] = {
    line.strip(): why for why, lines in _BY_WHY.items() for line in lines.strip().splitlines()
}
AFTERWARDS = frozenset(
    {
        "POST /v1/incidents",
        "POST /v1/incidents/{incident}/replay",
        "POST /v1/incidents/{incident}/plan",
        "POST /v1/incidents/{incident}/approval",
        "POST /v1/incidents/{incident}/application",
        "POST /v1/incidents/{incident}/jobs/{job}/cancellation",
    }
)
"""Their work is many transactions, none of which does anything twice; the answer is kept once it ended."""
FOR_EVER = frozenset({"POST /v1/claims"})
"""Where an answer under a key is not forgotten: a grant stays the answer for as long as the claim exists."""
