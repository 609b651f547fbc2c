"""To whom a brand's events are told, and what signs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from perks_engine.services.event_records import Webhook, WebhookSecret
from perks_engine.storage.event_tables import webhook as _table
from perks_engine.storage.event_tables import webhook_secret as _secret
from perks_engine.storage.event_tables import webhook_type as _type
from perks_engine.storage.events import ordered


class SqlWebhookBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, webhook: Webhook) -> None:
        values = asdict(webhook)
        types = values.pop("types")
        self._connection.execute(insert(_table).values(**values))
        rows = [{"webhook_id": webhook.webhook_id, "type": one} for one in types]
        self._connection.execute(insert(_type), rows)

    def get(self, webhook_id: str, to_change: bool = False) -> Webhook | None:
        query = select(_table).where(_table.c.webhook_id == webhook_id)
        row = self._connection.execute(query.with_for_update() if to_change else query).one_or_none()
        return self._made(row) if row else None

    def find(self, brands: Sequence[str] | None, after: str | None, limit: int) -> list[Webhook]:
        query = select(_table).where(_table.c.removed_at.is_(None)).order_by(_table.c.webhook_id).limit(limit)
        if brands is not None:
            query = query.where(_table.c.brand.in_(brands))
        if after is not None:
            query = query.where(_table.c.webhook_id > after)
        return [self._made(row) for row in self._connection.execute(query).all()]

    def _made(self, row: Row[Any]) -> Webhook:
        types = self._connection.execute(select(_type.c.type).where(_type.c.webhook_id == row.webhook_id))
        values = {one.name: getattr(row, one.name) for one in fields(Webhook) if one.name != "types"}
        return Webhook(**values, types=ordered(list(types.scalars())))

    def enable(self, webhook_id: str) -> None:
        self._change(webhook_id, disabled_at=None, disabled_why="", failures=0, rests_until=None)

    def disable(self, webhook_id: str, why: str, now: datetime) -> None:
        self._change(webhook_id, disabled_at=now, disabled_why=why)

    def remove(self, webhook_id: str, now: datetime) -> None:
        self._change(webhook_id, removed_at=now)
        self._connection.execute(delete(_secret).where(_secret.c.webhook_id == webhook_id))

    def rest(self, webhook_id: str, failures: int, until: datetime | None) -> None:
        self._change(webhook_id, failures=failures, rests_until=until)

    def _change(self, webhook_id: str, **values: Any) -> None:
        self._connection.execute(update(_table).where(_table.c.webhook_id == webhook_id).values(**values))

    def add_secret(self, secret: WebhookSecret) -> None:
        self._connection.execute(insert(_secret).values(**asdict(secret)))

    def replace_secrets(self, webhook_id: str, expires_at: datetime) -> None:
        later = or_(_secret.c.expires_at.is_(None), _secret.c.expires_at > expires_at)
        mine = update(_secret).where(_secret.c.webhook_id == webhook_id, later)
        self._connection.execute(mine.values(expires_at=expires_at))

    def last_secret(self, webhook_id: str) -> int:
        newest = select(func.max(_secret.c.number)).where(_secret.c.webhook_id == webhook_id)
        return self._connection.execute(newest).scalar_one() or 0

    def secrets(self, webhook_id: str, now: datetime) -> list[WebhookSecret]:
        query = (
            select(_secret)
            .where(
                _secret.c.webhook_id == webhook_id,
                or_(_secret.c.expires_at.is_(None), _secret.c.expires_at > now),
            )
            .order_by(_secret.c.number.desc())
        )
        return [WebhookSecret(**row) for row in self._connection.execute(query).mappings()]
