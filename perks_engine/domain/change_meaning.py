"""What a change from one version of a campaign to another means, in sentences for who answers for it: units,
days, what people are told and asked. Whom it reaches is counted elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from perks_engine.domain.campaign import Campaign, Connection, PerkKind
from perks_engine.domain.phrase import Phrase, phrase, said
from perks_engine.domain.words import span_phrase

_LATER, _EARLIER = 0, 1
_OPENS = (
    said("It opens {span} later: {now}, in place of {was}."),
    said("It opens {span} earlier: {now}, in place of {was}."),
)
_CLOSES = (
    said("It closes {span} later: {now}, in place of {was}."),
    said("It closes {span} earlier: {now}, in place of {was}."),
)
_PROMOTION = (
    said("Promotions that show people are allowed, of those who received it and agreed; before, none were."),
    said("Promotions that show people are no longer allowed."),
)
_ACKNOWLEDGED = (
    said("Nothing is packed any more before the person has confirmed to have read how to disclose."),
    said("Packing does not wait any more until the person has confirmed to have read how to disclose."),
)
_ENTRANTS = (
    said("Who only may receive something stands on the disclosure list, too, apart and marked."),
    said("Who only may receive something does not stand on the disclosure list any more."),
)
_APPROVAL = (
    said("Each granted claim is looked at by the brand before it is packed; that was not so before."),
    said("Granted claims are packed without the brand looking at each any more."),
)
_RUSH = (
    said("It is made ready for many who claim at the same moment."),
    said("It is not made ready any more for many who claim at the same moment."),
)
_KINDS = {
    PerkKind.ITEM: phrase("an item"),
    PerkKind.BUNDLE: phrase("a bundle of items"),
    PerkKind.EVENT: phrase("an event"),
    PerkKind.SERVICE: phrase("a service"),
    PerkKind.EARLY_ACCESS: phrase("early access"),
    PerkKind.CODE: phrase("a code"),
}
_CONNECTIONS = {
    Connection.RECEIVED_ITEM: phrase("that they received an item"),
    Connection.RECEIVED_SERVICE: phrase("that they received a service"),
    Connection.ATTENDED_EVENT: phrase("that they attended an event"),
    Connection.EARLY_ACCESS: phrase("that they had early access"),
    Connection.PRIZE: phrase("that they won a prize"),
    Connection.PAYMENT: phrase("that they were paid"),
}


def change_meaning(old: Campaign, new: Campaign) -> list[Phrase]:
    """A sentence for each thing that the new version does otherwise, in the order in which one asks: how
    many, when, what, under which duties, watched by what; and last whether the rule is another one."""
    sentences = [*_stock(old, new), *_window(old, new), *_perk(old, new), *_duties(old, new)]
    sentences += [*_guards(old, new)]
    if old.eligibility == new.eligibility:
        return [*sentences, phrase("Who may claim stays as it is: nothing is different in the rule.")]
    return [*sentences, phrase("Who may claim can change: the rule is different.")]


def _stock(old: Campaign, new: Campaign) -> Iterator[Phrase]:
    was, now = old.perk.quantity, new.perk.quantity
    if now > was:
        yield phrase("Units: {now} in place of {was}, {more} more.", now=now, was=was, more=now - was)
    elif now < was:
        yield phrase(
            "Units: {now} in place of {was}, {less} fewer. Nothing that was granted is taken back: it can be "
            "opened only while so many are still free.",
            now=now,
            was=was,
            less=was - now,
        )
    if (one := old.perk.per_person) != (other := new.perk.per_person):
        yield phrase("One person may have {now}, in place of {was}.", now=other, was=one)
    if (held := old.perk.reservation) != (holds := new.perk.reservation):
        yield phrase(
            "A granted unit is kept for {now}, in place of {was}, before it is free again.",
            now=span_phrase(holds),
            was=span_phrase(held),
        )


def _window(old: Campaign, new: Campaign) -> Iterator[Phrase]:
    for words, was, now in (
        (_OPENS, old.window.opens_at, new.window.opens_at),
        (_CLOSES, old.window.closes_at, new.window.closes_at),
    ):
        if was != now:
            said_so = words[_LATER if now > was else _EARLIER]
            yield phrase(said_so, span=span_phrase(abs(now - was)), now=_instant(now), was=_instant(was))


def _instant(at: datetime) -> Phrase:
    there = at.astimezone(UTC)
    return phrase("{day}, {time} UTC", day=f"{there:%Y-%m-%d}", time=f"{there:%H:%M}")


def _perk(old: Campaign, new: Campaign) -> Iterator[Phrase]:
    if old.title != new.title:
        yield phrase("People see another title: “{now}”, in place of “{was}”.", now=new.title, was=old.title)
    was, now = old.perk, new.perk
    if was.name != now.name:
        yield phrase("They receive “{now}”, in place of “{was}”.", now=now.name, was=was.name)
    if was.kind is not now.kind:
        yield phrase(
            "It is of another kind: {now}, in place of {was}.", now=_KINDS[now.kind], was=_KINDS[was.kind]
        )
    if was.fair_market_value != now.fair_market_value:
        yield phrase(
            "Its value is {now}, in place of {was}, as it is told to people, listed and counted for tax.",
            now=str(now.fair_market_value),
            was=str(was.fair_market_value),
        )
    if was.parts != now.parts:
        yield phrase("The parts of the bundle are other ones.")
    if was.hot is not now.hot:
        yield phrase(_RUSH[was.hot])


def _duties(old: Campaign, new: Campaign) -> Iterator[Phrase]:
    was, now = old.disclosure, new.disclosure
    if was.connection is not now.connection:
        yield phrase(
            "People disclose something else: {now}, in place of {was}.",
            now=_CONNECTIONS[now.connection],
            was=_CONNECTIONS[was.connection],
        )
    if was.instruct != now.instruct:
        yield phrase(
            "They are told how to disclose by {now}, in place of {was}.", now=now.instruct, was=was.instruct
        )
    for words, before, after in (
        (_ACKNOWLEDGED, was.acknowledge_first, now.acknowledge_first),
        (_ENTRANTS, was.list_entrants, now.list_entrants),
        (_PROMOTION, old.promotion_allowed, new.promotion_allowed),
        (_APPROVAL, old.approval_required, new.approval_required),
    ):
        if before is not after:
            yield phrase(words[before])
    if old.feedback_after != new.feedback_after:
        span = new.feedback_after
        yield (
            phrase("They are asked how they like it when this service asks everybody.")
            if span is None
            else phrase("They are asked how they like it {span} after receipt.", span=span_phrase(span))
        )


def _guards(old: Campaign, new: Campaign) -> Iterator[Phrase]:
    """By what they call healthy, for that is what a guard is."""
    was, now = (Counter(one.healthy_words() for one in campaign.guards) for campaign in (old, new))
    for words in (now - was).elements():
        yield phrase("A guard is there that was not: {what}.", what=words)
    for words in (was - now).elements():
        yield phrase("A guard is gone: {what}.", what=words)
