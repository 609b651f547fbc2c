"""What is kept of promotions. The words name a person: they, and what could be guessed from their hash, are
deleted by erasure; what is only ever appended to names nobody."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from perks_engine.domain.promotion import Cause, PromotionState


@dataclass(frozen=True, slots=True)
class Promotion:
    """`words` and `disclosure` are what may be shown, together; `called` is the name in
    them, `place` is where it is. These and the `salt` are None after erasure."""

    promotion_id: str
    claim_id: str
    person_id: str
    brand: str
    campaign: str
    channel: str
    publisher: str
    decision_id: str
    disclosure: str
    text_hash: str
    asked_by: str
    asked_at: datetime
    state: PromotionState = PromotionState.QUEUED
    words: str | None = None
    called: str | None = None
    salt: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class PromotionEvent:
    promotion_id: str
    act: PromotionState
    cause: Cause
    acted_by: str
    acted_at: datetime


@dataclass(frozen=True, slots=True)
class Telling:
    """The words left the engine: to which publisher, at whose hand, and under which hash."""

    promotion_id: str
    publisher: str
    told_by: str
    told_at: datetime
    text_hash: str


@dataclass(frozen=True, slots=True)
class Fall:
    """Which live promotions fall: of a person, of a claim, or one; by whom and why."""

    cause: Cause
    by: str
    person_id: str | None = None
    claim_id: str | None = None
    promotion_id: str | None = None


@dataclass(frozen=True, slots=True)
class WhichPromotions:
    """Those of these brands (None: of all), of a campaign, a claim, a person, a state, a publisher; whose id
    comes after `after`."""

    brands: Sequence[str] | None = None
    campaign: str | None = None
    claim_id: str | None = None
    person_id: str | None = None
    state: PromotionState | None = None
    publisher: str | None = None
    after: str | None = None


class PromotionBook(Protocol):
    """The database itself refuses a promotion that the consents and the ledger do not allow, and lets those
    fall that they allow no longer, in the transaction that changes them (see `promotion_0001`)."""

    def add(self, promotion: Promotion) -> None:
        """With the act that queues it. Raises `KeyTakenError` where the same is live already."""
        ...

    def get(self, promotion_id: str) -> Promotion | None: ...
    def find(self, which: WhichPromotions, limit: int) -> list[Promotion]:
        """The oldest first."""
        ...

    def live_of(self, person_id: str) -> list[Promotion]: ...
    def record(self, event: PromotionEvent, place: str | None = None) -> bool:
        """Publish it or take it down; False, and nothing, where it is not in the state for that any more."""
        ...

    def fall(self, fall: Fall, now: datetime) -> int:
        """Retract what is out and cancel what is queued; returns how many."""
        ...

    def erase(self, person_id: str, now: datetime) -> int:
        """For erasure, while promotions still bear the person's id: let all of theirs fall, and delete
        what names them of all that there ever were; returns how many fell."""
        ...

    def events(self, promotion_id: str) -> list[PromotionEvent]: ...
    def told(self, promotion_id: str) -> list[Telling]: ...
    def tell(self, telling: Telling) -> None: ...


def hash_of(words: str, disclosure: str, salt: str) -> str:
    """Says whether somebody was told these words, to whoever has them and the salt; without the salt, which
    erasure deletes, it says nothing."""
    return sha256(f"{salt}\n{words}\n{disclosure}".encode()).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)
