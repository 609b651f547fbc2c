"""Who may be asked how they like what they received, and what they said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, insert, or_, select

from perks_engine.domain.fulfillment import Account
from perks_engine.services.feedback_records import (
    FEEDBACK,
    Asking,
    FeedbackAct,
    FeedbackOf,
    FeedbackVersion,
    Recipient,
    Solicitation,
)
from perks_engine.services.picture_records import PictureUse
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import open_dispute
from perks_engine.storage.feedback_tables import feedback_request, feedback_version, feedback_words
from perks_engine.storage.pictures import SqlPictureBook

AT_ONCE = 500


class SqlFeedbackBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def versions_to_ask(self) -> list[str]:
        waiting = _MAY_BE_ASKED.subquery()
        return sorted(self._connection.execute(select(waiting.c.version).distinct()).scalars())

    def due(self, asking: Asking, now: datetime, versions: Sequence[str], limit: int) -> list[Recipient]:
        received_at = tables.entry.c.occurred_at
        in_time = and_(received_at <= now - asking.after, received_at > now - asking.until)
        these = tables.claim.c.version.in_(versions)
        query = _MAY_BE_ASKED.where(in_time, these).order_by(tables.holding.c.claim_id).limit(limit)
        return [Recipient(*row) for row in self._connection.execute(query)]

    def ask(self, asked: Solicitation) -> None:
        self._connection.execute(insert(feedback_request).values(**asdict(asked)))

    def asked(self, claim_id: str) -> Solicitation | None:
        query = select(feedback_request).where(feedback_request.c.claim_id == claim_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return Solicitation(**row) if row else None

    def versions(self, claim_id: str) -> list[FeedbackVersion]:
        return [_version(row) for row in self._rows([claim_id])]

    def append(self, version: FeedbackVersion) -> None:
        values = asdict(version)
        words = values.pop("words")
        self._connection.execute(insert(feedback_version).values(**values))
        if words is not None:
            key = {"claim_id": version.claim_id, "number": version.number}
            self._connection.execute(insert(feedback_words).values(**key, words=words))

    def everything(self, brands: Sequence[str] | None, campaign: str | None) -> Iterator[FeedbackOf]:
        asked: list[ColumnElement[bool]] = []
        if brands is not None:
            asked.append(tables.campaign.c.brand.in_(brands))
        if campaign is not None:
            asked.append(tables.campaign.c.name == campaign)
        last = ""
        while True:
            query = _ANSWERED.where(tables.claim.c.claim_id > last, *asked)
            query = query.order_by(tables.claim.c.claim_id).limit(AT_ONCE)
            rows = self._connection.execute(query).all()
            yield from self._answers(rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1].claim_id

    def _answers(self, rows: Sequence[Any]) -> Iterator[FeedbackOf]:
        claims = [row.claim_id for row in rows]
        said = {
            claim: tuple(_version(one) for one in some)
            for claim, some in groupby(self._rows(claims), key=lambda one: one.claim_id)
        }
        pictures: dict[str, list[str]] = {}
        for one in SqlPictureBook(self._connection).of_claims(claims, PictureUse.FEEDBACK):
            pictures.setdefault(one.claim_id, []).append(one.picture_id)
        for row in rows:
            about = (row.person_id, row.handle, row.brand, row.campaign, row.asked_at)
            yield FeedbackOf(*about, said[row.claim_id], tuple(pictures.get(row.claim_id, ())))

    def _rows(self, claims: Sequence[str]) -> Sequence[Row[Any]]:
        mine = _VERSIONS.where(feedback_version.c.claim_id.in_(claims))
        return self._connection.execute(mine.order_by(*_IN_ORDER)).all()


_IN_ORDER = (feedback_version.c.claim_id, feedback_version.c.number)
_VERSIONS = select(feedback_version, feedback_words.c.words).join(
    feedback_words,
    and_(
        feedback_words.c.claim_id == feedback_version.c.claim_id,
        feedback_words.c.number == feedback_version.c.number,
    ),
    isouter=True,
)
_yes = tables.consent.alias("yes")
_later = tables.consent.alias("later")
_after_it = or_(
    _later.c.acted_at > _yes.c.acted_at,
    and_(_later.c.acted_at == _yes.c.acted_at, _later.c.consent_id > _yes.c.consent_id),
)
_has_agreed = exists().where(
    _yes.c.person_id == tables.holding.c.person_id,
    _yes.c.purpose == FEEDBACK,
    _yes.c.channel == "email",
    _yes.c.given,
    ~exists().where(
        _later.c.person_id == _yes.c.person_id,
        _later.c.purpose == _yes.c.purpose,
        _later.c.channel == _yes.c.channel,
        _after_it,
    ),
)
_MAY_BE_ASKED = (
    select(
        tables.holding.c.claim_id,
        tables.holding.c.person_id,
        tables.holding.c.campaign,
        tables.claim.c.version,
        tables.holding.c.entry_id,
        tables.entry.c.occurred_at,
    )
    .select_from(tables.holding)
    .join(tables.claim, tables.claim.c.claim_id == tables.holding.c.claim_id)
    .join(tables.entry, tables.entry.c.entry_id == tables.holding.c.entry_id)
    .join(tables.person, tables.person.c.person_id == tables.holding.c.person_id)
    .where(
        tables.holding.c.account == Account.RECIPIENT.value,
        tables.person.c.email.is_not(None),
        _has_agreed,
        ~exists().where(feedback_request.c.claim_id == tables.holding.c.claim_id),
        ~exists().where(feedback_version.c.claim_id == tables.holding.c.claim_id),
        ~exists().where(open_dispute.c.claim_id == tables.holding.c.claim_id),
    )
)
_ANSWERED = (
    select(
        tables.claim.c.claim_id,
        tables.claim.c.person_id,
        tables.person.c.handle,
        tables.campaign.c.brand,
        tables.claim.c.campaign,
        feedback_request.c.asked_at,
    )
    .select_from(tables.claim)
    .join(tables.campaign, tables.campaign.c.name == tables.claim.c.campaign)
    .join(tables.person, tables.person.c.person_id == tables.claim.c.person_id, isouter=True)
    .join(feedback_request, feedback_request.c.claim_id == tables.claim.c.claim_id, isouter=True)
    .where(exists().where(feedback_version.c.claim_id == tables.claim.c.claim_id))
)


def _version(row: Row[Any]) -> FeedbackVersion:
    return FeedbackVersion(
        row.claim_id,
        row.number,
        FeedbackAct(row.act),
        row.rating,
        row.has_words,
        row.words,
        row.through,
        row.said_at,
    )
