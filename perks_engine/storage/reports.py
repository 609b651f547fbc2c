"""Carriers' webhooks as they came in, and the codes that stand for claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from perks_engine.services.report_records import KeptReport, ReportState
from perks_engine.storage import tables
from perks_engine.storage.receipt_tables import carrier_report, claim_code


class SqlReportBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, report: KeptReport) -> None:
        self._connection.execute(insert(carrier_report).values(**asdict(report)))

    def settle(self, report: KeptReport) -> None:
        table = carrier_report
        values = {name: value for name, value in asdict(report).items() if name != "report_id"}
        self._connection.execute(update(table).where(table.c.report_id == report.report_id).values(**values))

    def get(self, report_id: str) -> KeptReport | None:
        return self._one(carrier_report.c.report_id == report_id)

    def knows(self, source: str, event_id: str) -> KeptReport | None:
        return self._one((carrier_report.c.source == source) & (carrier_report.c.event_id == event_id))

    def _one(self, condition: Any) -> KeptReport | None:
        row = self._connection.execute(select(carrier_report).where(condition)).one_or_none()
        return _report(row) if row else None

    def all(
        self, state: str | None, brands: Sequence[str] | None, after: str | None, limit: int
    ) -> list[KeptReport]:
        table = carrier_report
        query = select(table).order_by(table.c.report_id).limit(limit)
        if state is not None:
            query = query.where(table.c.state == state)
        if after is not None:
            query = query.where(table.c.report_id > after)
        if brands is not None:
            of_brands = (
                select(tables.claim.c.claim_id)
                .join(tables.campaign, tables.campaign.c.name == tables.claim.c.campaign)
                .where(tables.campaign.c.brand.in_(brands))
            )
            query = query.where(table.c.claim_id.in_(of_brands))
        return [_report(row) for row in self._connection.execute(query)]

    def forget_refused(self, keep: int) -> None:
        table = carrier_report
        refused = select(table.c.report_id).where(table.c.state == ReportState.REFUSED.value)
        youngest = refused.order_by(table.c.report_id.desc()).limit(1).offset(keep)
        last = self._connection.execute(youngest).scalar_one_or_none()
        if last is not None:
            self._connection.execute(
                delete(table).where(table.c.state == ReportState.REFUSED.value, table.c.report_id <= last)
            )

    def code_of(self, claim_id: str) -> str | None:
        query = select(claim_code.c.code).where(claim_code.c.claim_id == claim_id)
        return self._connection.execute(query).scalar_one_or_none()

    def claim_of(self, code: str) -> str | None:
        query = select(claim_code.c.claim_id).where(claim_code.c.code == code)
        return self._connection.execute(query).scalar_one_or_none()

    def add_code(self, code: str, claim_id: str, now: datetime) -> None:
        self._connection.execute(insert(claim_code).values(code=code, claim_id=claim_id, made_at=now))


def _report(row: Row[Any]) -> KeptReport:
    return KeptReport(
        report_id=row.report_id,
        source=row.source,
        event_id=row.event_id,
        state=ReportState(row.state),
        received_at=row.received_at,
        body=row.body,
        code=row.code,
        why=row.why,
        tracking_number=row.tracking_number,
        carrier=row.carrier,
        status=row.status,
        occurred_at=row.occurred_at,
        claim_id=row.claim_id,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
    )
