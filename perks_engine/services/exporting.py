"""Exports: a disclosure list becomes a file, and that is kept: who, when, which lines, the file's hash.

The file is made whole before anybody gets a byte of it, so that its hash is known and no connection to the
database is held while a slow reader takes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Protocol

from perks_engine.domain.phrase import phrase
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.disclosing import Disclosing, Listing
from perks_engine.services.errors import BusyError, NotFoundError
from perks_engine.services.identifiers import new_id
from perks_engine.services.list_records import Chosen, ExportRecord, Form
from perks_engine.services.ports import Clock, Store
from perks_engine.services.proving import ProvedList, Proving


class ListWriter(Protocol):
    """Makes the files; each method returns how many lines were written."""

    def check(self, chosen: Chosen, form: Form) -> None:
        """Raises `InvalidInputError` for what no file can be."""
        ...

    def write(self, file: Path, listing: Listing, form: Form) -> int: ...
    def write_proved(self, file: Path, proved: ProvedList, form: Form) -> int: ...


@dataclass(frozen=True, slots=True)
class Exporting:
    """`at_once` is how many lists this process makes at the same time, each on a connection of its own;
    `proving` is asked for only where proofs are, for it needs a key."""

    store: Store
    disclosing: Disclosing
    proving: Callable[[], Proving]
    writer: ListWriter
    clock: Clock
    at_once: int
    _slots: BoundedSemaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_slots", BoundedSemaphore(self.at_once))

    def export(
        self, actor: Actor, chosen: Chosen, form: Form, file: Path, as_of: datetime | None = None
    ) -> ExportRecord:
        """Write the list to `file`, keep what was exported, and return that.

        Raises what `Disclosing.listing` does, `BusyError` while as many lists as may be are being made, and
        `InvalidInputError` for a form that cannot hold the list.
        """
        self.writer.check(chosen, form)
        with self.a_slot():
            if form.proofs:
                with self.proving().proved(actor, chosen, as_of) as proved:
                    lines = self.writer.write_proved(file, proved, form)
                    instant, size = proved.instant, proved.head.size if proved.head else 0
            else:
                with self.disclosing.listing(actor, chosen, as_of) as listing:
                    lines = self.writer.write(file, listing, form)
                    instant, size = listing.instant, listing.head_size
            digest = _sha256(file)
        now = self.clock()
        record = ExportRecord(
            export_id=new_id("exp", now),
            made_by=actor.name,
            made_at=now,
            chosen=chosen,
            as_of=instant,
            form=form,
            sha256=digest,
            bytes=file.stat().st_size,
            lines=lines,
            head_size=size,
        )
        with self.store.write() as tx:
            tx.exports.add(record)
        return record

    def check(self, actor: Actor, chosen: Chosen, form: Form, as_of: datetime | None = None) -> None:
        """Raises what `export` would, but for what only shows while a list is made; leaves no trace."""
        self.writer.check(chosen, form)
        self.disclosing.check(actor, chosen, as_of)

    @contextmanager
    def a_slot(self) -> Generator[None]:
        """The right to read a whole list now; raises `BusyError` while too many do."""
        if not self._slots.acquire(blocking=False):
            raise BusyError(
                "disclosures.busy",
                phrase(
                    "{at_once} lists are being made at this moment, which is as many as may be; nothing "
                    "was done, ask again in a moment",
                    at_once=self.at_once,
                ),
            )
        try:
            yield
        finally:
            self._slots.release()

    def exports(
        self, actor: Actor, brand: str | None = None, before: str | None = None, limit: int | None = None
    ) -> list[ExportRecord]:
        """The exports of a brand's lists, or of all brands that the actor reaches, the newest first."""
        actor.require(Permission.EXPORT_DISCLOSURES, brand)
        brands = [brand] if brand is not None else None if ALL_BRANDS in actor.brands else list(actor.brands)
        with self.store.read() as tx:
            return tx.exports.latest(brands, before, limit)

    def known(self, actor: Actor, export_id: str) -> ExportRecord:
        """Raises `NotFoundError`, for another brand's export as well."""
        actor.require(Permission.EXPORT_DISCLOSURES)
        with self.store.read() as tx:
            found = tx.exports.get(export_id)
        if found is None or not _reaches(actor, found):
            raise NotFoundError(
                "export.unknown", phrase("there is no export '{export_id}' on record", export_id=export_id)
            )
        return found


def _reaches(actor: Actor, record: ExportRecord) -> bool:
    return ALL_BRANDS in actor.brands or record.chosen.brand in actor.brands


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
