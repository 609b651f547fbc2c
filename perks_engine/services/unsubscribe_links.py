"""The address in a letter by which its reader stops letters of that kind: unguessable, and good for ever."""

from __future__ import annotations

from dataclasses import dataclass

from perks_engine.domain.consent import Purposes
from perks_engine.services.links import Links

PATH = "/v1/unsubscribe"
SEALED_FOR = "perks-engine unsubscribe links 1"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a link ends."""

    person_id: str
    purpose: str
    channel: str


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    links: Links
    purposes: Purposes

    def make(self, person_id: str, purpose: str, channel: str) -> str:
        """Raises `RefusedError` where there is no key to seal it with."""
        told = {"person": person_id, "purpose": purpose, "channel": channel}
        return self.links.make(PATH, SEALED_FOR, told)

    def opened(self, link: str) -> Subscription | None:
        """None for what is no such link."""
        told = self.links.opened(SEALED_FOR, link)
        return Subscription(told["person"], told["purpose"], told["channel"]) if told else None

    def title(self, purpose: str, language: str) -> str:
        """What the purpose is called; one that is declared no longer goes by its name."""
        found = self.purposes.by_name.get(purpose)
        return found.title(language) if found else purpose

    def require_key(self) -> None:
        """Raises `RefusedError`."""
        self.links.require_key()
