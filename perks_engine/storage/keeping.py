"""Requests about one's own data, holds, corrections, and what an erasure leaves behind."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from perks_engine.services.keeping_records import (
    DataRequest,
    Erasure,
    Hold,
    Rectification,
    RequestKind,
    Route,
)
from perks_engine.services.records import PersonCard
from perks_engine.storage import keeping_tables as kept
from perks_engine.storage import list_tables, tables

KEY_BYTES = 32
AT_ONCE = 500


class SqlKeepingBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, person_id: str) -> PersonCard | None:
        query = select(tables.person).where(tables.person.c.person_id == person_id).with_for_update()
        found = self._connection.execute(query).mappings().one_or_none()
        claims = select(tables.claim.c.claim_id).where(tables.claim.c.person_id == person_id)
        self._connection.execute(claims.order_by(tables.claim.c.claim_id).with_for_update()).all()
        return PersonCard(**found) if found else None

    def handles(self, person_id: str) -> list[str]:
        table = list_tables.naming
        query = select(table.c.value).where(
            table.c.person_id == person_id, table.c.field != "name", table.c.value.is_not(None)
        )
        return sorted(set(self._connection.execute(query).scalars()))

    def called_before(self, person_id: str) -> list[str]:
        naming, wrong = list_tables.naming, kept.rectification
        named = select(naming.c.value).where(naming.c.person_id == person_id, naming.c.field == "name")
        corrected = select(wrong.c.was).where(
            wrong.c.person_id == person_id, wrong.c.field.in_(("name", "handle", "email"))
        )
        found = {one for query in (named, corrected) for one in self._connection.execute(query).scalars()}
        return sorted(one for one in found if one)

    def add_request(self, request: DataRequest) -> None:
        self._connection.execute(insert(kept.data_request).values(asdict(request)))

    def requests(self) -> list[DataRequest]:
        table = kept.data_request
        query = select(table).order_by(table.c.asked_at, table.c.request_id)
        return [
            DataRequest(
                *(row.person_id, RequestKind(row.kind), Route(row.through)),
                *(row.asked_by, row.asked_at, row.outcome),
            )
            for row in self._connection.execute(query)
        ]

    def add_hold(self, hold: Hold) -> None:
        self._connection.execute(insert(kept.legal_hold).values(asdict(hold)))

    def holds(self, person_id: str | None = None, live_only: bool = True) -> list[Hold]:
        table = kept.legal_hold
        query = select(table).order_by(table.c.hold_id)
        if person_id is not None:
            query = query.where(table.c.person_id == person_id)
        if live_only:
            query = query.where(table.c.lifted_at.is_(None))
        return [Hold(**row) for row in self._connection.execute(query).mappings()]

    def lift(self, hold_id: str, by: str, why: str, now: datetime) -> bool:
        table = kept.legal_hold
        lifted = (
            update(table)
            .where(table.c.hold_id == hold_id, table.c.lifted_at.is_(None))
            .values(lifted_by=by, lifted_at=now, lifted_because=why)
        )
        return self._connection.execute(lifted).rowcount == 1

    def add_rectification(self, one: Rectification) -> None:
        self._connection.execute(insert(kept.rectification).values(asdict(one)))

    def drop_evidence(self, person_id: str, attribute: str, source: str | None) -> None:
        table = tables.evidence
        wrong = delete(table).where(table.c.person_id == person_id, table.c.attribute == attribute)
        self._connection.execute(wrong if source is None else wrong.where(table.c.source == source))

    def add_erasure(self, erasure: Erasure) -> None:
        self._connection.execute(insert(kept.erasure).values(asdict(erasure)))

    def erasure(self, pseudonym: str) -> Erasure | None:
        query = select(kept.erasure).where(kept.erasure.c.pseudonym == pseudonym)
        row = self._connection.execute(query).one_or_none()
        return _erasure(row) if row else None

    def erasures(self, skip: int, limit: int) -> list[Erasure]:
        newest = (kept.erasure.c.erased_at.desc(), kept.erasure.c.pseudonym)
        query = select(kept.erasure).order_by(*newest).offset(skip).limit(limit)
        return [_erasure(row) for row in self._connection.execute(query)]

    def suppression_key(self) -> bytes:
        """Whoever makes it first has made it for all: the other one's transaction is refused."""
        table = kept.suppression_key
        known = self._connection.execute(select(table.c.key)).scalar_one_or_none()
        if known is not None:
            return bytes(known)
        key = secrets.token_bytes(KEY_BYTES)
        self._connection.execute(insert(table).values(key_id=1, key=key))
        return key

    def suppress(self, hashes: Mapping[str, str], pseudonym: str, now: datetime) -> None:
        """Who was erased before, came back and is erased again is found under the newer pseudonym."""
        table = kept.suppression
        for digest, kind in hashes.items():
            self._connection.execute(delete(table).where(table.c.hash == digest))
            self._connection.execute(
                insert(table).values(hash=digest, kind=kind, since=now, pseudonym=pseudonym)
            )

    def suppressed(self, hashes: Sequence[str]) -> dict[str, tuple[str | None, datetime]]:
        table, found = kept.suppression, dict[str, tuple[str | None, datetime]]()
        for start in range(0, len(hashes), AT_ONCE):
            query = select(table).where(table.c.hash.in_(hashes[start : start + AT_ONCE]))
            found |= {row.hash: (row.pseudonym, row.since) for row in self._connection.execute(query)}
        return found

    def count_suppressed(self) -> int:
        return self._connection.execute(select(func.count()).select_from(kept.suppression)).scalar_one()

    def dropped_files(self) -> list[str]:
        return list(self._connection.execute(select(kept.dropped_file.c.stored_as)).scalars())

    def forget_files(self, names: Iterable[str]) -> None:
        table = kept.dropped_file
        for name in names:
            self._connection.execute(delete(table).where(table.c.stored_as == name))

    def removed(self) -> Iterator[tuple[str, str, int]]:
        table = kept.retention_count
        query = select(table).order_by(table.c.removed_on, table.c.what)
        for row in self._connection.execute(query):
            yield row.removed_on.isoformat(), row.what, row.rows


def _erasure(row: Row[Any]) -> Erasure:
    through = Route(row.through)
    return Erasure(row.pseudonym, row.erased_at, through, row.acted_by, row.receipt, row.kept_until)
