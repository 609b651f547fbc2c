"""Promotions, what became of them, and who was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, insert, literal, select, type_coerce, update

from perks_engine.domain.promotion import LIVE, Cause, PromotionState
from perks_engine.services.promotion_records import (
    Fall,
    Promotion,
    PromotionEvent,
    Telling,
    WhichPromotions,
)
from perks_engine.storage.promotion_tables import promotion as _table
from perks_engine.storage.promotion_tables import promotion_event as _event
from perks_engine.storage.promotion_tables import promotion_told as _told
from perks_engine.storage.types import Instant

_IS_LIVE = _table.c.state.in_([one.value for one in LIVE])
_BEFORE = {
    PromotionState.PUBLISHED: PromotionState.QUEUED,
    PromotionState.TAKEN_DOWN: PromotionState.RETRACTED,
}


class SqlPromotionBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, promotion: Promotion) -> None:
        values = asdict(promotion) | {"state": promotion.state.value}
        self._connection.execute(insert(_table).values(**values))
        self._append(
            PromotionEvent(
                promotion.promotion_id,
                PromotionState.QUEUED,
                Cause.ASKED,
                promotion.asked_by,
                promotion.asked_at,
            )
        )

    def _append(self, event: PromotionEvent) -> None:
        values = asdict(event) | {"act": event.act.value, "cause": event.cause.value}
        self._connection.execute(insert(_event).values(**values))

    def get(self, promotion_id: str) -> Promotion | None:
        query = select(_table).where(_table.c.promotion_id == promotion_id)
        row = self._connection.execute(query).one_or_none()
        return _promotion(row) if row else None

    def find(self, which: WhichPromotions, limit: int) -> list[Promotion]:
        query = select(_table).where(*_meant(which)).order_by(_table.c.promotion_id).limit(limit)
        return [_promotion(row) for row in self._connection.execute(query)]

    def live_of(self, person_id: str) -> list[Promotion]:
        query = (
            select(_table).where(_table.c.person_id == person_id, _IS_LIVE).order_by(_table.c.promotion_id)
        )
        return [_promotion(row) for row in self._connection.execute(query)]

    def record(self, event: PromotionEvent, place: str | None = None) -> bool:
        mine = (
            select(_table.c.promotion_id)
            .where(_table.c.promotion_id == event.promotion_id, _table.c.state == _BEFORE[event.act].value)
            .with_for_update()
        )
        if self._connection.execute(mine).one_or_none() is None:
            return False
        self._append(event)
        if place is not None:
            there = update(_table).where(_table.c.promotion_id == event.promotion_id)
            self._connection.execute(there.values(place=place))
        return True

    def fall(self, fall: Fall, now: datetime) -> int:
        """In one statement: what falls at this moment by itself does not fall twice."""
        published = _table.c.state == PromotionState.PUBLISHED.value
        act = case((published, PromotionState.RETRACTED.value), else_=PromotionState.CANCELLED.value)
        chosen: list[ColumnElement[bool]] = [_IS_LIVE]
        chosen += [
            _table.c[name] == getattr(fall, name)
            for name in ("person_id", "claim_id", "promotion_id")
            if getattr(fall, name) is not None
        ]
        if len(chosen) == 1:
            raise ValueError("say whose promotions fall")
        held = select(_table.c.promotion_id).where(*chosen).with_for_update()
        count = len(self._connection.execute(held).all())
        falling = select(
            _table.c.promotion_id,
            act,
            literal(fall.cause.value),
            literal(fall.by),
            type_coerce(literal(now, Instant()), Instant()),
        ).where(*chosen)
        names = ["promotion_id", "act", "cause", "acted_by", "acted_at"]
        self._connection.execute(insert(_event).from_select(names, falling))
        return count

    def erase(self, person_id: str, now: datetime) -> int:
        fallen = self.fall(Fall(Cause.ERASED, "erasure", person_id=person_id), now)
        theirs = update(_table).where(_table.c.person_id == person_id)
        self._connection.execute(theirs.values(words=None, called=None, salt=None, place=None))
        return fallen

    def events(self, promotion_id: str) -> list[PromotionEvent]:
        query = select(_event).where(_event.c.promotion_id == promotion_id).order_by(_event.c.event_id)
        return [
            PromotionEvent(
                row.promotion_id, PromotionState(row.act), Cause(row.cause), row.acted_by, row.acted_at
            )
            for row in self._connection.execute(query)
        ]

    def told(self, promotion_id: str) -> list[Telling]:
        query = select(_told).where(_told.c.promotion_id == promotion_id).order_by(_told.c.telling_id)
        return [
            Telling(**{one.name: getattr(row, one.name) for one in fields(Telling)})
            for row in self._connection.execute(query)
        ]

    def tell(self, telling: Telling) -> None:
        self._connection.execute(insert(_told).values(**asdict(telling)))


def _meant(which: WhichPromotions) -> Iterator[ColumnElement[bool]]:
    if which.brands is not None:
        yield _table.c.brand.in_(which.brands)
    for name in ("campaign", "claim_id", "person_id", "publisher"):
        if getattr(which, name) is not None:
            yield _table.c[name] == getattr(which, name)
    if which.state is not None:
        yield _table.c.state == which.state.value
    if which.after is not None:
        yield _table.c.promotion_id > which.after


def _promotion(row: Row[Any]) -> Promotion:
    values: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(Promotion)}
    values["state"] = PromotionState(values["state"])
    return Promotion(**values)
