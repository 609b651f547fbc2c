"""What claims, and those who only look, ask of the database: past the repositories, in few round trips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from perks_engine.domain.guards import Tally
from perks_engine.services.records import ClaimFacts, Counting, DecidedClaim, Entry
from perks_engine.services.token_records import Token

MOST_TOGETHER = 8
"""So many claims at most are read, written and counted together."""


class Question(NamedTuple):
    """Whom and which campaign facts are asked about, and under what something may have been answered."""

    person_id: str
    campaign: str
    scope: str
    key: str


class Look(Protocol):
    """What is asked for by itself: each answer is of one moment, two of them need not be of the same."""

    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts: ...
    def facts_about(self, questions: Sequence[Question]) -> list[ClaimFacts]:
        """In the order of the questions, all of one moment."""
        ...

    def shown(self, person_id: str, after: str | None, limit: int | None) -> list[ClaimFacts]:
        """About each campaign that people see, by their names, those that come after `after`; all of it is of
        one moment."""
        ...

    def token(self, token_id: str) -> Token | None: ...
    def borne(
        self, token_id: str, secret_hash: str, campaign: str, key: str = ""
    ) -> tuple[Token, ClaimFacts | None] | None:
        """The token of which this is the newest secret or the one before, with the facts about whom it
        stands for, all of one moment."""
        ...


class ClaimWork(Protocol):
    """One transaction for some claims that are decided, in this order: each is recorded, then all are
    counted, then the units are taken. A call may be sent with the next one, so that what the database refuses
    is raised by a later one, or at the end."""

    @property
    def others(self) -> int:
        """How many may be counted at the same time without being seen."""
        ...

    def record(self, decided: DecidedClaim) -> None: ...
    def count(self, claims: Sequence[Counting]) -> list[list[Tally] | None]:
        """Count claims for their guards, once, all at one moment; what each finds counted, or None where its
        campaign is no longer open with that version."""
        ...

    def reserve(self, entry: Entry) -> None:
        """The entry that takes a unit: the last thing that a claim does. They come in the order in which
        every transaction locks what it needs: by campaign, then by person."""
        ...
