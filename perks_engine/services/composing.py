"""From a template and its values to a message that can be queued: what all letters have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perks_engine.domain.consent import ACCOUNT, OPERATIONS
from perks_engine.services.identifiers import new_id
from perks_engine.services.ports import Renderer
from perks_engine.services.records import Message, PersonCard


def composed(
    renderer: Renderer,
    kind: str,
    template: str,
    values: Mapping[str, Any],
    now: datetime,
    *,
    person_id: str | None = None,
    staff_of: str | None = None,
    campaign: str = "",
    claim_id: str | None = None,
    address: str | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """A letter about a person's own affairs, or one about operations to the staff of the brand `staff_of`.

    What the template asks for and `values` do not hold is an error of Jinja2.
    """
    rendered = renderer.render(template, values)
    return Message(
        message_id=new_id("msg", now),
        person_id=person_id,
        staff_of=staff_of,
        campaign=campaign,
        claim_id=claim_id,
        kind=kind,
        purpose=OPERATIONS if staff_of else ACCOUNT,
        channel="email",
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
