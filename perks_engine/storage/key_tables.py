"""The tables of keys: idempotency keys with their answers, API tokens, and leases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field

from perks_engine.storage.table_model import TableModel, instant, json_data, table_of
from perks_engine.storage.types import JsonAsWritten, JsonOrNull


class IdempotencyRow(TableModel, table=True):
    """An answered write: the same key replays the answer, another body under it is a conflict."""

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=200)
    request_hash: str
    answer: dict[str, Any] = Field(sa_column=Column(JsonAsWritten, nullable=False))
    created_at: datetime = instant()


class ApiTokenRow(TableModel, table=True):
    """An API token; only the SHA-256 of its secret is kept (the secret has 256 random bits), and until
    `older_until` that of the secret before it."""

    token_id: str = Field(primary_key=True)
    secret_hash: str
    label: str
    role: str
    brands: list[str] = json_data()
    person_id: str | None = None
    holder: str | None = None
    permissions: list[str] | None = Field(sa_column=Column(JsonOrNull, nullable=True))
    issued_by: str
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
    older_hash: str | None = None
    older_until: datetime | None = instant(nullable=True)
    rotated_at: datetime | None = instant(nullable=True)
    last_used_at: datetime | None = instant(nullable=True)


class LeaseRow(TableModel, table=True):
    """Who may run a job, and until when."""

    name: str = Field(primary_key=True)
    holder: str
    held_until: datetime = instant()


idempotency = table_of(IdempotencyRow)
api_token = table_of(ApiTokenRow)
lease = table_of(LeaseRow)
