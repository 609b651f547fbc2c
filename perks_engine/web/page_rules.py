"""Who may open each page, and what its forms do: the table of `access_rules`, for pages. A page that needs
somebody signed in and does not stand here is closed to everybody."""

from __future__ import annotations

from collections.abc import Mapping

from perks_engine.services.access import Permission
from perks_engine.web.access_rules import Rule, Whose

_BY_RULE: Mapping[Rule, str] = {
    Rule(Whose.OWN, (Permission.CLAIM,)): """
        GET /my
        GET /my/perks/{campaign}
        GET /my/perks/{campaign}/claim
        POST /my/perks/{campaign}/claim
        GET /my/claims
        GET /my/claims/{claim}
        POST /my/claims/{claim}/receipt
        POST /my/claims/{claim}/denial
        POST /my/claims/{claim}/cancellation
        POST /my/claims/{claim}/acknowledgement
        POST /my/claims/{claim}/posts
        POST /my/claims/{claim}/disputes
        GET /my/claims/{claim}/feedback
        POST /my/claims/{claim}/feedback
        POST /my/claims/{claim}/feedback/pictures
        GET /my/claims/{claim}/feedback/pictures/{picture}
        POST /my/claims/{claim}/feedback/pictures/{picture}/removal
        POST /my/claims/{claim}/feedback/withdrawal
        GET /my/disputes
        GET /my/disputes/{dispute}
        POST /my/disputes/{dispute}/files
        GET /my/disputes/{dispute}/files/{file}
        POST /my/disputes/{dispute}/withdrawal
        GET /my/consents
        POST /my/consents/{purpose}/{channel}
        POST /my/consents/{purpose}/{channel}/withdrawal
        GET /my/evidence
        POST /my/evidence/location
        POST /my/evidence/country
        POST /my/evidence/birth-date
        POST /my/evidence/words/{attribute}
        GET /my/record
        POST /my/record
        POST /my/statement
        GET /my/leave
        POST /my/leave
    """,
    Rule(Whose.BRAND, (Permission.SEE_CAMPAIGNS,)): """
        GET /console/campaigns
        GET /console/campaigns/{campaign}
        GET /console/campaigns/{campaign}/claims
        GET /console/campaigns/{campaign}/preview
        GET /console/campaigns/{campaign}/versions
    """,
    Rule(Whose.BRAND, (Permission.RECORD_FULFILLMENT,)): """
        GET /console/fulfillment
        GET /console/fulfillment/{claim}
        POST /console/fulfillment/packing
        POST /console/fulfillment/{claim}/moves/{move}
    """,
    Rule(Whose.BRAND, (Permission.RUN_CAMPAIGNS,)): """
        POST /console/campaigns/{campaign}/acts/{act}
        GET /console/campaigns/{campaign}/editor
        GET /console/editor
        GET /console/editor/keys
        POST /console/editor
        POST /console/editor/check
        POST /console/editor/preview
    """,
    Rule(Whose.BRAND, (Permission.EXPORT_DISCLOSURES,)): """
        GET /console/lists
        GET /console/exports
        GET /console/exports/{export}
        GET /console/recipients/{claim}
        GET /console/posts
        GET /console/posts/{post}
        GET /console/log
    """,
    Rule(Whose.BRAND, (Permission.EXPORT_TAX,)): "GET /console/tax",
    Rule(Whose.BRAND, (Permission.JUDGE_POSTS,)): "POST /console/posts/{post}/judgement",
    Rule(Whose.BRAND, (Permission.SETTLE_DISPUTES,)): """
        GET /console/disputes
        GET /console/disputes/{dispute}
        POST /console/disputes/{dispute}/settlement
    """,
    Rule(Whose.BRAND, (Permission.RUN_INCIDENTS,)): """
        GET /console/incidents
        POST /console/incidents
        GET /console/incidents/{incident}
        POST /console/incidents/{incident}/replay
        POST /console/incidents/{incident}/{act}
        POST /console/log
    """,
    Rule(Whose.BRAND, (Permission.KEEP_RECORDS,)): "GET /console/staff-log",
    Rule(Whose.ALL, (Permission.KEEP_RECORDS,)): """
        GET /console/erasures
        GET /console/erasures/{pseudonym}
    """,
    Rule(Whose.CREDENTIAL): """
        GET /home
        GET /console
        POST /sign-out
    """,
}
PAGE_RULES: Mapping[str, Rule] = {
    line.strip(): rule for rule, lines in _BY_RULE.items() for line in lines.strip().splitlines()
}
WATCHED_PAGES = frozenset(
    {
        "GET /console/lists",
        "GET /console/exports/{export}",
        "GET /console/recipients/{claim}",
        "GET /console/staff-log",
        "GET /console/tax",
    }
)
"""Pages with what `WATCHED` routes give; looks at them are written to the log of staff, too."""
UNCHANGED = frozenset({"POST /console/editor/check", "POST /console/editor/preview"})
"""Forms that keep nothing and are sent with each pause in writing: the log of staff would be full of them."""
OPEN_PAGES: Mapping[str, str] = {
    "GET /": "anybody",
    "GET /sign-in": "anybody",
    "GET /statement": "anybody",
    "POST /statement": "anybody",
    "GET /verify": "anybody",
    "POST /verify": "anybody",
    "POST /sign-in/token": "whoever has a token of staff",
    "POST /language": "anybody",
    "GET /static/{name}": "anybody",
}
