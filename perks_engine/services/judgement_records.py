"""What staff saw of a post, and what is done about one that does not disclose clearly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from perks_engine.domain.disclosing_failures import Failure


class Outcome(StrEnum):
    """Whether the disclosure is clear and conspicuous (16 CFR 255.0(f)), as a human saw it."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNCLEAR = "unclear"


class RemedyStep(StrEnum):
    """What is done about a failing post: the person is asked to mend it, says that they did, or the brand
    hears that they did not."""

    ASKED = "asked"
    FIXED = "fixed"
    ESCALATED = "escalated"


class PostState(StrEnum):
    """`waiting` for somebody to look: never judged, or said to be mended since."""

    WAITING = "waiting"
    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`note` is None where there was none, or where it was erased with the person."""

    judgement_id: str
    post_id: int
    claim_id: str
    outcome: Outcome
    failures: tuple[Failure, ...]
    note: str | None
    picture_id: str | None
    judged_by: str
    judged_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """Where a recipient disclosed, with the latest judgement and what was done about that. `is_held` says
    whether the unit is with them and undisputed; `is_followed` whether the claim has a later post."""

    post_id: int
    claim_id: str
    person_id: str
    handle: str | None
    brand: str
    campaign: str
    version: str
    url: str
    seen_at: datetime
    reported_by: str
    recorded_at: datetime
    is_held: bool
    is_followed: bool
    latest: Judgement | None
    asked_at: datetime | None
    fixed_at: datetime | None
    escalated_at: datetime | None

    @property
    def state(self) -> PostState:
        if self.latest is None or self.fixed_at is not None:
            return PostState.WAITING
        return PostState(self.latest.outcome.value)

    @property
    def is_to_be_mended(self) -> bool:
        """Whether the person was asked for a fix, and none is known: neither their word nor a later post."""
        return self.asked_at is not None and self.fixed_at is None and not self.is_followed


@dataclass(frozen=True, slots=True)
class SoughtPosts:
    """Which posts are looked for: of these brands (None: of all), of this campaign, claim or state."""

    brands: Sequence[str] | None = None
    campaign: str | None = None
    claim_id: str | None = None
    state: PostState | None = None


class JudgementBook(Protocol):
    def posts(self, sought: SoughtPosts, after: int | None, limit: int) -> list[Post]:
        """In the order in which they became known; those after the post `after`."""
        ...

    def post(self, post_id: int) -> Post | None: ...
    def post_at(self, claim_id: str, url: str) -> Post | None: ...
    def history(self, post_id: int) -> list[Judgement]:
        """All judgements of a post, the oldest first."""
        ...

    def add(self, judgement: Judgement) -> None: ...
    def unmended(self, asked_before: datetime, after: int | None, limit: int) -> list[Post]:
        """Those of which a fix was asked for by then, that is not there, and that the brand does not know
        of; the unit is held."""
        ...

    def take(self, judgement_id: str, step: RemedyStep, message_id: str | None, now: datetime) -> None:
        """Raises `KeyTakenError` where the step was taken already."""
        ...
