"""Duties to disclose: who holds something, undisputed, and has no post on record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, insert, or_, select

from perks_engine.domain.fulfillment import Account
from perks_engine.services.duty_records import Duty, Schedule, Sought, Step
from perks_engine.storage import tables
from perks_engine.storage.dispute_tables import open_dispute
from perks_engine.storage.duty_tables import duty_step
from perks_engine.storage.list_tables import sighting


class SqlDutyBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, sought: Sought, after: str | None, limit: int) -> list[Duty]:
        asked: list[ColumnElement[bool]] = []
        if sought.brands is not None:
            asked.append(tables.campaign.c.brand.in_(sought.brands))
        if sought.campaign is not None:
            asked.append(tables.campaign.c.name == sought.campaign)
        if sought.claim_id is not None:
            asked.append(tables.holding.c.claim_id == sought.claim_id)
        if after is not None:
            asked.append(tables.holding.c.claim_id > after)
        return self._open(asked, limit)

    def due(self, schedule: Schedule, now: datetime, after: str | None, limit: int) -> list[Duty]:
        last = len(schedule.reminders)
        parts: list[ColumnElement[bool]] = []
        for place, span in enumerate(schedule.spans):
            ready: list[ColumnElement[bool]] = [
                _sent == place if place < last else _sent >= place,
                tables.entry.c.occurred_at <= now - span,
            ]
            if place:
                ready.append(or_(_steps.c.last_at.is_(None), _steps.c.last_at <= now - schedule.apart(place)))
            parts.append(and_(*ready))
        asked = [_steps.c.escalated_at.is_(None), or_(*parts)]
        if after is not None:
            asked.append(tables.holding.c.claim_id > after)
        return self._open(asked, limit)

    def _open(self, asked: Sequence[ColumnElement[bool]], limit: int) -> list[Duty]:
        query = _OPEN.where(*asked).order_by(tables.holding.c.claim_id).limit(limit)
        return [Duty(**row) for row in self._connection.execute(query).mappings()]

    def take(self, claim_id: str, step: Step, number: int, message_id: str, now: datetime) -> None:
        values = {"claim_id": claim_id, "step": step.value, "number": number}
        self._connection.execute(insert(duty_step).values(**values, message_id=message_id, taken_at=now))


_escalations = case((duty_step.c.step == Step.ESCALATION.value, duty_step.c.taken_at))
_is_reminder = case((duty_step.c.step == Step.REMINDER.value, 1), else_=0)
_steps = (
    select(
        duty_step.c.claim_id,
        func.sum(_is_reminder).label("reminders"),
        func.max(duty_step.c.taken_at).label("last_at"),
        func.max(_escalations).label("escalated_at"),
    )
    .group_by(duty_step.c.claim_id)
    .subquery("steps")
)
_sent: ColumnElement[int] = func.coalesce(_steps.c.reminders, 0)
_COLUMNS: tuple[Any, ...] = (
    tables.holding.c.claim_id,
    tables.holding.c.person_id,
    tables.person.c.handle,
    tables.campaign.c.brand,
    tables.holding.c.campaign,
    tables.claim.c.version,
    tables.entry.c.occurred_at.label("received_at"),
    _sent.label("reminders"),
    _steps.c.last_at,
    _steps.c.escalated_at,
)
# The person is joined as well: of who was erased nobody is left to be reminded.
_OPEN = (
    select(*_COLUMNS)
    .select_from(tables.holding)
    .join(tables.claim, tables.claim.c.claim_id == tables.holding.c.claim_id)
    .join(tables.entry, tables.entry.c.entry_id == tables.holding.c.entry_id)
    .join(tables.campaign, tables.campaign.c.name == tables.holding.c.campaign)
    .join(tables.person, tables.person.c.person_id == tables.holding.c.person_id)
    .join(_steps, _steps.c.claim_id == tables.holding.c.claim_id, isouter=True)
    .where(
        tables.holding.c.account == Account.RECIPIENT.value,
        ~exists().where(sighting.c.claim_id == tables.holding.c.claim_id),
        ~exists().where(open_dispute.c.claim_id == tables.holding.c.claim_id),
    )
)
