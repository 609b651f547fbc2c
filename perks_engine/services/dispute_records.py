"""Disputes as they are kept: what was said, by whom, and when; nothing of it is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class DisputeAct(StrEnum):
    """A dispute is opened, and ends in one of three ways."""

    OPENED = "opened"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Cause(StrEnum):
    """Why a dispute was opened: somebody said so, or two pieces of evidence contradict each other."""

    PERSON = "person"
    STAFF = "staff"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class DisputeEvent:
    """One act. `occurred_at` is when it was so, `recorded_at` when it became known here.

    `entry_id` is the line of the ledger that is disputed; `words` are the objection, or the reason of its
    end; `correction` is the entry that corrects the ledger, of a dispute that was upheld.
    """

    dispute_id: str
    act: DisputeAct
    claim_id: str
    entry_id: int
    person_id: str
    campaign: str
    cause: Cause
    words: str
    acted_by: str
    occurred_at: datetime
    recorded_at: datetime
    correction: int | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """`ending` is None while it is open."""

    opening: DisputeEvent
    ending: DisputeEvent | None
    brand: str

    @property
    def dispute_id(self) -> str:
        return self.opening.dispute_id

    @property
    def state(self) -> str:
        return "open" if self.ending is None else self.ending.act.value


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that somebody gave with a dispute. `stored_as` is its random name in the store of files, `kind`
    what its bytes say that it is, `sha256` their hash in hex."""

    file_id: str
    dispute_id: str
    name: str
    kind: str
    size: int
    sha256: str
    stored_as: str
    given_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """Which disputes are looked for: of these brands (None: of all), of this person, only the open ones."""

    brands: Sequence[str] | None = None
    person_id: str | None = None
    only_open: bool = False


class DisputeBook(Protocol):
    def open(self, event: DisputeEvent) -> None:
        """Raises `KeyTakenError` where the claim has an open dispute."""
        ...

    def end(self, event: DisputeEvent) -> bool:
        """False, and nothing is written, where the dispute is open no more."""
        ...

    def get(self, dispute_id: str) -> Dispute | None: ...
    def hold_open(self, dispute_id: str) -> bool: ...
    def open_on(self, claim_id: str) -> str | None:
        """The open dispute about the unit of a claim."""
        ...

    def find(self, whose: Whose, after: str | None, limit: int) -> list[Dispute]:
        """The longest open first; those that come after the dispute `after`."""
        ...

    def open_among(self, claims: Sequence[str], as_of: datetime) -> dict[str, tuple[str, datetime]]:
        """The claims that had an open dispute by what was known at an instant: which, and since when it was
        known. A claim has at most one."""
        ...

    def add_file(self, file: KeptFile) -> None: ...
    def files(self, dispute_id: str) -> list[KeptFile]: ...


class FileStore(Protocol):
    """Keeps bytes under random names, apart from everything that is served."""

    def put(self, data: bytes) -> str:
        """Returns the name that it is kept under."""
        ...

    def get(self, stored_as: str) -> bytes:
        """Raises `LookupError` where it is gone."""
        ...

    def drop(self, stored_as: str) -> None: ...
