"""From a template and its values to a message that can be queued: what all letters have in common.

Whatever is more than an answer about a person's own affairs carries how to stop it, by one click and without
signing in (RFC 8058), and where the sender is by post (16 CFR 316.5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perks_engine.domain.campaign import Campaign
from perks_engine.domain.consent import ACCOUNT, EMAIL, FALLBACK_LANGUAGE, OPERATIONS
from perks_engine.domain.kept import kept_for_each
from perks_engine.services.errors import RefusedError
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Rendered, Renderer
from perks_engine.services.records import Message, PersonCard
from perks_engine.services.unsubscribe_links import UnsubscribeLinks
from perks_engine.services.views import perk_view

FOOTER = "templates/messages/footer"
CHANNEL = EMAIL


@dataclass(frozen=True, slots=True)
class Composing:
    """`postal_address` is the sender's, its lines apart by `|`; empty where the deployment names none."""

    renderer: Renderer
    links: UnsubscribeLinks
    postal_address: str

    def to_person(
        self,
        card: PersonCard,
        kind: str,
        template: str,
        values: Mapping[str, Any],
        now: datetime,
        *,
        campaign: str = "",
        claim_id: str | None = None,
        purpose: str = ACCOUNT,
        expires_at: datetime | None = None,
    ) -> Message:
        """A letter in their language; `values` need not hold `name`, how they are greeted.

        Raises `RefusedError` for another purpose than their account while there is no key to seal links with,
        or no postal address. What the template asks for and `values` do not hold is an error of the renderer.
        """
        rendered = self.renderer.render(template, {"name": called(card), **values}, card.language)
        if purpose != ACCOUNT:
            rendered = self._with_footer(rendered, card, purpose)
        return _message(
            rendered,
            kind,
            purpose,
            now,
            person_id=card.person_id,
            campaign=campaign,
            claim_id=claim_id,
            expires_at=expires_at,
        )

    def to_staff(
        self, brand: str, kind: str, template: str, values: Mapping[str, Any], now: datetime, campaign: str
    ) -> Message:
        """A letter about operations to the contacts of a brand, as they are when it is sent."""
        rendered = self.renderer.render(template, values)
        return _message(rendered, kind, OPERATIONS, now, staff_of=brand, campaign=campaign)

    def to_address(
        self,
        address: str,
        kind: str,
        template: str,
        values: Mapping[str, Any],
        now: datetime,
        expires_at: datetime,
        language: str = FALLBACK_LANGUAGE,
    ) -> Message:
        """What was asked for from a mailbox that may be nobody's on record; deleted at `expires_at`."""
        rendered = self.renderer.render(template, values, language)
        return _message(rendered, kind, ACCOUNT, now, address=address, expires_at=expires_at)

    def require_can_ask(self) -> None:
        """Raises `RefusedError` where a letter for a purpose of its own could not say how to stop it, or who
        sends it."""
        self.links.require_key()
        if not self.postal_address:
            raise RefusedError(
                "mail.no_postal_address",
                "a letter that people can opt out of has to say where its sender is by post (16 CFR 316.5); "
                "name the address in PERKS_POSTAL_ADDRESS",
            )

    def _with_footer(self, rendered: Rendered, card: PersonCard, purpose: str) -> Rendered:
        self.require_can_ask()
        values = {
            "title": self.links.title(purpose, card.language),
            "link": self.links.make(card.person_id, purpose, CHANNEL),
            "postal_address": [one.strip() for one in re.split(r"[|\n]", self.postal_address) if one.strip()],
        }
        footer = self.renderer.render(FOOTER, values, card.language)
        return Rendered(
            rendered.subject, f"{rendered.text}\n{footer.text}", f"{rendered.html}\n{footer.html}"
        )


def _message(
    rendered: Rendered,
    kind: str,
    purpose: str,
    now: datetime,
    *,
    person_id: str | None = None,
    staff_of: str | None = None,
    campaign: str = "",
    claim_id: str | None = None,
    address: str | None = None,
    expires_at: datetime | None = None,
) -> Message:
    return Message(
        message_id=new_id("msg", now),
        person_id=person_id,
        staff_of=staff_of,
        campaign=campaign,
        claim_id=claim_id,
        kind=kind,
        purpose=purpose,
        channel=CHANNEL,
        subject=rendered.subject,
        body_text=rendered.text,
        body_html=rendered.html,
        created_at=now,
        address=address,
        expires_at=expires_at,
    )


def called(card: PersonCard) -> str:
    """How a letter greets somebody."""
    return card.name or card.handle or "there"


@kept_for_each(1_000)
def campaign_values(campaign: Campaign) -> dict[str, Any]:
    """What every letter about a campaign can say of it."""
    values = perk_view(campaign)
    return values | {"perk": values["perk"] | {"fair_market_value": campaign.perk.fair_market_value}}
