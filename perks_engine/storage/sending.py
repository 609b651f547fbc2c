"""Which message waits, who sends it, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from perks_engine.domain.consent import ACCOUNT, OPERATIONS
from perks_engine.services.records import Message
from perks_engine.services.sending_records import LAST_LETTER, Delivery, MessageState
from perks_engine.storage import tables
from perks_engine.storage.leases import is_free
from perks_engine.storage.sending_tables import message_delivery as _kept

_message = tables.message
_MINE = "kept_"
"""Before the names of a delivery's columns, where those of the message stand beside them."""
_WAITS = _message.c.state == MessageState.QUEUED.value


class SqlDeliveryBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(
        self, holder: str, now: datetime, until: datetime, limit: int, only: str | None
    ) -> Sequence[str]:
        """Whoever writes the lease has the message: of two that found it free the second changes no row."""
        due = (
            select(_message.c.message_id, _message.c.created_at)
            .join(_kept, _kept.c.message_id == _message.c.message_id, isouter=True)
            .where(
                _WAITS,
                _message.c.channel == "email",
                or_(_kept.c.message_id.is_(None), and_(_kept.c.next_at <= now, _is_free(now))),
            )
            .order_by(_message.c.message_id)
            .limit(limit)
            .with_for_update(of=_message, skip_locked=True)
        )
        if only is not None:
            due = due.where(_message.c.message_id == only)
        # A sender whose clock is ahead, and that dies, does not leave its hour as that of the first attempt.
        found = [(row.message_id, min(row.created_at, now)) for row in self._connection.execute(due)]
        return [one for one, first_at in found if self._lease(one, holder, now, until, first_at)]

    def _lease(
        self, message_id: str, holder: str, now: datetime, until: datetime, first_at: datetime
    ) -> bool:
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        lease = {"leased_by": holder, "leased_until": until}
        values = {
            "message_id": message_id,
            "attempts": 0,
            "next_at": first_at,
            "due_at": now,
            "why": "",
        } | lease
        upsert = (
            dialect.insert(_kept)
            .values(values)
            .on_conflict_do_update(index_elements=["message_id"], set_=lease, where=_is_free(now))
            .returning(_kept.c.message_id)
        )
        return self._connection.execute(upsert).first() is not None

    def held(self, message_id: str, holder: str, now: datetime, until: datetime) -> Message | None:
        renewed = (
            update(_kept)
            .where(
                _kept.c.message_id == message_id,
                _kept.c.leased_by == holder,
                _kept.c.leased_until > now,
                exists().where(_message.c.message_id == message_id, _WAITS),
            )
            .values(leased_until=until)
        )
        if self._connection.execute(renewed).rowcount == 0:
            return None
        found = self.get(message_id)
        return found[0] if found else None

    def settle(self, message_id: str, holder: str, state: MessageState, delivery: Delivery) -> bool:
        values = asdict(delivery)
        values.pop("message_id")
        if delivery.due_at is None:
            values.pop("due_at")
        mine = and_(_kept.c.message_id == message_id, _kept.c.leased_by == holder)
        if self._connection.execute(update(_kept).where(mine).values(**values)).rowcount == 0:
            return False
        if state is not MessageState.QUEUED:
            last = delete(_message).where(_message.c.message_id == message_id, _message.c.kind == LAST_LETTER)
            if self._connection.execute(last).rowcount:
                return True
            gone = update(_message).where(_message.c.message_id == message_id).values(state=state.value)
            self._connection.execute(gone)
        return True

    def sent_since(
        self, person_id: str, since: datetime, *, before: str, now: datetime
    ) -> Sequence[datetime]:
        went = and_(_message.c.state == MessageState.SENT.value, _kept.c.settled_at > since)
        goes = and_(_WAITS, _kept.c.leased_until > now, _message.c.message_id < before)
        query = (
            select(_message.c.state, _kept.c.settled_at)
            .join(_kept, _kept.c.message_id == _message.c.message_id)
            .where(
                _message.c.person_id == person_id,
                _message.c.purpose.not_in((ACCOUNT, OPERATIONS)),
                or_(went, goes),
            )
        )
        found = self._connection.execute(query).all()
        return sorted(row.settled_at or now for row in found)

    def get(self, message_id: str) -> tuple[Message, Delivery | None] | None:
        row = (
            self._connection.execute(_BOTH.where(_message.c.message_id == message_id))
            .mappings()
            .one_or_none()
        )
        return _pair(row) if row else None

    def listed(self, state: MessageState | None, limit: int) -> Sequence[tuple[Message, Delivery | None]]:
        query = _BOTH.order_by(_message.c.message_id.desc()).limit(limit)
        if state is not None:
            query = query.where(_message.c.state == state.value)
        return [_pair(row) for row in self._connection.execute(query).mappings()]

    def revive(self, message_id: str | None, now: datetime) -> int:
        is_dead = _message.c.state == MessageState.DEAD.value
        these = is_dead if message_id is None else and_(is_dead, _message.c.message_id == message_id)
        anew = {"attempts": 0, "next_at": now, "due_at": now, "settled_at": None}
        again = select(_message.c.message_id).where(these)
        self._connection.execute(update(_kept).where(_kept.c.message_id.in_(again)).values(**anew))
        waits = update(_message).where(these).values(state=MessageState.QUEUED.value)
        return self._connection.execute(waits).rowcount


def _is_free(now: datetime) -> ColumnElement[bool]:
    return is_free(_kept.c.leased_until, now)


_BOTH = select(*_message.c, *(column.label(f"{_MINE}{column.name}") for column in _kept.c)).join(
    _kept, _kept.c.message_id == _message.c.message_id, isouter=True
)


def _pair(row: RowMapping) -> tuple[Message, Delivery | None]:
    kept: dict[str, Any] = {}
    message: dict[str, Any] = {}
    for name, value in row.items():
        if name.startswith(_MINE):
            kept[name.removeprefix(_MINE)] = value
        else:
            message[name] = value
    return Message(**message), Delivery(**kept) if kept["message_id"] else None
