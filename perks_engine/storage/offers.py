"""Runs of offers, and who heard of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, exists, insert, select, update

from perks_engine.services.composing import CHANNEL
from perks_engine.services.offer_records import Offer, OfferRun
from perks_engine.services.offering import PERKS
from perks_engine.storage import tables
from perks_engine.storage.offer_tables import offer, offer_run


class SqlOfferBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, run: OfferRun) -> None:
        self._connection.execute(insert(offer_run).values(**asdict(run)))

    def under_way(self) -> Sequence[OfferRun]:
        query = select(offer_run).where(offer_run.c.ended_at.is_(None)).order_by(offer_run.c.run_id)
        return [OfferRun(**row) for row in self._connection.execute(query).mappings()]

    def of_campaign(self, campaign: str) -> Sequence[OfferRun]:
        query = select(offer_run).where(offer_run.c.campaign == campaign).order_by(offer_run.c.run_id.desc())
        return [OfferRun(**row) for row in self._connection.execute(query).mappings()]

    def keep(self, run: OfferRun) -> None:
        values = asdict(run)
        self._connection.execute(
            update(offer_run).where(offer_run.c.run_id == values.pop("run_id")).values(**values)
        )

    def wait(self, run_id: str, waits_for: str) -> None:
        self._connection.execute(
            update(offer_run).where(offer_run.c.run_id == run_id).values(waits_for=waits_for)
        )

    def hearers(self, run: OfferRun, limit: int) -> Sequence[str]:
        person, consent = tables.person, tables.consent
        latest = (
            select(consent.c.given)
            .where(
                consent.c.person_id == person.c.person_id,
                consent.c.purpose == PERKS,
                consent.c.channel == CHANNEL,
            )
            .order_by(consent.c.acted_at.desc(), consent.c.consent_id.desc())
            .limit(1)
            .scalar_subquery()
        )
        heard = exists().where(offer.c.campaign == run.campaign, offer.c.person_id == person.c.person_id)
        query = (
            select(person.c.person_id)
            .where(person.c.person_id > run.reached, person.c.email.is_not(None), latest, ~heard)
            .order_by(person.c.person_id)
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def add(self, one: Offer) -> None:
        self._connection.execute(insert(offer).values(**asdict(one)))
