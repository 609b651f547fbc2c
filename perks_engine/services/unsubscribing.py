"""The link under a letter: it ends letters of its kind, or all but answers, without signing in.

Looking at it changes nothing, for programs that scan mail look at links. A link is good for ever, and to use
it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from perks_engine.domain.consent import ConsentAct, Through, latest_acts
from perks_engine.domain.phrase import said
from perks_engine.services.consents import Consents, Speaker
from perks_engine.services.errors import NotFoundError
from perks_engine.services.ports import Store
from perks_engine.services.unsubscribe_links import Subscription, UnsubscribeLinks
from perks_engine.services.views import View

ONE_CLICK = said("unsubscribed by the link in a letter")


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    store: Store
    links: UnsubscribeLinks
    consents: Consents

    def reader(self, link: str) -> str:
        """Whose letters it ends; raises `NotFoundError` for what is no link."""
        return self._opened(link).person_id

    def look(self, link: str) -> View:
        """What the link ends, and whether it is ended already. Raises `NotFoundError` for what is no link."""
        subscription = self._opened(link)
        with self.store.read() as tx:
            card = tx.people.card(subscription.person_id)
            acts = latest_acts(tx.consents.acts(subscription.person_id)) if card else {}
        title = self.links.title(subscription.purpose, card.language if card else "en")
        latest = acts.get((subscription.purpose, subscription.channel))
        # Of who is no longer on record nothing is told but that nothing is sent, which is so.
        ended = latest is None or not latest.given
        return {"title": title, "state": "ended" if ended else "sent", "others": _others(acts, subscription)}

    def unsubscribe(self, link: str, origin: str, everything: bool = False) -> View:
        """End letters of its kind, with `everything` all that the person agreed to by that channel; effective
        before the next one is sent. Raises `NotFoundError` for what is no link."""
        subscription = self._opened(link)
        with self.store.read() as tx:
            card = tx.people.card(subscription.person_id)
            acts = latest_acts(tx.consents.acts(subscription.person_id)) if card else {}
        if card is not None:
            purposes = {subscription.purpose}
            if everything:
                purposes |= {purpose for purpose, channel in acts if channel == subscription.channel}
            who = f"person {card.person_id}"
            speaker = Speaker(card.person_id, Through.LINK, who, ONE_CLICK, origin)
            for purpose in sorted(purposes):
                self._end(speaker, purpose, subscription.channel)
        return self.look(link)

    def _end(self, speaker: Speaker, purpose: str, channel: str) -> None:
        try:
            self.consents.withdraw(speaker, purpose, channel)
        except NotFoundError:
            # Erased meanwhile, or neither declared any more nor ever agreed to: nothing is sent in any case.
            return

    def _opened(self, link: str) -> Subscription:
        subscription = self.links.opened(link)
        if subscription is None:
            raise NotFoundError(
                "unsubscribe.link",
                "this link is not whole, so that nothing was changed; take the whole address from the end of "
                "the letter, or answer the letter and a person stops it",
            )
        return subscription


def _others(acts: Mapping[tuple[str, str], ConsentAct], subscription: Subscription) -> bool:
    """Whether there is more that could be ended by the same channel."""
    return any(
        act.given and act.channel == subscription.channel and act.purpose != subscription.purpose
        for act in acts.values()
    )
