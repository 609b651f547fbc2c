"""The disclosure list: who holds a unit they received, computed from the ledger as of an instant.

What counts is what the ledger *held* at that instant: an entry recorded later changes a later list,
never this one, so the same instant gives the same lines (16 CFR 255.5 says who belongs on it). The books
are closed up to that instant before they are read: what is written meanwhile is dated after it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from perks_engine.domain.campaign import Connection
from perks_engine.domain.money import Money
from perks_engine.services.access import Actor, Permission
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.records import Receipt
from perks_engine.services.versions import Versions


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """One received unit. Instants are aware and UTC; `entry` is the ledger line it rests on."""

    brand: str
    campaign: str
    version: str
    claim: str
    person: str
    handle: str | None
    connection: Connection
    item: str
    fair_market_value: Money
    received_at: datetime
    evidence: str
    reference: str
    instructed_at: datetime | None
    entry: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Disclosing:
    store: Store
    versions: Versions
    clock: Clock

    @contextmanager
    def lines(
        self, actor: Actor, brand: str, as_of: datetime | None = None, campaign: str | None = None
    ) -> Generator[tuple[datetime, Iterator[DisclosureLine]]]:
        """The instant of the list and its lines, streamed in the order of the ledger.

        Raises `ForbiddenError`, `InvalidInputError` for an instant that has not come yet, and
        `NotFoundError` for a brand or a campaign that is not on record: an empty list has to mean that
        nobody received anything, never that a name was misspelt.
        """
        instant = self.settled(actor, brand, as_of)
        with self.store.read() as tx:
            yield instant, self.within(tx, brand, instant, campaign)

    def settled(self, actor: Actor, brand: str, as_of: datetime | None) -> datetime:
        """The instant, now if None, that nothing is recorded at or before any more."""
        actor.require(Permission.EXPORT_DISCLOSURES, brand)
        now = self.clock()
        if as_of is not None and as_of > now:
            raise InvalidInputError(
                "disclosures.as_of",
                f"as_of {as_of.isoformat()} lies in the future; what is so then is not known",
            )
        with self.store.write() as tx:
            return tx.ledger.close_the_books(now, as_of)

    def within(
        self, tx: Transaction, brand: str, instant: datetime, campaign: str | None
    ) -> Iterator[DisclosureLine]:
        """The lines as of a settled instant, within a transaction that may read more than them."""
        _require_on_record(tx, brand, campaign)
        return self._lines(tx, tx.ledger.receipts(brand, instant, campaign))

    def _lines(self, tx: Transaction, receipts: Iterator[Receipt]) -> Iterator[DisclosureLine]:
        for receipt in receipts:
            campaign = self.versions.get(receipt.version, tx)
            yield DisclosureLine(
                brand=receipt.brand,
                campaign=receipt.campaign,
                version=receipt.version,
                claim=receipt.claim_id,
                person=receipt.person_id,
                handle=receipt.handle,
                connection=campaign.disclosure.connection,
                item=campaign.perk.name,
                fair_market_value=campaign.perk.fair_market_value,
                received_at=receipt.received_at,
                evidence=receipt.evidence,
                reference=receipt.reference,
                instructed_at=receipt.instructed_at,
                entry=receipt.entry_id,
                recorded_at=receipt.recorded_at,
            )


def _require_on_record(tx: Transaction, brand: str, campaign: str | None) -> None:
    if not tx.campaigns.all(brands=[brand], limit=1):
        raise NotFoundError("brand.unknown", f"the brand '{brand}' has no campaign on record")
    record = tx.campaigns.get(campaign) if campaign is not None else None
    if campaign is not None and (record is None or record.brand != brand):
        raise NotFoundError("campaign.unknown", f"the brand '{brand}' has no campaign '{campaign}' on record")
