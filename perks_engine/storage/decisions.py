"""Recorded decisions by campaigns' rules, read as they come: however many there are, few are held at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from perks_engine.domain.codec import evidence_from_json
from perks_engine.domain.evidence import Person
from perks_engine.domain.promotion import PROMOTION
from perks_engine.domain.recorded import Recorded, Which
from perks_engine.domain.verdict import Verdict
from perks_engine.services.feedback_records import SURVEY
from perks_engine.services.records import Decision, DecisionCount
from perks_engine.storage import tables
from perks_engine.storage.claims import decision_of

AT_A_TIME = 500


class SqlDecisionBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, campaign: str, which: Which) -> DecisionCount:
        when = _TABLE.c.decided_at
        query = select(func.count(), func.min(when), func.max(when)).where(*_meant(campaign, which))
        return DecisionCount(*self._connection.execute(query).one())

    def versions(self, campaign: str, which: Which) -> list[str]:
        """Those by which the decisions were made."""
        query = select(_TABLE.c.version).where(*_meant(campaign, which)).distinct().order_by(_TABLE.c.version)
        return list(self._connection.execute(query).scalars())

    def latest(self, campaign: str, purpose: str, limit: int) -> list[Decision]:
        """Those for one purpose, the newest first."""
        meant = _meant(campaign, Which(purpose=purpose))
        newest = (_TABLE.c.decided_at.desc(), _TABLE.c.decision_id.desc())
        query = select(_TABLE).where(*meant).order_by(*newest).limit(limit)
        return [decision_of(row) for row in self._connection.execute(query)]

    def recorded(
        self, campaign: str, which: Which, after: tuple[datetime, str] | None = None, limit: int | None = None
    ) -> Iterator[Recorded]:
        query = select(*_COLUMNS).where(*_meant(campaign, which)).limit(limit)
        query = query.order_by(_TABLE.c.decided_at, _TABLE.c.decision_id)
        if after is not None:
            when, decision_id = _TABLE.c.decided_at, _TABLE.c.decision_id
            # The first part alone is what an index of moments can answer.
            query = query.where(
                when >= after[0], or_(when > after[0], and_(when == after[0], decision_id > after[1]))
            )
        for row in self._connection.execute(query, execution_options={"yield_per": AT_A_TIME}):
            yield Recorded(
                decision_id=row.decision_id,
                campaign=row.campaign,
                version=row.version,
                purpose=row.purpose,
                person=Person(row.person_id, evidence_from_json(row.evidence)),
                verdict=Verdict(row.verdict),
                hindered=bool(row.standing),
                decided_at=row.decided_at,
            )


_TABLE: Any = tables.decision
_NAMES = (
    *("decision_id", "campaign", "version", "purpose", "person_id"),
    *("verdict", "standing", "evidence", "decided_at"),
)
_COLUMNS = tuple(_TABLE.c[name] for name in _NAMES)


def _meant(campaign: str, which: Which) -> Iterator[ColumnElement[bool]]:
    yield _TABLE.c.campaign == campaign
    # The rule of the campaign has no part in these: there is nothing to judge again.
    yield _TABLE.c.purpose.not_in((PROMOTION, SURVEY))
    if which.since is not None:
        yield _TABLE.c.decided_at >= which.since
    if which.until is not None:
        yield _TABLE.c.decided_at < which.until
    if which.purpose is not None:
        yield _TABLE.c.purpose == which.purpose
    if which.version is not None:
        yield _TABLE.c.version == which.version
