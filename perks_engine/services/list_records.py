"""What a disclosure list is made from, and what is kept of one that was exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from perks_engine.domain.contents import Contents
from perks_engine.domain.disclosure import Section, Standing


@dataclass(frozen=True, slots=True)
class Called:
    """What a person was called: their public handle, their legal name, and their handle by platform."""

    handle: str | None
    name: str | None
    on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which lines are wanted: of a brand (None: of all that the caller reaches), a campaign, a person, or
    received from `received_from` (included) to `received_before` (excluded), aware instants. `annex` adds
    those who held something and gave it back."""

    brand: str | None = None
    campaign: str | None = None
    person: str | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    annex: bool = False

    @property
    def is_a_period(self) -> bool:
        return self.received_from is not None or self.received_before is not None

    def covers(self, received_at: datetime | None) -> bool:
        """Whether what was received then is wanted; without a period, everything is."""
        if received_at is None:
            return not self.is_a_period
        is_early = self.received_from is not None and received_at < self.received_from
        return not is_early and (self.received_before is None or received_at < self.received_before)


def period(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """From the start of a day to the end of another, in UTC; None where there is no such bound."""
    start = datetime.combine(first, time(), UTC) if first else None
    end = datetime.combine(last, time(), UTC) + timedelta(days=1) if last and last < date.max else None
    return start, end


class Order(StrEnum):
    """What the lines of a list are sorted by."""

    ENTRY = "entry"
    CLAIM = "claim"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Instruction:
    """When a person was told how to disclose, and by which channel; None where they were not."""

    sent_at: datetime | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A person's word that they read the instruction `message_id`, the text of that hash."""

    claim_id: str
    person_id: str
    message_id: str
    text_sha256: str
    how: str
    acknowledged_at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a disclosure was seen. `reported_by` is the person, or a member of staff."""

    claim_id: str
    person_id: str
    url: str
    seen_at: datetime
    reported_by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A unit as the disclosure list needs it: the entry it rests on, and who and what that is about.

    `received_at` is None for who only might receive it, `returned_at` for who did not give it back.
    `disputed_since` is when the open `dispute` about it became known.
    """

    section: Section
    entry_id: int
    claim_id: str
    person_id: str
    called: Called
    brand: str
    campaign: str
    version: str
    received_at: datetime | None
    returned_at: datetime | None
    recorded_at: datetime
    evidence: str
    reference: str
    contents: Contents | None
    instruction: Instruction
    acknowledgement: Acknowledgement | None
    sightings: tuple[Sighting, ...]
    standing: Standing = Standing.UNDISPUTED
    dispute: str | None = None
    disputed_since: datetime | None = None


class FileKind(StrEnum):
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def is_text(self) -> bool:
        return self in (FileKind.CSV, FileKind.JSON)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an exported file. `columns` names a version of the set of columns; `bom` is a byte order
    mark before a CSV; `proofs` are with the lines of a JSON file."""

    kind: FileKind
    columns: str
    bom: bool = False
    proofs: bool = False


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """A list that was exported. `sha256` is of the file, `head_size` the size of the log's newest head
    when it was made."""

    export_id: str
    made_by: str
    made_at: datetime
    chosen: Chosen
    as_of: datetime
    form: Form
    sha256: str
    bytes: int
    lines: int
    head_size: int


@dataclass(frozen=True, slots=True)
class HeadDelivery:
    """How far a signed head came on its way out: `delivered_at` is None until it arrived."""

    size: int
    attempts: int
    tried_at: datetime
    delivered_at: datetime | None
    error: str
