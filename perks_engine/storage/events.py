"""Events, and how far each has come on its way to each webhook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from perks_engine.domain.events import EVERY, EventType
from perks_engine.services.event_records import (
    BrandEvent,
    DeliveryState,
    DueReceiver,
    EventDelivery,
    Webhook,
    WhichDeliveries,
    WhichEvents,
)
from perks_engine.storage import tables
from perks_engine.storage.event_tables import brand_event as _event
from perks_engine.storage.event_tables import event_delivery as _kept
from perks_engine.storage.event_tables import webhook as _webhook
from perks_engine.storage.leases import is_free

_QUEUED = DeliveryState.QUEUED.value
_waits = _kept.c.state == literal_column(f"'{_QUEUED}'")
"""Written out, so that the index of what waits is used."""


class SqlEventBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell_erased(self, person_id: str, now: datetime) -> int:
        claim, campaign = tables.claim, tables.campaign
        granted = (
            select(claim.c.claim_id, claim.c.campaign, campaign.c.brand)
            .join(campaign, campaign.c.name == claim.c.campaign)
            .where(
                claim.c.person_id == person_id,
                claim.c.outcome == "granted",
                exists().where(_webhook.c.brand == campaign.c.brand, _webhook.c.removed_at.is_(None)),
            )
            .order_by(claim.c.claim_id)
        )
        rows = [
            {
                "event_id": f"evt_{token_hex(16)}",
                "brand": row.brand,
                "type": EventType.PERSON_ERASED.value,
                "campaign": row.campaign,
                "claim_id": row.claim_id,
                "subject": "",
                "occurred_at": now,
                "recorded_at": now,
            }
            for row in self._connection.execute(granted)
        ]
        for row in rows:
            self._connection.execute(insert(_event).values(row))
        return len(rows)

    def get(self, event_id: str) -> BrandEvent | None:
        row = self._connection.execute(select(_event).where(_event.c.event_id == event_id)).one_or_none()
        return _brand_event(row) if row else None

    def receivers_due(self, now: datetime, but: Sequence[str], limit: int) -> list[DueReceiver]:
        """For each webhook the first line of an index of its own says whether anything is due."""
        since = (
            select(func.min(_kept.c.next_at))
            .where(_kept.c.webhook_id == _webhook.c.webhook_id, _waits, _is_free(now))
            .scalar_subquery()
        )
        query = (
            select(_webhook.c.webhook_id, _webhook.c.failures)
            .where(_takes(now), _webhook.c.webhook_id.not_in(but), since <= now)
            .order_by(case((_webhook.c.failures > 0, 1), else_=0), since, _webhook.c.webhook_id)
            .limit(limit)
        )
        return [DueReceiver(row.webhook_id, row.failures > 0) for row in self._connection.execute(query)]

    def take(self, webhook_id: str, holder: str, now: datetime, until: datetime, limit: int) -> list[str]:
        """Whoever writes the lease has it: of two that found it free the second changes no row."""
        due = (
            select(_kept.c.event_id)
            .join(_event, _event.c.event_id == _kept.c.event_id)
            .join(_webhook, _webhook.c.webhook_id == _kept.c.webhook_id)
            .where(
                *(_kept.c.webhook_id == webhook_id, _waits, _kept.c.next_at <= now, _is_free(now)),
                _takes(now),
            )
            .order_by(_kept.c.next_at, _event.c.position)
            .limit(limit)
            .with_for_update(of=_kept, skip_locked=True)
        )
        found = list(self._connection.execute(due).scalars())
        lease = {"leased_by": holder, "leased_until": until}
        return [
            one
            for one in found
            if self._changed(update(_kept).where(_is(one, webhook_id), _waits, _is_free(now)), lease)
        ]

    def held(self, event_id: str, webhook_id: str, holder: str, now: datetime, until: datetime) -> bool:
        mine = update(_kept).where(
            _is(event_id, webhook_id),
            _kept.c.state == _QUEUED,
            _kept.c.leased_by == holder,
            _kept.c.leased_until > now,
        )
        return self._changed(mine, {"leased_until": until})

    def let_go(self, event_id: str, webhook_id: str, holder: str) -> None:
        mine = update(_kept).where(_is(event_id, webhook_id), _kept.c.leased_by == holder)
        self._changed(mine, {"leased_by": None, "leased_until": None})

    def settle(self, holder: str, delivery: EventDelivery) -> bool:
        values: dict[str, Any] = asdict(delivery)
        values |= {"state": delivery.state.value, "leased_by": None, "leased_until": None}
        mine = update(_kept).where(
            _is(values.pop("event_id"), values.pop("webhook_id")), _kept.c.leased_by == holder
        )
        return self._changed(mine, values)

    def _changed(self, statement: Any, values: dict[str, Any]) -> bool:
        return self._connection.execute(statement.values(**values)).rowcount > 0

    def delivery(self, event_id: str, webhook_id: str) -> EventDelivery | None:
        row = self._connection.execute(select(_kept).where(_is(event_id, webhook_id))).one_or_none()
        return _delivery(row) if row else None

    def log(self, which: WhichDeliveries, limit: int) -> list[tuple[BrandEvent, EventDelivery]]:
        query = (
            select(_event, *(column.label(f"kept_{column.name}") for column in _kept.c))
            .join(_kept, _kept.c.event_id == _event.c.event_id)
            .where(_kept.c.webhook_id == which.webhook_id)
            .order_by(_event.c.position.desc())
            .limit(limit)
        )
        if which.state is not None:
            query = query.where(_kept.c.state == which.state.value)
        if which.before is not None:
            query = query.where(_event.c.position < which.before)
        return [(_brand_event(row), _delivery(row, "kept_")) for row in self._connection.execute(query)]

    def replay(self, webhook: Webhook, which: WhichEvents, now: datetime) -> int:
        """What is being sent at this moment goes out once more afterwards."""
        if which.only_dead:
            again = self._anew(now).where(
                _kept.c.webhook_id == webhook.webhook_id, _kept.c.state == DeliveryState.DEAD.value
            )
            return self._connection.execute(again).rowcount
        chosen = list(self._connection.execute(_wanted_by(webhook, which)).scalars())
        for event_id in chosen:
            known = self._connection.execute(self._anew(now).where(_is(event_id, webhook.webhook_id)))
            if known.rowcount == 0:
                fresh = EventDelivery(event_id, webhook.webhook_id, DeliveryState.QUEUED, 0, now)
                self._connection.execute(insert(_kept).values(**asdict(fresh)))
        return len(chosen)

    def _anew(self, now: datetime) -> Any:
        return update(_kept).values(
            state=_QUEUED, attempts=0, next_at=now, settled_at=None, leased_by=None, leased_until=None
        )

    def cancel(self, webhook_id: str, why: str, now: datetime) -> int:
        waiting = update(_kept).where(_kept.c.webhook_id == webhook_id, _kept.c.state == _QUEUED)
        values = {
            "state": DeliveryState.CANCELLED.value,
            "why": why,
            "settled_at": now,
            "leased_by": None,
            "leased_until": None,
        }
        return self._connection.execute(waiting.values(**values)).rowcount

    def forget(self, before: datetime, limit: int) -> int:
        """On SQLite deliveries go along by the same key as on PostgreSQL."""
        waits = exists().where(_kept.c.event_id == _event.c.event_id, _kept.c.state == _QUEUED)
        old = (
            select(_event.c.position)
            .where(_event.c.recorded_at < before, ~waits)
            .order_by(_event.c.position)
            .limit(limit)
        )
        places = list(self._connection.execute(old).scalars())
        self._connection.execute(delete(_event).where(_event.c.position.in_(places)))
        return len(places)


def _is(event_id: str, webhook_id: str) -> ColumnElement[bool]:
    return and_(_kept.c.event_id == event_id, _kept.c.webhook_id == webhook_id)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return is_free(_kept.c.leased_until, now)


def _takes(now: datetime) -> ColumnElement[bool]:
    return and_(
        _webhook.c.disabled_at.is_(None),
        or_(_webhook.c.rests_until.is_(None), _webhook.c.rests_until <= now),
    )


def _wanted_by(webhook: Webhook, which: WhichEvents) -> Any:
    query = select(_event.c.event_id).where(_event.c.brand == webhook.brand).order_by(_event.c.position)
    if EVERY not in webhook.types:
        query = query.where(_event.c.type.in_(webhook.types))
    if webhook.publisher is not None:
        query = query.where(_event.c.publisher == webhook.publisher)
    if which.event_id is not None:
        query = query.where(_event.c.event_id == which.event_id)
    if which.since is not None:
        query = query.where(_event.c.recorded_at >= which.since)
    if which.until is not None:
        query = query.where(_event.c.recorded_at < which.until)
    return query


def _brand_event(row: Row[Any]) -> BrandEvent:
    return BrandEvent(**{one.name: getattr(row, one.name) for one in fields(BrandEvent)})


def _delivery(row: Row[Any], prefix: str = "") -> EventDelivery:
    values: dict[str, Any] = {one.name: getattr(row, f"{prefix}{one.name}") for one in fields(EventDelivery)}
    values["state"] = DeliveryState(values["state"])
    return EventDelivery(**values)


def ordered(types: Sequence[str]) -> tuple[str, ...]:
    """As they are declared, so that they always read the same."""
    known = [one.value for one in EventType]
    return tuple(sorted(types, key=lambda one: known.index(one) if one in known else -1))
