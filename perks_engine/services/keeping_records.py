"""What is kept of a person's own data beside the data: corrections, holds, requests, and erasures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from perks_engine.services.records import PersonCard


class RequestKind(StrEnum):
    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"


class Route(StrEnum):
    """By which way a request came."""

    OWN = "own"
    """The person, signed in."""
    STAFF = "staff"
    """Staff, for a person who told them."""


@dataclass(frozen=True, slots=True)
class DataRequest:
    person_id: str
    kind: RequestKind
    through: Route
    asked_by: str
    asked_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: nothing of the person's record is erased until it is lifted."""

    hold_id: str
    person_id: str
    why: str
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_because: str = ""


@dataclass(frozen=True, slots=True)
class Rectification:
    """`was` is the value before, as text; None where there was none."""

    person_id: str
    field: str
    was: str | None
    corrected_at: datetime
    corrected_by: str
    why: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """`receipt` says what became of what, and nothing of who it was."""

    pseudonym: str
    erased_at: datetime
    through: Route
    acted_by: str
    receipt: Mapping[str, Any]
    kept_until: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """Somebody on record, and by what else than their id their data are found: `mailboxes` are the keyed
    hashes of their address under which requests for statements are counted."""

    card: PersonCard
    handles: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    called_before: tuple[str, ...] = ()

    @property
    def person_id(self) -> str:
        return self.card.person_id

    def names(self) -> list[str]:
        """What they are called by, the longest first: what a letter to somebody else may name them by."""
        card = self.card
        found: set[str | None] = {*self.handles, *self.called_before}
        found |= {card.person_id, card.handle, card.email, card.name}
        return sorted((one for one in found if one), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a receipt: `count` of `what` are `gone`, `kept` or were `ended`. `until` is when what is kept
    goes as well, or can no longer be found by who it was."""

    done: str
    what: str
    count: int
    why: str = ""
    until: datetime | None = None


GONE, KEPT, ENDED = "gone", "kept", "ended"


class PersonalData(Protocol):
    """The data about one person in all tables, as the inventory says where they stand."""

    def rows(self, table: str, whose: Whose) -> list[dict[str, Any]]:
        """Every row of that table about the person, with the columns that may be shown."""
        ...

    def erase(self, whose: Whose, pseudonym: str, now: datetime) -> dict[str, int]:
        """Delete what goes and blank what stays; how many rows of each table it was about. Refused claims
        are counted as `refused`."""
        ...

    def last_receipt(self, pseudonym: str) -> datetime | None: ...


class Retention(Protocol):
    """Removes at most `limit` rows that are older than a moment, and returns how many."""

    def count(self, what: str, rows: int, now: datetime) -> None: ...
    def answers(self, before: datetime, limit: int) -> int: ...
    def refused_claims(self, before: datetime, limit: int) -> int: ...
    def addresses(self, before: datetime, limit: int) -> int: ...
    def carrier_words(self, before: datetime, limit: int) -> int: ...
    def words_of_erased(self, limit: int) -> int: ...
    def messages(self, before: datetime, limit: int) -> int: ...
    def consents(self, before: datetime, limit: int) -> int: ...
    def tokens(self, before: datetime, limit: int) -> int: ...
    def requests(self, before: datetime, limit: int) -> int: ...
    def erasures(self, now: datetime, before: datetime, limit: int) -> int: ...


class KeepingBook(Protocol):
    def lock(self, person_id: str) -> PersonCard | None:
        """The card, which nobody else writes beside until the transaction ends: what is under way for the
        person is waited for."""
        ...

    def handles(self, person_id: str) -> list[str]:
        """Every handle they ever bore, anywhere."""
        ...

    def called_before(self, person_id: str) -> list[str]:
        """Names that they bore, and what was corrected."""
        ...

    def add_request(self, request: DataRequest) -> None: ...
    def requests(self) -> list[DataRequest]:
        """The oldest first."""
        ...

    def add_hold(self, hold: Hold) -> None: ...
    def holds(self, person_id: str | None = None, live_only: bool = True) -> list[Hold]: ...
    def lift(self, hold_id: str, by: str, why: str, now: datetime) -> bool:
        """Whether it was there and not lifted yet."""
        ...

    def add_rectification(self, one: Rectification) -> None: ...
    def drop_evidence(self, person_id: str, attribute: str, source: str | None) -> None:
        """What was wrong; of every source where `source` is None."""
        ...

    def add_erasure(self, erasure: Erasure) -> None: ...
    def erasures(self, skip: int, limit: int) -> list[Erasure]:
        """The newest first."""
        ...

    def erasure(self, pseudonym: str) -> Erasure | None: ...
    def suppression_key(self) -> bytes:
        """Made with the first erasure."""
        ...

    def suppress(self, hashes: Mapping[str, str], pseudonym: str, now: datetime) -> None:
        """`hashes` are named by what they are of: `id`, `email`, `handle`."""
        ...

    def suppressed(self, hashes: Sequence[str]) -> dict[str, tuple[str | None, datetime]]:
        """Those of the hashes that are on record: the pseudonym, and since when."""
        ...

    def count_suppressed(self) -> int: ...
    def dropped_files(self) -> list[str]: ...
    def forget_files(self, names: Iterable[str]) -> None: ...
    def removed(self) -> Iterator[tuple[str, str, int]]:
        """What retention removed: the day, what, and how many."""
        ...
