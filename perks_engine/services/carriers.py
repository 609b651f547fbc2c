"""What the engine asks of an adapter for a carrier's webhooks, and the words that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from perks_engine.domain.fulfillment import MoveKind

NEEDS_A_LOOK = "needs_a_look"
"""In place of a move: the status is known, and does not say where the unit is. Somebody has to look."""
TOLERANCE = timedelta(minutes=5)
"""How far the time that a message was signed at may be from now: beyond it, it may be a replay."""


class WebhookError(Exception):
    """A message that cannot be believed; `code` is a reason code, `message` says what is wrong with it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A request as it came in; the names of its headers are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class CarrierReport:
    """What a carrier says of a shipment. `event_id` tells this report from every other of its source;
    `occurred_at` is None where it does not say when."""

    event_id: str
    tracking_number: str
    carrier: str
    status: str
    occurred_at: datetime | None


class CarrierAdapter(Protocol):
    """One shape of webhook. `moves` says which move a status is; None for one that says nothing of where the
    unit is, `NEEDS_A_LOOK` for one that a person has to judge. What is not in it is never guessed."""

    @property
    def name(self) -> str: ...
    @property
    def moves(self) -> Mapping[str, MoveKind | str | None]: ...

    def check(self, message: SignedMessage, secret: str, now: datetime) -> None:
        """Raises `WebhookError` for a message that nobody who knows the secret has signed just now."""
        ...

    def read(self, body: bytes) -> CarrierReport | None:
        """None for an event of another kind; raises `WebhookError` for what is no event of this shape."""
        ...


def check_age(signed_at: datetime, now: datetime) -> None:
    """Raises `WebhookError` for a time too far from now."""
    if abs(now - signed_at) > TOLERANCE:
        minutes = int(TOLERANCE.total_seconds() // 60)
        raise WebhookError(
            "webhook.stale",
            f"it was signed at {signed_at.isoformat()}, more than {minutes} minutes from now",
        )
