"""Who may call each route, and about what: the one table of it. `Caller.actor` holds each request to it,
before the services look at what it is about; docs/access.md is made from it (`python -m tools.access`).

A route that needs a credential and does not stand here is closed to everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from perks_engine.services.access import Actor, Permission, Role, permissions_of


class Whose(StrEnum):
    """What a caller reaches by a route, once their role lets them. What they do not reach is answered as if
    it were not there (404); a brand that a request itself names is refused (403): its name is no secret."""

    OWN = "one's own"
    BRAND = "of one's brands"
    ALL = "of all brands: who reaches only some is refused"
    OWN_OR_BRAND = "one's own; staff: of one's brands"
    CREDENTIAL = "the credential itself"
    CREDENTIALS = "all tokens; of other bearers, the one they bear"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has one of these permissions may call it; with none, whoever has a credential."""

    whose: Whose
    permissions: tuple[Permission, ...] = ()

    def require(self, actor: Actor) -> None:
        """Raises `ForbiddenError` for an actor who has none of them."""
        if self.permissions and not actor.permissions & set(self.permissions):
            actor.require(self.permissions[-1])

    def roles(self) -> list[Role]:
        return [one for one in Role if not self.permissions or permissions_of(one) & set(self.permissions)]


_P = Permission
_MINE = Rule(Whose.OWN, (_P.CLAIM,))
_FULFILLMENT = Rule(Whose.BRAND, (_P.RECORD_FULFILLMENT,))
_APPROVALS = Rule(Whose.BRAND, (_P.APPROVE_CLAIMS,))
_CAMPAIGNS = Rule(Whose.BRAND, (_P.SEE_CAMPAIGNS,))
_OFFERS = Rule(Whose.BRAND, (_P.MAKE_OFFERS,))
_CONSENTS = Rule(Whose.ALL, (_P.RECORD_CONSENTS,))
_RECORDS = Rule(Whose.ALL, (_P.KEEP_RECORDS,))
_INCIDENTS = Rule(Whose.BRAND, (_P.RUN_INCIDENTS,))
_DISPUTES = Rule(Whose.OWN_OR_BRAND, (_P.CLAIM, _P.SETTLE_DISPUTES))
_LISTS = Rule(Whose.BRAND, (_P.EXPORT_DISCLOSURES,))
_JUDGING = Rule(Whose.BRAND, (_P.JUDGE_POSTS,))
_PROMOTING = Rule(Whose.BRAND, (_P.PROMOTE,))
_PROMOTIONS = Rule(Whose.BRAND, (_P.RETRACT_PROMOTIONS,))
_WEBHOOKS = Rule(Whose.BRAND, (_P.MANAGE_WEBHOOKS,))

_BY_RULE: Mapping[Rule, str] = {
    _MINE: """
        GET /v1/perks
        GET /v1/perks/{campaign}
        POST /v1/claims
        GET /v1/claims
        GET /v1/claims/{claim}
        POST /v1/claims/{claim}/code
        POST /v1/claims/{claim}/receipt
        POST /v1/claims/{claim}/denial
        POST /v1/claims/{claim}/cancellation
        POST /v1/claims/{claim}/disputes
        POST /v1/disputes/{dispute}/withdrawal
        GET /v1/claims/{claim}/instruction
        POST /v1/claims/{claim}/acknowledgement
        POST /v1/claims/{claim}/posts
        GET /v1/claims/{claim}/posts
        GET /v1/claims/{claim}/feedback
        PUT /v1/claims/{claim}/feedback
        DELETE /v1/claims/{claim}/feedback
        POST /v1/claims/{claim}/feedback/pictures
        GET /v1/claims/{claim}/feedback/pictures/{picture}
        DELETE /v1/claims/{claim}/feedback/pictures/{picture}
        GET /v1/evidence
        PUT /v1/evidence/location
        PUT /v1/evidence/country
        PUT /v1/evidence/birth-date
        PUT /v1/evidence/words/{attribute}
        GET /v1/consents
        PUT /v1/consents/{purpose}/{channel}
        DELETE /v1/consents/{purpose}/{channel}
        GET /v1/record
        PATCH /v1/record
        DELETE /v1/record
        GET /v1/my/incidents
        GET /v1/my/incidents/{incident}
        GET /v1/my/promotions
    """,
    _DISPUTES: """
        GET /v1/disputes
        GET /v1/disputes/{dispute}
        POST /v1/disputes/{dispute}/files
        GET /v1/disputes/{dispute}/files/{file}
    """,
    Rule(Whose.BRAND, (_P.SETTLE_DISPUTES,)): "POST /v1/disputes/{dispute}/settlement",
    Rule(Whose.OWN_OR_BRAND, (_P.CLAIM, _P.READ_FEEDBACK, _P.EXPORT_DISCLOSURES)): (
        "GET /v1/pictures/{picture}"
    ),
    _FULFILLMENT: """
        POST /v1/fulfillments
        POST /v1/check-ins
        POST /v1/redemptions
        GET /v1/carrier-reports
        POST /v1/carrier-reports/{report}/retry
        POST /v1/carrier-reports/{report}/dismissal
    """,
    _APPROVALS: """
        GET /v1/approvals
        POST /v1/claims/{claim}/approval
    """,
    _CAMPAIGNS: """
        GET /v1/campaigns
        GET /v1/campaigns/{campaign}
        GET /v1/campaigns/{campaign}/diff
    """,
    _OFFERS: """
        POST /v1/campaigns/{campaign}/offers
        GET /v1/campaigns/{campaign}/offers
    """,
    Rule(Whose.BRAND, (_P.APPROVE_CAMPAIGNS,)): """
        GET /v1/campaigns/{campaign}/approval
        POST /v1/campaigns/{campaign}/approval
    """,
    Rule(Whose.BRAND, (_P.READ_FEEDBACK,)): "GET /v1/campaigns/{campaign}/feedback",
    _LISTS: """
        GET /v1/disclosures
        GET /v1/disclosures/changes
        GET /v1/disclosures/exports
        GET /v1/disclosures/due
        GET /v1/posts
        GET /v1/posts/{post}
    """,
    Rule(Whose.BRAND, (_P.RECORD_SIGHTINGS,)): "POST /v1/disclosures/sightings",
    _JUDGING: """
        POST /v1/posts/{post}/pictures
        POST /v1/posts/{post}/judgements
    """,
    _PROMOTING: """
        POST /v1/promotions
        GET /v1/promotions/{promotion}/text
        POST /v1/promotions/{promotion}/publication
        POST /v1/promotions/{promotion}/takedown
    """,
    _PROMOTIONS: """
        GET /v1/promotions
        GET /v1/promotions/{promotion}
        POST /v1/promotions/{promotion}/retraction
    """,
    _WEBHOOKS: """
        POST /v1/webhooks
        GET /v1/webhooks
        GET /v1/webhooks/{webhook}
        DELETE /v1/webhooks/{webhook}
        POST /v1/webhooks/{webhook}/secret
        PUT /v1/webhooks/{webhook}/enabled
        GET /v1/webhooks/{webhook}/deliveries
        POST /v1/webhooks/{webhook}/replay
    """,
    _INCIDENTS: """
        POST /v1/incidents
        GET /v1/incidents
        GET /v1/incidents/{incident}
        POST /v1/incidents/{incident}/replay
        GET /v1/incidents/{incident}/lines
        POST /v1/incidents/{incident}/plan
        GET /v1/incidents/{incident}/plan
        POST /v1/incidents/{incident}/approval
        POST /v1/incidents/{incident}/application
        GET /v1/incidents/{incident}/jobs
        GET /v1/incidents/{incident}/jobs/{job}
        POST /v1/incidents/{incident}/jobs/{job}/cancellation
        GET /v1/incidents/{incident}/report
    """,
    Rule(Whose.BRAND, (_P.EXPORT_TAX,)): "GET /v1/tax/{year}",
    _CONSENTS: """
        GET /v1/people/{person}/consents
        PUT /v1/people/{person}/consents/{purpose}/{channel}
        POST /v1/people/{person}/consents/{purpose}/{channel}/withdrawal
    """,
    _RECORDS: """
        GET /v1/people/{person}/record
        PATCH /v1/people/{person}/record
        DELETE /v1/people/{person}/record
        GET /v1/people/{person}/holds
        POST /v1/people/{person}/holds
        POST /v1/holds/{hold}/lifting
        POST /v1/mail-reports
    """,
    Rule(Whose.BRAND, (_P.KEEP_RECORDS,)): "GET /v1/staff-actions",
    Rule(Whose.CREDENTIAL): """
        GET /v1/identity
        GET /v1/session
        DELETE /v1/session
    """,
    Rule(Whose.CREDENTIALS): """
        GET /v1/tokens/{token}
        POST /v1/tokens/{token}/secret
        DELETE /v1/tokens/{token}
    """,
    Rule(Whose.CREDENTIALS, (_P.MANAGE_TOKENS,)): """
        POST /v1/tokens
        GET /v1/tokens
    """,
}
RULES: Mapping[str, Rule] = {
    line.strip(): rule for rule, lines in _BY_RULE.items() for line in lines.strip().splitlines()
}
"""By method and path, as the API's schema writes it."""
WATCHED = frozenset(
    {
        "GET /v1/people/{person}/record",
        "GET /v1/people/{person}/consents",
        "GET /v1/disclosures",
        "GET /v1/disclosures/changes",
        "GET /v1/tax/{year}",
        "GET /v1/campaigns/{campaign}/feedback",
        "GET /v1/disputes/{dispute}/files/{file}",
        "GET /v1/staff-actions",
    }
)
"""What staff only looks at, and is written to the log of its actions like each of its writes."""
WITHOUT_CREDENTIAL: Mapping[str, str] = {
    "POST /v1/carriers/{source}": "a carrier, by its signature",
    "GET /v1/consent-links/{link}": "whoever has the letter",
    "POST /v1/consent-links/{link}": "whoever has the letter",
    "GET /v1/unsubscribe/{link}": "whoever has the letter",
    "POST /v1/unsubscribe/{link}": "whoever has the letter",
    "GET /v1/statements/{link}": "whoever has the letter",
    "POST /v1/statements/{link}": "whoever has the letter",
    "POST /v1/statements/{link}/disputes": "whoever has the letter",
    "GET /v1/receipt-links/{link}": "whoever has the letter",
    "POST /v1/receipt-links/{link}": "whoever has the letter",
    "GET /v1/feedback-links/{link}": "whoever has the letter",
    "POST /v1/feedback-links/{link}": "whoever has the letter",
    "POST /v1/feedback-links/{link}/pictures": "whoever has the letter",
    "GET /v1/feedback-links/{link}/pictures/{picture}": "whoever has the letter",
    "POST /v1/feedback-links/{link}/pictures/{picture}/removal": "whoever has the letter",
    "POST /v1/feedback-links/{link}/withdrawal": "whoever has the letter",
    "POST /v1/feedback-links/{link}/stop": "whoever has the letter",
    "GET /v1/sign-in/links/{link}": "whoever has the letter",
    "POST /v1/sign-in/links/{link}": "whoever has the letter, in the browser that asked for it",
    "POST /v1/sign-in/logout/{provider}": "a provider, by its signature",
    "GET /v1/sign-in/back/{provider}": "whom the provider vouches for, in the browser that began it",
    "POST /v1/statements/requests": "anybody",
    "GET /v1/sign-in": "anybody",
    "POST /v1/sign-in": "anybody",
    "GET /v1/sign-in/with/{provider}": "anybody",
    "GET /v1/log/head": "anybody",
    "GET /v1/log/heads": "anybody",
    "GET /v1/log/consistency": "anybody",
    "GET /problems": "anybody",
    "GET /problems/{code}": "anybody",
    "GET /healthz": "anybody",
    "GET /readyz": "anybody",
}
