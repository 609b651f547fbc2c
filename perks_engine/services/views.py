"""What is told of decisions and claims, as plain data: the same words over HTTP, in the CLI and in
messages. A value that the person may not see is left out here, at the one door to the outside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from perks_engine.domain.campaign import Campaign, CampaignAct
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.reasons import Reason, obstacles
from perks_engine.services.records import CampaignEvent, CampaignRecord, ClaimRecord, Decision, Message

View = dict[str, Any]
Say = Callable[[Phrase], str]
"""Turns words into text: `str` into English, a localizer into the language of a reader."""

Speaking = Callable[[str], Say]
"""Of a language that somebody is written to in: how words are said to them."""


def in_english(_language: str) -> Say:
    return str


_NOT_SHOWN = phrase("not shown")


def instant_view(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def counted(count: int, one: str, many: str = "") -> str:
    """`1 line`, `3 lines`; `many` where it is more than an `s`: `1 person`, `2 people`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def reason_view(reason: Reason, say: Say = str) -> View:
    """One condition: what is asked, what was found (where it may be seen), what would change it."""
    view: View = {"code": reason.code, "mark": reason.mark.value, "required": say(reason.required)}
    if reason.actual is not None:
        view["actual"] = say(reason.actual if reason.shown else _NOT_SHOWN)
    if reason.change is not None:
        view["change"] = say(reason.change)
    if reason.source:
        view["source"] = reason.source
    if reason.observed_at is not None:
        view["observed_at"] = instant_view(reason.observed_at)
    return view


def tree_view(reason: Reason, say: Say = str) -> View:
    """The whole tree that mirrors the rule."""
    view: View = {"node": reason.node, **reason_view(reason, say)}
    if reason.children:
        view["children"] = [tree_view(child, say) for child in reason.children]
    return view


def reasons_view(reason: Reason, standing: tuple[Reason, ...] = (), say: Say = str) -> list[View]:
    """All that stands in the way, the campaign's own state first."""
    return [reason_view(one, say) for one in (*standing, *obstacles(reason))]


def decision_view(decision: Decision, say: Say = str) -> View:
    return {
        "decision": decision.decision_id,
        "campaign": decision.campaign,
        "version": decision.version,
        "verdict": decision.verdict.value,
        "claimable": decision.grants,
        "reasons": reasons_view(decision.reason, decision.standing, say),
        "tree": tree_view(decision.reason, say),
        "decided_at": instant_view(decision.decided_at),
    }


def perk_view(campaign: Campaign) -> View:
    return {
        "campaign": campaign.name,
        "brand": campaign.brand,
        "title": campaign.title,
        "perk": {
            "kind": campaign.perk.kind.value,
            "name": campaign.perk.name,
            "fair_market_value": str(campaign.perk.fair_market_value),
            "per_person": campaign.perk.per_person,
        },
        "disclosure": campaign.disclosure.connection.value,
        "opens": instant_view(campaign.window.opens_at),
        "closes": instant_view(campaign.window.closes_at),
    }


def claim_view(claim: ClaimRecord) -> View:
    view: View = {
        "claim": claim.claim_id,
        "person": claim.person_id,
        "campaign": claim.campaign,
        "version": claim.version,
        "outcome": claim.outcome.value,
        "created_at": instant_view(claim.created_at),
    }
    if claim.reserved_until is not None:
        view["reserved_until"] = instant_view(claim.reserved_until)
    if claim.account is not None:
        view["where"] = claim.account.value
    return view


def campaign_view(record: CampaignRecord, free_units: int, event: CampaignEvent | None = None) -> View:
    """The campaign; where it is paused, `event` is the one that paused it."""
    view: View = {
        "campaign": record.name,
        "brand": record.brand,
        "state": record.state.value,
        "version": record.version,
        "opens": instant_view(record.opens_at),
        "closes": instant_view(record.closes_at),
        "free_units": free_units,
    }
    if event is not None and event.act is CampaignAct.PAUSED:
        view |= {
            "paused_because": event.why,
            "paused_by": event.acted_by,
            "paused_at": instant_view(event.acted_at),
        }
    return view


def event_view(event: CampaignEvent) -> View:
    view: View = {"at": instant_view(event.acted_at), "act": event.act.value, "by": event.acted_by}
    if event.why:
        view["why"] = event.why
    if event.version is not None:
        view["version"] = event.version
    if event.numbers is not None:
        view["numbers"] = dict(event.numbers)
    return view


def message_view(message: Message) -> View:
    """A message in the outbox. `to` is a person, the staff of a brand, or an e-mail address."""
    parts = {"person": message.person_id, "staff_of": message.staff_of, "address": message.address}
    addressee = {name: value for name, value in parts.items() if value}
    return {
        "message": message.message_id,
        "to": message.person_id or message.address or f"the staff of {message.staff_of}",
        **addressee,
        "kind": message.kind,
        "subject": message.subject,
        "text": message.body_text,
        "state": message.state,
        "created_at": instant_view(message.created_at),
    }
