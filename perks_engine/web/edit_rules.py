"""Which writes are held to what their caller saw, and why the others need not be: the one table of it.

A route that edits what several people may edit takes `If-Match`, with the `ETag` of the route that shows it.
Each other write says here why nobody's change is lost by it; a write that stands in neither fails the tests,
and docs/idempotency.md is made from this (`python -m tools.idempotency`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

EDITS: Mapping[str, str] = {
    "PUT /v1/claims/{claim}/feedback": "GET /v1/claims/{claim}/feedback",
    "DELETE /v1/claims/{claim}/feedback": "GET /v1/claims/{claim}/feedback",
    "PUT /v1/webhooks/{webhook}/enabled": "GET /v1/webhooks/{webhook}",
    "POST /v1/webhooks/{webhook}/secret": "GET /v1/webhooks/{webhook}",
    "DELETE /v1/webhooks/{webhook}": "GET /v1/webhooks/{webhook}",
    "PATCH /v1/record": "GET /v1/record",
    "PATCH /v1/people/{person}/record": "GET /v1/people/{person}/record",
    "POST /v1/tokens/{token}/secret": "GET /v1/tokens/{token}",
    "POST /v1/posts/{post}/judgements": "GET /v1/posts/{post}",
    "POST /v1/disputes/{dispute}/settlement": "GET /v1/disputes/{dispute}",
}
"""Each with the route that shows what it edits."""


class Unmatched(StrEnum):
    """Why a write needs no `If-Match`."""

    NEW = "it adds something, and changes nothing that is there"
    ONCE = "it goes one way, once: where somebody else was faster it changes nothing, or is refused (409)"
    NAMED = "its body names by a hash what was looked at, and anything else is refused"
    FACT = "it says what happened; what contradicts what is on record is refused or looked at by somebody"
    WORD = "it is the last word of whom it is about, which counts whatever they saw"


_BY_WHY: Mapping[Unmatched, str] = {
    Unmatched.NEW: """
        POST /v1/campaigns/{campaign}/offers
        POST /v1/claims
        POST /v1/claims/{claim}/code
        POST /v1/claims/{claim}/disputes
        POST /v1/claims/{claim}/feedback/pictures
        POST /v1/claims/{claim}/posts
        POST /v1/disclosures/sightings
        POST /v1/disputes/{dispute}/files
        POST /v1/feedback-links/{link}/pictures
        POST /v1/incidents
        POST /v1/people/{person}/holds
        POST /v1/posts/{post}/pictures
        POST /v1/promotions
        POST /v1/sign-in
        POST /v1/statements/requests
        POST /v1/statements/{link}
        POST /v1/statements/{link}/disputes
        POST /v1/tokens
        POST /v1/webhooks
        POST /v1/webhooks/{webhook}/replay
    """,
    Unmatched.ONCE: """
        DELETE /v1/claims/{claim}/feedback/pictures/{picture}
        DELETE /v1/people/{person}/record
        DELETE /v1/record
        DELETE /v1/session
        DELETE /v1/tokens/{token}
        POST /v1/carrier-reports/{report}/dismissal
        POST /v1/carrier-reports/{report}/retry
        POST /v1/claims/{claim}/acknowledgement
        POST /v1/claims/{claim}/approval
        POST /v1/claims/{claim}/cancellation
        POST /v1/disputes/{dispute}/withdrawal
        POST /v1/feedback-links/{link}/pictures/{picture}/removal
        POST /v1/holds/{hold}/lifting
        POST /v1/incidents/{incident}/application
        POST /v1/incidents/{incident}/plan
        POST /v1/incidents/{incident}/jobs/{job}/cancellation
        POST /v1/incidents/{incident}/replay
        POST /v1/promotions/{promotion}/publication
        POST /v1/promotions/{promotion}/retraction
        POST /v1/promotions/{promotion}/takedown
        POST /v1/sign-in/links/{link}
        POST /v1/sign-in/logout/{provider}
        PUT /v1/evidence/birth-date
    """,
    Unmatched.NAMED: """
        POST /v1/campaigns/{campaign}/approval
        POST /v1/incidents/{incident}/approval
        PUT /v1/consents/{purpose}/{channel}
        PUT /v1/people/{person}/consents/{purpose}/{channel}
    """,
    Unmatched.FACT: """
        POST /v1/carriers/{source}
        POST /v1/check-ins
        POST /v1/claims/{claim}/denial
        POST /v1/claims/{claim}/receipt
        POST /v1/fulfillments
        POST /v1/mail-reports
        POST /v1/receipt-links/{link}
        POST /v1/redemptions
    """,
    Unmatched.WORD: """
        DELETE /v1/consents/{purpose}/{channel}
        POST /v1/consent-links/{link}
        POST /v1/feedback-links/{link}
        POST /v1/feedback-links/{link}/stop
        POST /v1/feedback-links/{link}/withdrawal
        POST /v1/people/{person}/consents/{purpose}/{channel}/withdrawal
        POST /v1/unsubscribe/{link}
        PUT /v1/evidence/country
        PUT /v1/evidence/location
        PUT /v1/evidence/words/{attribute}
    """,
}
WITHOUT_MATCH: Mapping[str, Unmatched] = {
    line.strip(): why for why, lines in _BY_WHY.items() for line in lines.strip().splitlines()
}
