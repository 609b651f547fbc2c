"""What people said, and the words they were shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from perks_engine.domain.consent import Ask, ConsentAct, ConsentText, Proof, Through
from perks_engine.services.consent_records import AgeRefusal, ConsentRequest
from perks_engine.storage import consent_tables as kept
from perks_engine.storage import tables


class SqlConsentBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, person_id: str) -> None:
        """SQLite has one writer at a time anyway. What refers to the person goes on being written."""
        table = tables.person
        mine = select(table.c.person_id).where(table.c.person_id == person_id)
        self._connection.execute(mine.with_for_update(key_share=True))

    def acts(self, person_id: str) -> list[ConsentAct]:
        return acts_of(self._connection, person_id)

    def requests(self, person_id: str) -> list[ConsentRequest]:
        mine = _REQUESTS.where(kept.consent_request.c.person_id == person_id)
        in_order = mine.order_by(kept.consent_request.c.request_id)
        return [ConsentRequest(**row) for row in self._connection.execute(in_order).mappings()]

    def request(self, request_id: str) -> ConsentRequest | None:
        mine = _REQUESTS.where(kept.consent_request.c.request_id == request_id)
        row = self._connection.execute(mine).mappings().one_or_none()
        return ConsentRequest(**row) if row else None

    def add_request(self, request: ConsentRequest) -> None:
        values = asdict(request)
        values.pop("confirmed_at")
        self._connection.execute(insert(kept.consent_request).values(**values))

    def recorded_text(self, ask: Ask, version: int, language: str) -> str | None:
        table = kept.consent_text
        query = select(table.c.sha256).where(
            table.c.purpose == ask.purpose,
            table.c.channel == ask.channel,
            table.c.version == version,
            table.c.language == language,
        )
        return self._connection.execute(query).scalar_one_or_none()

    def text(self, sha256: str) -> ConsentText | None:
        table = kept.consent_text
        query = select(table).where(table.c.sha256 == sha256).limit(1)
        row = self._connection.execute(query).one_or_none()
        return ConsentText(row.version, row.language, row.words) if row else None

    def keep_text(self, ask: Ask, text: ConsentText, now: datetime) -> None:
        self._connection.execute(
            insert(kept.consent_text).values(
                purpose=ask.purpose,
                channel=ask.channel,
                version=text.version,
                language=text.language,
                sha256=text.sha256,
                words=text.text,
                first_used_at=now,
            )
        )

    def count_refused(self, people: int, now: datetime) -> None:
        table, day = kept.age_refusal, now.astimezone(UTC).date()
        counted = update(table).where(table.c.refused_on == day).values(people=table.c.people + people)
        if self._connection.execute(counted).rowcount == 0:
            self._connection.execute(insert(table).values(refused_on=day, people=people))

    def refused(self) -> Sequence[AgeRefusal]:
        table = kept.age_refusal
        query = select(table).order_by(table.c.refused_on)
        return [AgeRefusal(row.refused_on, row.people) for row in self._connection.execute(query)]


_REQUESTS = select(kept.consent_request, kept.consent.c.confirmed_at).join(
    kept.consent, kept.consent.c.request_id == kept.consent_request.c.request_id, isouter=True
)


def acts_of(connection: Connection, person_id: str) -> list[ConsentAct]:
    """All that somebody said, the oldest first."""
    table = kept.consent
    query = select(table).where(table.c.person_id == person_id).order_by(table.c.acted_at, table.c.consent_id)
    return [_act(row) for row in connection.execute(query)]


def _act(row: Row[Any]) -> ConsentAct:
    proof = Proof(
        Through(row.through),
        row.text_version,
        row.text_sha256,
        row.language,
        row.origin,
        row.recorded_by,
        row.why,
        row.request_id,
        row.confirmed_at,
    )
    return ConsentAct(row.person_id, row.purpose, row.channel, row.given, row.acted_at, row.how, proof)


def row_of(act: ConsentAct, now: datetime) -> Mapping[str, Any]:
    """The row of an act that becomes known `now`."""
    row = asdict(act)
    proof = row.pop("proof")
    return row | proof | {"through": act.proof.through.value, "recorded_at": now}
