"""What disclosure lists, and the delivery of heads, need from the outside; the parts of a `Transaction`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perks_engine.domain.disclosure import Section
from perks_engine.services.list_records import (
    Acknowledgement,
    Called,
    Chosen,
    ExportRecord,
    HeadDelivery,
    Instruction,
    Order,
    Receipt,
    Sighting,
)
from perks_engine.services.records import Entry, Message, SignedHead, Unit


class Namings(Protocol):
    def record(self, people: Mapping[str, Mapping[str, str | None]], now: datetime) -> int: ...
    def called(self, people: Sequence[str], as_of: datetime | None = None) -> dict[str, Called]: ...


class ListBook(Protocol):
    """Where `brands` is None, all of them are meant."""

    def first_entry(self, brands: Sequence[str] | None) -> datetime | None: ...
    def versions(self, brands: Sequence[str] | None) -> list[str]: ...
    def receipts(
        self,
        chosen: Chosen,
        brands: Sequence[str] | None,
        section: Section,
        as_of: datetime,
        order: Order = Order.ENTRY,
        versions: Sequence[str] = (),
    ) -> Iterator[Receipt]: ...
    def units_of(self, person_id: str) -> list[Unit]: ...
    def latest_entry(self, claim_id: str, as_of: datetime) -> Entry | None: ...


class Instructing(Protocol):
    def instruction(self, claim_id: str) -> Message | None: ...
    def instructions(self, claims: Sequence[str], as_of: datetime) -> dict[str, Instruction]: ...
    def acknowledge(self, act: Acknowledgement) -> None: ...
    def acknowledgements(
        self, claims: Sequence[str], as_of: datetime | None = None
    ) -> dict[str, Acknowledgement]: ...
    def add_sighting(self, seen: Sighting, now: datetime) -> None: ...
    def sightings(
        self, claims: Sequence[str], as_of: datetime | None = None
    ) -> dict[str, list[Sighting]]: ...


class ExportBook(Protocol):
    def add(self, record: ExportRecord) -> None: ...
    def get(self, export_id: str) -> ExportRecord | None: ...
    def latest(
        self, brands: Sequence[str] | None, before: str | None, limit: int | None
    ) -> list[ExportRecord]: ...


class HeadDeliveries(Protocol):
    def waiting(self, limit: int) -> list[tuple[SignedHead, HeadDelivery | None]]: ...
    def record(self, delivery: HeadDelivery) -> None: ...
    def undelivered(self) -> int: ...
