"""What each letter can name: the one place that says it, against which templates are checked when they are
read.

A shape maps a name to None for a plain value, to a shape for what has parts, and to a list of one shape for
many.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perks_engine.services.composing import FOOTER
from perks_engine.services.consent_letters import CONFIRM_CONSENT
from perks_engine.services.dispute_letters import OPENED, SETTLED
from perks_engine.services.duty_letters import REMINDER, UNSEEN
from perks_engine.services.erasure_letters import RECEIPT as ERASURE
from perks_engine.services.feedback_letters import ASK
from perks_engine.services.fulfillment_letters import CORRECTION, RECEIPT, SHIPMENT
from perks_engine.services.incident_letters import APOLOGY
from perks_engine.services.judgement_letters import FIX, UNFIXED
from perks_engine.services.letters import APPROVAL, DECLINE, GRANT, PAUSED, REFUSAL, SUBSTITUTION
from perks_engine.services.offering import OFFER
from perks_engine.services.rectifying import TEMPLATE as CORRECTED
from perks_engine.services.signing_in import LETTER as SIGN_IN
from perks_engine.services.statement_requests import LINK

Shape = Mapping[str, Any]


def _plain(*names: str) -> Shape:
    return dict.fromkeys(names)


_CAMPAIGN = {
    **_plain("campaign", "brand", "title", "disclosure", "opens", "closes"),
    "perk": _plain("kind", "name", "fair_market_value", "per_person"),
}
_CLAIMANT = {**_CAMPAIGN, **_plain("name")}
INSTRUCTION = {**_CLAIMANT, **_plain("reserved_until", "approval_required")}
"""Of a campaign's own instruction to disclose."""
_UNIT = {**_CLAIMANT, **_plain("claim", "item")}
_LINE = {**_plain("where", "since", "evidence"), "parts": [None]}
SHAPES: Mapping[str, Shape] = {
    GRANT: INSTRUCTION,
    REFUSAL: {
        **_CLAIMANT,
        **_plain("verdict"),
        "reasons": [_plain("required", "actual", "change", "source", "observed_on")],
    },
    APPROVAL: _CLAIMANT,
    DECLINE: {**_CLAIMANT, **_plain("why")},
    SUBSTITUTION: {**_CLAIMANT, **_plain("item", "value", "why")},
    PAUSED: {
        **_CAMPAIGN,
        **_plain("guard", "found", "healthy", "paused_at", "quantity", "free_units"),
    },
    SHIPMENT: {**_UNIT, **_plain("shipped_on", "carrier", "tracking_number")},
    RECEIPT: {**_UNIT, **_plain("received_on", "evidence", "value", "link"), "parts": [None]},
    CORRECTION: {**_UNIT, **_plain("why"), "said": _LINE, "says": _LINE},
    OPENED: {**_CLAIMANT, **_plain("dispute", "cause", "words")},
    SETTLED: {
        **_CLAIMANT,
        **_plain("dispute", "outcome", "reason", "corrected", "settled_on"),
        "lines": [_LINE],
    },
    REMINDER: {**_CLAIMANT, **_plain("claim", "received_on", "is_last")},
    FIX: {
        **_CLAIMANT,
        **_plain("claim", "url", "note", "until"),
        "failures": [_plain("why", "mend")],
    },
    UNFIXED: {
        **_CAMPAIGN,
        **_plain("called", "post", "asked_at"),
        "failures": [_plain("why", "mend")],
    },
    UNSEEN: {**_CAMPAIGN, "people": [_plain("claim", "called", "received_on", "reminders")]},
    CONFIRM_CONSENT: _plain("name", "title", "words", "link", "until"),
    FOOTER: {**_plain("title", "link"), "postal_address": [None]},
    APOLOGY: {
        **_plain("name", "incident", "wrong"),
        **{name: [None] for name in ("titles", "days", "happened", "done")},
    },
    LINK: _plain("link", "until"),
    SIGN_IN: _plain("name", "link", "until"),
    OFFER: {**_CLAIMANT, **_plain("closes_at", "link")},
    ASK: {**_CLAIMANT, **_plain("claim", "received_on", "link")},
    ERASURE: {
        **_plain("erased_at", "pseudonym"),
        **{name: [_plain("what", "count", "why", "until")] for name in ("gone", "ended", "kept")},
        "statement": _plain("at", "until", "how"),
    },
    CORRECTED: {"exports": [None]},
}
"""By template. One that is not here is an instruction, which campaigns name."""
