"""The numbers that a monitor asks for, each by an index that holds what waits and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, and_, func, literal_column, or_, select, text

from perks_engine.domain.campaign import CampaignState
from perks_engine.services.event_records import DeliveryState
from perks_engine.services.measuring import Numbers, Queue
from perks_engine.services.sending_records import MessageState
from perks_engine.storage import event_tables, log_tables, tables

_message, _sent = tables.message, tables.message_delivery
_event = event_tables.event_delivery
_entry, _leaf = tables.entry, log_tables.log_leaf

_ROOM = text("""
    SELECT coalesce(max(substring(pg_get_expr(relpartbound, part.oid) FROM 'TO \\(''?(\\d+)')::bigint), 0)
      - 1 - coalesce((SELECT max(entry_id) FROM entry), 0)
    FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = 'entry'::regclass
    """)
"""The numbers between the newest entry and the end of the last part."""


class SqlGauges:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def numbers(self, now: datetime, most: int) -> Numbers:
        with self._engine.connect() as connection, connection.begin():

            def one(query: Any) -> Any:
                return connection.execute(query).one()

            stock = [(row.campaign, row.units) for row in connection.execute(_STOCK)]
            messages, due = one(_counted(_MESSAGES, most)), one(_messages_due(now)).since
            dead = one(_counted(_DEAD_MESSAGES, most))
            events, told = one(_counted(_EVENTS, most)), one(_events_due(now)).since
            dead_events = one(_counted(_DEAD_EVENTS, most))
            last = one(select(func.max(_leaf.c.entry_id).label("entry"))).entry or 0
            behind = select(_entry.c.entry_id).where(_entry.c.entry_id > last)
            unsealed = one(_counted(behind, most))
            oldest = (
                select(_entry.c.recorded_at)
                .where(_entry.c.entry_id > last)
                .order_by(_entry.c.entry_id)
                .limit(1)
            )
            since = connection.execute(oldest).scalar()
            in_parts = connection.dialect.name == "postgresql"
            room = int(connection.execute(_ROOM).scalar_one()) if in_parts else None
        return Numbers(
            tuple(stock),
            Queue(messages.count, due, dead.count),
            Queue(events.count, told, dead_events.count),
            Queue(unsealed.count, since),
            room,
        )


def _counted(query: Any, most: int) -> Any:
    return select(func.count().label("count")).select_from(query.limit(most).subquery())


_slots = (
    select(func.count())
    .where(tables.slot.c.campaign == tables.stock.c.campaign)
    .correlate(tables.stock)
    .scalar_subquery()
)
_STOCK = (
    select(tables.stock.c.campaign, (tables.stock.c.units + _slots).label("units"))
    .join(tables.campaign, tables.campaign.c.name == tables.stock.c.campaign)
    .where(
        tables.campaign.c.state.in_(
            (CampaignState.OPEN.value, CampaignState.PAUSED.value, CampaignState.SCHEDULED.value)
        )
    )
    .order_by(tables.stock.c.campaign)
)


def _is(column: Any, state: MessageState | DeliveryState) -> Any:
    """Written out: an index of some rows alone serves nobody who names its state by a placeholder."""
    return column == literal_column(f"'{state.value}'")


_MESSAGES = select(_message.c.message_id).where(_is(_message.c.state, MessageState.QUEUED))
_DEAD_MESSAGES = select(_message.c.message_id).where(_is(_message.c.state, MessageState.DEAD))
_EVENTS = select(_event.c.event_id).where(_is(_event.c.state, DeliveryState.QUEUED))
_DEAD_EVENTS = select(_event.c.event_id).where(_is(_event.c.state, DeliveryState.DEAD))


def _messages_due(now: datetime) -> Any:
    """Since when the oldest letter that could be sent could have been. One that waits for the morning of its
    reader, or after its mailbox was full, is not late before its time; one that waits for the mail server
    is, however often that was tried."""
    return (
        select(func.min(func.coalesce(_sent.c.due_at, _message.c.created_at)).label("since"))
        .select_from(_message.join(_sent, _sent.c.message_id == _message.c.message_id, isouter=True))
        .where(
            and_(
                _is(_message.c.state, MessageState.QUEUED),
                _message.c.channel == "email",
                or_(_sent.c.message_id.is_(None), _sent.c.due_at <= now),
            )
        )
    )


def _events_due(now: datetime) -> Any:
    return select(func.min(_event.c.next_at).label("since")).where(
        _is(_event.c.state, DeliveryState.QUEUED), _event.c.next_at <= now
    )
