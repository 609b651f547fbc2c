"""The disclosure list: who has a material connection to a brand, computed from the ledger as of an instant.

What counts is what the ledger *held* at that instant: an entry recorded later changes a later list,
never this one, so the same instant gives the same lines. `domain.disclosure` says what belongs on it. The
books are closed up to that instant before they are read: what is written meanwhile is dated after it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge

from perks_engine.domain.campaign import Connection
from perks_engine.domain.disclosure import Section, Standing
from perks_engine.domain.money import Money
from perks_engine.domain.phrase import phrase, said
from perks_engine.services.access import ALL_BRANDS, Actor, Permission
from perks_engine.services.errors import InvalidInputError, NotFoundError
from perks_engine.services.list_records import Chosen, Order, Receipt
from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.versions import Versions
from perks_engine.services.views import instant_view

NOT_SHOWN = "not shown"
"""In place of a legal name, for a role that may not see it."""


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """One unit: what was received of it, and its value. Instants are aware and UTC; `entry` is the ledger
    line it rests on.

    `received_at` is None for who only might receive it; `returned_at` says until when who gave it back held
    it. `seen` are the addresses at which the disclosure was seen, the first at `seen_at`.
    """

    brand: str
    campaign: str
    version: str
    claim: str
    person: str
    handle: str | None
    connection: Connection
    item: str
    fair_market_value: Money
    received_at: datetime | None
    evidence: str
    reference: str
    instructed_at: datetime | None
    entry: int
    recorded_at: datetime
    section: Section = Section.RECEIVED
    standing: Standing = Standing.UNDISPUTED
    legal_name: str | None = None
    platforms: Mapping[str, str] = field(default_factory=dict[str, str])
    returned_at: datetime | None = None
    instructed_by: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    seen_at: datetime | None = None
    seen: tuple[str, ...] = ()
    dispute: str | None = None
    disputed_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a list as of `instant`; `head_size` is that of the log's newest head, 0 if none."""

    instant: datetime
    chosen: Chosen
    head_size: int
    lines: Iterable[DisclosureLine]


@dataclass(frozen=True, slots=True)
class Disclosing:
    store: Store
    versions: Versions
    clock: Clock

    @contextmanager
    def lines(
        self, actor: Actor, brand: str, as_of: datetime | None = None, campaign: str | None = None
    ) -> Generator[tuple[datetime, Iterable[DisclosureLine]]]:
        """The instant of a brand's list and its lines; see `listing`."""
        with self.listing(actor, Chosen(brand, campaign), as_of) as found:
            yield found.instant, found.lines

    @contextmanager
    def listing(
        self, actor: Actor, chosen: Chosen, as_of: datetime | None = None, order: Order = Order.ENTRY
    ) -> Generator[Listing]:
        """The list as of an instant, now if None, its lines streamed.

        Raises `ForbiddenError`, `InvalidInputError` for an instant that has not come yet or lies before the
        first entry, and `NotFoundError` for a brand, a campaign or a person that is not on record: an empty
        list has to mean that nobody received anything, never that a name was misspelt.
        """
        instant = self.settled(actor, chosen, as_of)
        with self.store.read() as tx:
            lines = self.within(tx, actor, chosen, instant, order)
            yield Listing(instant, chosen, head_size(tx), lines)

    def settled(self, actor: Actor, chosen: Chosen, as_of: datetime | None) -> datetime:
        """The instant, now if None, that nothing is recorded at or before any more."""
        self.check(actor, chosen, as_of)
        return self.closed(reached(actor, chosen), as_of)

    def check(self, actor: Actor, chosen: Chosen, as_of: datetime | None) -> None:
        """Raises what says that there is no such list, and leaves no trace."""
        reached(actor, chosen)
        _require_past(as_of, self.clock())
        if chosen.received_from and chosen.received_before and chosen.received_from >= chosen.received_before:
            raise InvalidInputError(
                "disclosures.period", phrase("the period ends before it begins; swap its days")
            )
        with self.store.read() as tx:
            require_on_record(tx, chosen, actor.reach)

    def closed(self, brands: Sequence[str] | None, as_of: datetime | None) -> datetime:
        """As `settled`, for brands that the caller reaches."""
        now = self.clock()
        _require_past(as_of, now)
        with self.store.read() as tx:
            first = tx.lists.first_entry(brands) if as_of is not None else None
            if as_of is not None and (first is None or as_of < first):
                was = said(
                    "as_of {as_of} lies before anything was on record: the first entry of the ledger was "
                    "recorded at {first}"
                )
                none_yet = said(
                    "as_of {as_of} lies before anything was on record: the first entry of the ledger is "
                    "still to come"
                )
                words = phrase(
                    was if first else none_yet, as_of=str(instant_view(as_of)), first=str(instant_view(first))
                )
                raise InvalidInputError("disclosures.before_first_entry", words)
        with self.store.write() as tx:
            return tx.ledger.close_the_books(now, as_of)

    def within(
        self,
        tx: Transaction,
        actor: Actor,
        chosen: Chosen,
        instant: datetime,
        order: Order = Order.ENTRY,
    ) -> Iterator[DisclosureLine]:
        """The lines as of a settled instant, within a transaction that may read more than them.

        By entry, one section follows the other; by claim or person, the sections are merged.
        """
        brands = reached(actor, chosen)
        shows_names = actor.may(Permission.SEE_LEGAL_NAMES)
        parts = [tx.lists.receipts(chosen, brands, Section.RECEIVED, instant, order)]
        if not chosen.is_a_period and (entrants := self._listing_entrants(tx, brands)):
            parts.append(tx.lists.receipts(chosen, brands, Section.MAY_RECEIVE, instant, order, entrants))
        if chosen.annex:
            parts.append(tx.lists.receipts(chosen, brands, Section.RETURNED, instant, order))
        for receipt in _joined(parts, order):
            line = self.line_of(tx, receipt)
            if not chosen.covers(line.received_at):
                continue  # parts of it came then, and the first of them at another time
            yield line if shows_names else replace(line, legal_name=NOT_SHOWN)

    def _listing_entrants(self, tx: Transaction, brands: Sequence[str] | None) -> list[str]:
        """The versions that declare their entrants to be listed."""
        return [
            version
            for version in tx.lists.versions(brands)
            if self.versions.get(version, tx).disclosure.list_entrants
        ]

    def line_of(self, tx: Transaction, receipt: Receipt) -> DisclosureLine:
        """The line of a unit, with its legal name."""
        campaign = self.versions.get(receipt.version, tx)
        told, contents = receipt.instruction, receipt.contents
        acknowledged = receipt.acknowledgement
        return DisclosureLine(
            brand=receipt.brand,
            campaign=receipt.campaign,
            version=receipt.version,
            claim=receipt.claim_id,
            person=receipt.person_id,
            handle=receipt.called.handle,
            connection=campaign.disclosure.connection,
            item=contents.named if contents else campaign.perk.name,
            fair_market_value=contents.fair_market_value if contents else campaign.perk.fair_market_value,
            received_at=(contents.held_since if contents else None) or receipt.received_at,
            evidence=receipt.evidence,
            reference=receipt.reference,
            instructed_at=told.sent_at,
            entry=receipt.entry_id,
            recorded_at=receipt.recorded_at,
            section=receipt.section,
            standing=receipt.standing,
            legal_name=receipt.called.name,
            platforms=receipt.called.on,
            returned_at=receipt.returned_at,
            instructed_by=f"{told.channel}: {campaign.disclosure.instruct}" if told.channel else None,
            acknowledged_at=acknowledged.acknowledged_at if acknowledged else None,
            acknowledged_by=acknowledged.how if acknowledged else None,
            seen_at=min((one.seen_at for one in receipt.sightings), default=None),
            seen=tuple(one.url for one in receipt.sightings),
            dispute=receipt.dispute,
            disputed_since=receipt.disputed_since,
        )


def _require_past(as_of: datetime | None, now: datetime) -> None:
    if as_of is not None and as_of > now:
        raise InvalidInputError(
            "disclosures.as_of",
            phrase(
                "as_of {as_of} lies in the future; what is so then is not known",
                as_of=str(instant_view(as_of)),
            ),
        )


def head_size(tx: Transaction) -> int:
    head = next(iter(tx.log.heads(1)), None)
    return head.size if head else 0


def reached(actor: Actor, chosen: Chosen) -> Sequence[str] | None:
    """The brands that a list is of; None for all. Raises `ForbiddenError`, and `InvalidInputError` for the
    campaign of no brand."""
    actor.require(Permission.EXPORT_DISCLOSURES, chosen.brand)
    if chosen.brand is not None:
        return [chosen.brand]
    if chosen.person is None:
        raise InvalidInputError(
            "disclosures.brand", phrase("whose list? name a brand, or a person for all brands")
        )
    return None if ALL_BRANDS in actor.brands else list(actor.brands)


def _joined(parts: Sequence[Iterator[Receipt]], order: Order) -> Iterator[Receipt]:
    match order:
        case Order.ENTRY:
            for part in parts:
                yield from part
        case Order.CLAIM:
            yield from merge(*parts, key=lambda one: one.claim_id)
        case Order.PERSON:
            yield from merge(*parts, key=lambda one: (one.person_id, one.entry_id))


def require_on_record(tx: Transaction, chosen: Chosen, reach: Sequence[str] | None) -> None:
    """Raises `NotFoundError` for a brand, a campaign or a person that nothing is known of. For who reaches
    some brands only, what is of others is as unknown: a campaign, and a person who claimed nothing of
    theirs."""
    brand, campaign, person = chosen.brand, chosen.campaign, chosen.person
    if brand is not None and not tx.campaigns.all(brands=[brand], limit=1):
        raise NotFoundError(
            "brand.unknown", phrase("the brand '{brand}' has no campaign on record", brand=brand)
        )
    record = tx.campaigns.get(campaign) if campaign is not None else None
    is_theirs = record is not None and (reach is None or record.brand in reach)
    if campaign is not None and (record is None or not is_theirs or brand not in (None, record.brand)):
        of_brand = said("the brand '{brand}' has no campaign '{campaign}' on record")
        words = of_brand if brand is not None else said("there is no campaign '{campaign}' on record")
        raise NotFoundError("campaign.unknown", phrase(words, brand=brand or "", campaign=campaign))
    if person is not None and not _is_known(tx, person, reach):
        raise NotFoundError("person.unknown", phrase("nobody is on record as {person}", person=person))


def _is_known(tx: Transaction, person: str, reach: Sequence[str] | None) -> bool:
    if reach is None:
        return tx.people.card(person) is not None
    claimed = {claim.campaign for claim in tx.claims.of_person(person, None, _MOST_CLAIMS)}
    records = (tx.campaigns.get(name) for name in claimed)
    return any(record is not None and record.brand in reach for record in records)


_MOST_CLAIMS = 10_000
