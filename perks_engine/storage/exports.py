"""The disclosure lists that were exported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from perks_engine.domain.codec import decode, encode
from perks_engine.services.list_records import Chosen, ExportRecord, Form
from perks_engine.storage import list_tables


class SqlExportBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, record: ExportRecord) -> None:
        values = {one.name: getattr(record, one.name) for one in fields(record)}
        values |= {"brand": record.chosen.brand, "chosen": encode(record.chosen), "form": encode(record.form)}
        self._connection.execute(insert(list_tables.disclosure_export).values(**values))

    def get(self, export_id: str) -> ExportRecord | None:
        table = list_tables.disclosure_export
        row = self._connection.execute(select(table).where(table.c.export_id == export_id)).one_or_none()
        return _export(row) if row else None

    def latest(
        self, brands: Sequence[str] | None, before: str | None, limit: int | None
    ) -> list[ExportRecord]:
        """Those of these brands, older than `before`, the newest first."""
        table = list_tables.disclosure_export
        query = select(table).order_by(table.c.export_id.desc()).limit(limit)
        if brands is not None:
            query = query.where(table.c.brand.in_(brands))
        if before is not None:
            query = query.where(table.c.export_id < before)
        return [_export(row) for row in self._connection.execute(query)]


def _export(row: Row[Any]) -> ExportRecord:
    return ExportRecord(
        export_id=row.export_id,
        made_by=row.made_by,
        made_at=row.made_at,
        chosen=decode(Chosen, row.chosen),
        as_of=row.as_of,
        form=decode(Form, row.form),
        sha256=row.sha256,
        bytes=row.bytes,
        lines=row.lines,
        head_size=row.head_size,
    )
