"""Which pictures there are, and under which names their bytes lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, update

from perks_engine.domain.pictures import PictureKind
from perks_engine.services.picture_records import Picture, PictureUse
from perks_engine.storage.picture_tables import picture as _table


class SqlPictureBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, picture: Picture) -> None:
        self._connection.execute(insert(_table).values(**asdict(picture)))

    def get(self, picture_id: str) -> Picture | None:
        return next(iter(self._found(select(_table).where(_table.c.picture_id == picture_id))), None)

    def same(self, claim_id: str, use: PictureUse, sha256: str) -> Picture | None:
        query = select(_table).where(
            _table.c.claim_id == claim_id, _table.c.use == use.value, _table.c.sha256 == sha256
        )
        return next(iter(self._found(query)), None)

    def of_claims(self, claims: Sequence[str], use: PictureUse) -> list[Picture]:
        query = select(_table).where(
            _table.c.claim_id.in_(claims), _table.c.use == use.value, _table.c.kept_at.is_not(None)
        )
        return self._found(query.order_by(_table.c.picture_id))

    def of_person(self, person_id: str) -> list[Picture]:
        return self._found(select(_table).where(_table.c.person_id == person_id).with_for_update())

    def mark_kept(self, picture_id: str, now: datetime) -> bool:
        there = update(_table).where(_table.c.picture_id == picture_id).values(kept_at=now)
        return self._connection.execute(there).rowcount == 1

    def unkept(self, given_before: datetime, limit: int) -> list[Picture]:
        stale = (_table.c.kept_at.is_(None), _table.c.given_at <= given_before)
        return self._found(select(_table).where(*stale).order_by(_table.c.given_at).limit(limit))

    def remove(self, picture_id: str) -> None:
        self._connection.execute(delete(_table).where(_table.c.picture_id == picture_id))

    def _found(self, query: Select[tuple[object, ...]]) -> list[Picture]:
        return [_picture(row) for row in self._connection.execute(query).mappings()]


def _picture(row: RowMapping) -> Picture:
    values: dict[str, Any] = {**row, "use": PictureUse(row["use"]), "kind": PictureKind(row["kind"])}
    return Picture(**values)
