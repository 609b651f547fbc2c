"""A campaign file in words, as somebody who is to approve it would want to read it."""

from __future__ import annotations

from collections.abc import Iterator

from perks_engine.campaigns.campaign_file import CampaignFile
from perks_engine.domain.campaign import Campaign
from perks_engine.domain.phrase import Phrase, phrase
from perks_engine.domain.rules import AllOf, AnyOf, AtLeast, Not, Rule
from perks_engine.domain.words import age_in_words, required_words
from perks_engine.services.views import counted

INDENT = "  "


def campaign_lines(file: CampaignFile) -> Iterator[str]:
    """Line by line; the canonical form is what says it to the last digit."""
    campaign = file.campaign
    yield campaign.title
    yield f"version {file.version}"
    yield f"campaign {campaign.name} of the brand {campaign.brand}"
    yield from _perk_lines(campaign)
    yield f"from {campaign.window.opens_at:%Y-%m-%d %H:%M} to {campaign.window.closes_at:%Y-%m-%d %H:%M} UTC"
    yield "who may have it:"
    yield from (INDENT + line for line in rule_lines(campaign.eligibility))
    yield f"to disclose: {campaign.disclosure.connection.replace('_', ' ')}"
    if campaign.approval_required:
        yield "approval: somebody of the brand looks at each granted claim before it is packed"
    yield f"promotion: {'allowed' if campaign.promotion_allowed else 'not allowed'}"
    if campaign.feedback_after is not None:
        yield f"feedback: asked for {age_in_words(campaign.feedback_after)} after receipt"
    yield f"healthy, and else it pauses itself: {'' if campaign.guards else 'no guard says so'}".rstrip()
    yield from (f"{INDENT}{guard.healthy_words()}" for guard in campaign.guards)
    yield counted(len(file.examples), "example")


def _perk_lines(campaign: Campaign) -> Iterator[str]:
    perk = campaign.perk
    yield f"{perk.quantity} × {perk.name}, {perk.fair_market_value} each"
    yield from (f"{INDENT}of it: {part}" for part in perk.parts)
    yield f"at most {perk.per_person} for each person, reserved for {age_in_words(perk.reservation)}"
    if perk.hot:
        yield "hot: claims of the same moment do not wait for each other"


def rule_lines(rule: Rule) -> Iterator[str]:
    """The rule as the tree that it is: a line for each condition, those below a node indented."""
    match rule:
        case AllOf(rules=rules):
            yield from _node(phrase("all of these"), rules)
        case AnyOf(rules=rules):
            yield from _node(phrase("any one of these"), rules)
        case AtLeast(count=count, rules=rules):
            yield from _node(phrase("at least {count} of these", count=count), rules)
        case Not(rule=inner):
            first, *rest = rule_lines(inner)
            yield f"not: {first}"
            yield from rest
        case _:
            yield str(required_words(rule))


def _node(words: Phrase, rules: tuple[Rule, ...]) -> Iterator[str]:
    yield f"{words}:"
    for rule in rules:
        yield from (INDENT + line for line in rule_lines(rule))
