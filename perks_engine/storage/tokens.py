"""API tokens: rows that a rotation or a revocation changes, each by a conditional update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    RowMapping,
    String,
    bindparam,
    column,
    func,
    insert,
    or_,
    select,
    update,
)

from perks_engine.services.token_records import NewSecret, Token
from perks_engine.storage.driver_values import data, instant_or_none
from perks_engine.storage.key_tables import api_token as _table
from perks_engine.storage.prepared import Prepared
from perks_engine.storage.types import Instant


class SqlTokenBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: Token) -> None:
        self._connection.execute(
            insert(_table).values(
                {
                    **asdict(token),
                    "brands": list(token.brands),
                    "permissions": None if token.permissions is None else list(token.permissions),
                }
            )
        )

    def get(self, token_id: str) -> Token | None:
        query = select(_table).where(_table.c.token_id == token_id)
        found = self._connection.execute(query).mappings().one_or_none()
        return _token(found) if found else None

    def all(self, after: str | None = None, limit: int | None = None) -> list[Token]:
        query = select(_table).order_by(_table.c.token_id).limit(limit)
        if after is not None:
            query = query.where(_table.c.token_id > after)
        return [_token(row) for row in self._connection.execute(query).mappings()]

    def revoke(self, token_id: str, now: datetime) -> bool:
        changed = self._connection.execute(
            update(_table)
            .where(_table.c.token_id == token_id, _table.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )
        return changed.rowcount == 1

    def rotate(self, secret: NewSecret) -> bool:
        changed = self._connection.execute(
            update(_table)
            .where(
                _table.c.token_id == secret.token_id,
                _table.c.secret_hash == secret.before,
                _table.c.revoked_at.is_(None),
            )
            .values(
                secret_hash=secret.secret_hash,
                older_hash=secret.before,
                older_until=secret.older_until,
                expires_at=secret.expires_at,
                rotated_at=secret.rotated_at,
            )
        )
        return changed.rowcount == 1

    def used(self, at: Mapping[str, datetime]) -> None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_USED_AT_ONCE, {"tokens": list(at), "moments": list(at.values())})
        else:
            uses = [{"token": token_id, "moment": moment} for token_id, moment in at.items()]
            self._connection.execute(_USED, uses)


_FIELDS = tuple(one.name for one in fields(Token))
_LISTS, _INSTANTS = (
    ("brands", "permissions"),
    tuple(name for name in _FIELDS if name.endswith(("_at", "_until"))),
)
TOKEN_COLUMNS = tuple(_table.c[name] for name in _FIELDS)
"""As `token_found` takes them."""
_moment = bindparam("moment", type_=_table.c.last_used_at.type)
_USED = (
    update(_table)
    .where(
        _table.c.token_id == bindparam("token", type_=String),
        or_(_table.c.last_used_at.is_(None), _table.c.last_used_at < _moment),
    )
    .values(last_used_at=_moment)
)
_given = (
    func.unnest(bindparam("tokens", type_=ARRAY(String)), bindparam("moments", type_=ARRAY(Instant)))
    .table_valued(column("token", String), column("moment", Instant()), name="given")
    .render_derived()
)
_free = (
    select(_table.c.token_id, _given.c.moment)
    .join(_given, _given.c.token == _table.c.token_id)
    .where(or_(_table.c.last_used_at.is_(None), _table.c.last_used_at < _given.c.moment))
    .with_for_update(of=_table, skip_locked=True)
    .cte("free")
)
_USED_AT_ONCE = (
    update(_table).where(_table.c.token_id == _free.c.token_id).values(last_used_at=_free.c.moment)
)
"""In one statement, for somebody waits for it. A row that another process has in hand is left to it: it is
of the same minute."""
asked_token = _table.c.token_id == bindparam("token", type_=String)
TOKEN = {
    "sqlite": Prepared(select(*TOKEN_COLUMNS).where(asked_token)),
    "postgresql": Prepared(select(func.json_build_array(*TOKEN_COLUMNS)).where(asked_token)),
}
"""One token by itself, which every request asks for; see `claim_facts` for why JSON."""


def token_found(row: Sequence[Any] | None) -> Token | None:
    """What `TOKEN` found, as the driver gives it."""
    if row is None or row[0] is None:
        return None
    values = dict(zip(_FIELDS, data(row[0]) if len(row) == 1 else row, strict=True))
    for name in _LISTS:
        values[name] = None if values[name] is None else data(values[name])
    values["brands"] = tuple(values["brands"])
    values["permissions"] = None if values["permissions"] is None else tuple(values["permissions"])
    values |= {name: instant_or_none(values[name]) for name in _INSTANTS}
    return Token(**values)


def _token(row: RowMapping) -> Token:
    values: dict[str, Any] = dict(row)
    values["brands"] = tuple(values["brands"])
    if values["permissions"] is not None:
        values["permissions"] = tuple(values["permissions"])
    return Token(**values)
