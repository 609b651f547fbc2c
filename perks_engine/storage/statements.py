"""Requests for statements, and whom a statement is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from perks_engine.domain.statements import Subject, SubjectKind, subject_of
from perks_engine.services.records import ClaimOutcome, ClaimRecord, PersonCard
from perks_engine.services.statement_records import StatementRequest
from perks_engine.storage import tables
from perks_engine.storage.claims import CLAIMS, claim_of
from perks_engine.storage.statement_tables import statement_request as _table

_SUBJECT_COLUMN = {
    SubjectKind.HANDLE: tables.person.c.handle,
    SubjectKind.PERSON: tables.person.c.person_id,
}
MANY = 500


class SqlStatementBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, request: StatementRequest) -> None:
        subject = request.subject
        self._connection.execute(
            insert(_table).values(
                request_id=request.request_id,
                subject_kind=subject.kind.value if subject else None,
                subject=subject.value if subject else None,
                requested_at=request.requested_at,
                expires_at=request.expires_at,
            )
        )

    def waiting(self, limit: int) -> list[StatementRequest]:
        query = select(_table).where(_table.c.subject.is_not(None)).order_by(_table.c.request_id).limit(limit)
        return [
            StatementRequest(
                row.request_id,
                Subject(SubjectKind(row.subject_kind), row.subject),
                row.requested_at,
                row.expires_at,
            )
            for row in self._connection.execute(query)
        ]

    def count_waiting(self, most: int) -> int:
        some = select(_table.c.request_id).where(_table.c.subject.is_not(None)).limit(most).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def get(self, request_id: str) -> StatementRequest | None:
        query = select(_table).where(_table.c.request_id == request_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        return StatementRequest(row.request_id, None, row.requested_at, row.expires_at, row.used_at)

    def mailed(self, request_id: str, mailbox: str | None) -> None:
        self._connection.execute(
            update(_table)
            .where(_table.c.request_id == request_id)
            .values(subject=None, subject_kind=None, mailbox=mailbox)
        )

    def letters_to(self, mailbox: str, since: datetime) -> int:
        query = select(func.count()).where(_table.c.mailbox == mailbox, _table.c.requested_at > since)
        return self._connection.execute(query).scalar_one()

    def use(self, request_id: str, now: datetime) -> bool:
        """The conditional update tells who was first."""
        used = self._connection.execute(
            update(_table)
            .where(_table.c.request_id == request_id, _table.c.used_at.is_(None))
            .values(used_at=now)
        )
        return used.rowcount == 1

    def forget(self, now: datetime) -> int:
        gone = self._connection.execute(delete(_table).where(_table.c.expires_at <= now)).rowcount
        message = tables.message
        self._connection.execute(
            delete(message).where(message.c.address.is_not(None), message.c.expires_at <= now)
        )
        return gone

    def people(self, subject: Subject) -> list[PersonCard]:
        """Who is reached at an e-mail address is looked for without regard to case. SQLite lowers ASCII only,
        so that for other addresses all of the same domain are compared here."""
        person = tables.person
        if subject.kind is SubjectKind.EMAIL:
            lowered = func.lower(person.c.email)
            domain = "@" + subject.value.rpartition("@")[2]
            fits = (
                lowered == subject.value
                if subject.value.isascii()
                else lowered.endswith(domain, autoescape=True)
                | person.c.email.endswith(domain, autoescape=True)
            )
        else:
            fits = _SUBJECT_COLUMN[subject.kind] == subject.value
        query = select(person).where(fits).order_by(person.c.person_id)
        cards = [PersonCard(**row) for row in self._connection.execute(query).mappings()]
        if subject.kind is not SubjectKind.EMAIL:
            return cards
        return [card for card in cards if subject_of(card.email or "") == subject]

    def granted(self, person_ids: Sequence[str]) -> list[ClaimRecord]:
        found: list[ClaimRecord] = []
        for start in range(0, len(person_ids), MANY):
            claim = tables.claim
            query = CLAIMS.where(
                claim.c.person_id.in_(person_ids[start : start + MANY]),
                claim.c.outcome == ClaimOutcome.GRANTED.value,
            ).order_by(claim.c.claim_id)
            found += [claim_of(row) for row in self._connection.execute(query)]
        return found
