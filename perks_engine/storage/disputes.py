"""Disputes: acts are appended; which claim has an open one is kept beside them, and decides races."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, insert, select

from perks_engine.services.dispute_records import (
    Cause,
    Dispute,
    DisputeAct,
    DisputeEvent,
    KeptFile,
    Whose,
)
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import dispute_event, dispute_file, open_dispute


class SqlDisputeBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, event: DisputeEvent) -> None:
        """The primary key refuses a second one about the same claim."""
        self._connection.execute(
            insert(open_dispute).values(claim_id=event.claim_id, dispute_id=event.dispute_id)
        )
        self._append(event)

    def end(self, event: DisputeEvent) -> bool:
        """Who deletes the row that says it is open ends it; everybody else finds it gone."""
        gone = self._connection.execute(
            delete(open_dispute).where(open_dispute.c.dispute_id == event.dispute_id)
        )
        if gone.rowcount == 0:
            return False
        self._append(event)
        return True

    def _append(self, event: DisputeEvent) -> None:
        """Dated after every list that was given: on PostgreSQL by a trigger, on SQLite here."""
        recorded_at = event.recorded_at
        if self._connection.dialect.name == "sqlite":
            listed = self._connection.execute(select(tables.listed.c.as_of)).scalar_one_or_none()
            if listed is not None:
                recorded_at = max(recorded_at, listed + timedelta(microseconds=1))
        row = asdict(event) | {"act": event.act.value, "cause": event.cause.value, "recorded_at": recorded_at}
        self._connection.execute(insert(dispute_event).values(**row))

    def get(self, dispute_id: str) -> Dispute | None:
        found = self._connection.execute(_DISPUTES.where(_opened.c.dispute_id == dispute_id)).one_or_none()
        return _dispute(found) if found else None

    def open_on(self, claim_id: str) -> str | None:
        query = select(open_dispute.c.dispute_id).where(open_dispute.c.claim_id == claim_id)
        return self._connection.execute(query).scalar_one_or_none()

    def hold_open(self, dispute_id: str) -> bool:
        """Whether it is open, and stays so until the transaction ends: of two at once, one waits."""
        row = select(open_dispute.c.claim_id).where(open_dispute.c.dispute_id == dispute_id)
        return self._connection.execute(row.with_for_update()).one_or_none() is not None

    def find(self, whose: Whose, after: str | None, limit: int) -> list[Dispute]:
        """Identifiers sort by time, so that the longest open come first."""
        query = _DISPUTES.order_by(_opened.c.dispute_id).limit(limit)
        if whose.brands is not None:
            query = query.where(tables.campaign.c.brand.in_(whose.brands))
        if whose.person_id is not None:
            query = query.where(_opened.c.person_id == whose.person_id)
        if whose.only_open:
            query = query.where(exists().where(open_dispute.c.dispute_id == _opened.c.dispute_id))
        if after is not None:
            query = query.where(_opened.c.dispute_id > after)
        return [_dispute(row) for row in self._connection.execute(query)]

    def open_among(self, claims: Sequence[str], as_of: datetime) -> dict[str, tuple[str, datetime]]:
        ended = exists().where(
            _ended.c.dispute_id == _opened.c.dispute_id,
            _ended.c.act != DisputeAct.OPENED.value,
            _ended.c.recorded_at <= as_of,
        )
        query = select(_opened.c.claim_id, _opened.c.dispute_id, _opened.c.recorded_at).where(
            _opened.c.claim_id.in_(claims),
            _opened.c.act == DisputeAct.OPENED.value,
            _opened.c.recorded_at <= as_of,
            ~ended,
        )
        found = self._connection.execute(query)
        return {row.claim_id: (row.dispute_id, row.recorded_at) for row in found}

    def add_file(self, file: KeptFile) -> None:
        self._connection.execute(insert(dispute_file).values(**asdict(file)))

    def files(self, dispute_id: str) -> list[KeptFile]:
        query = (
            select(dispute_file)
            .where(dispute_file.c.dispute_id == dispute_id)
            .order_by(dispute_file.c.file_id)
        )
        return [KeptFile(**row) for row in self._connection.execute(query).mappings()]


_opened = dispute_event.alias("opened")
_ended = dispute_event.alias("ended")
_FIELDS = tuple(DisputeEvent.__slots__)
_DISPUTES = (
    select(
        *(_opened.c[name] for name in _FIELDS),
        *(_ended.c[name].label(f"ended_{name}") for name in _FIELDS),
        tables.campaign.c.brand,
    )
    .join_from(_opened, tables.campaign, tables.campaign.c.name == _opened.c.campaign)
    .join(
        _ended,
        and_(_ended.c.dispute_id == _opened.c.dispute_id, _ended.c.act != DisputeAct.OPENED.value),
        isouter=True,
    )
    .where(_opened.c.act == DisputeAct.OPENED.value)
)


def _dispute(row: Row[Any]) -> Dispute:
    values = tuple(row)
    opening, ending = values[: len(_FIELDS)], values[len(_FIELDS) : 2 * len(_FIELDS)]
    return Dispute(_event(opening), _event(ending) if ending[0] is not None else None, row.brand)


def _event(values: tuple[Any, ...]) -> DisputeEvent:
    named: dict[str, Any] = dict(zip(_FIELDS, values, strict=True))
    named["act"], named["cause"] = DisputeAct(named["act"]), Cause(named["cause"])
    return DisputeEvent(**named)
