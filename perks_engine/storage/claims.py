"""Decisions and claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from perks_engine.domain.codec import evidence_from_json
from perks_engine.domain.fulfillment import Account
from perks_engine.domain.reasons import reason_from_json
from perks_engine.domain.verdict import Verdict
from perks_engine.services.records import ClaimFacts, ClaimOutcome, ClaimRecord, DecidedClaim, Decision
from perks_engine.storage import tables
from perks_engine.storage.claim_facts import facts_of, facts_statement
from perks_engine.storage.claim_writing import claim_row, decision_row, record


class SqlClaimBook:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def facts(self, person_id: str, campaign: str, scope: str = "", key: str = "") -> ClaimFacts:
        values = {"person": person_id, "campaign": campaign, "scope": scope, "key": key}
        found = facts_statement(self._connection.dialect.name).run(self._connection, values)
        return facts_of(person_id, campaign, found.one())

    def record(self, decided: DecidedClaim) -> None:
        """All that a claim leaves behind but for the unit itself."""
        record(decided, lambda one, values: one.run(self._connection, values))

    def add_decision(self, decision: Decision) -> None:
        self._connection.execute(insert(tables.decision).values(decision_row(decision)))

    def decision(self, decision_id: str) -> Decision | None:
        query = select(tables.decision).where(tables.decision.c.decision_id == decision_id)
        row = self._connection.execute(query).one_or_none()
        return decision_of(row) if row else None

    def add(self, claim: ClaimRecord) -> None:
        self._connection.execute(insert(tables.claim).values(claim_row(claim)))

    def get(self, claim_id: str) -> ClaimRecord | None:
        found = self._connection.execute(CLAIMS.where(tables.claim.c.claim_id == claim_id)).one_or_none()
        return claim_of(found) if found else None

    def of_person(self, person_id: str, before: str | None, limit: int) -> list[ClaimRecord]:
        """The person's claims, newest first, older than the claim `before`."""
        query = CLAIMS.where(tables.claim.c.person_id == person_id)
        if before is not None:
            query = query.where(tables.claim.c.claim_id < before)
        query = query.order_by(tables.claim.c.claim_id.desc()).limit(limit)
        return [claim_of(row) for row in self._connection.execute(query)]

    def reserved(self, brands: Sequence[str] | None, after: str | None) -> Iterator[ClaimRecord]:
        """Claims whose unit is still reserved, the oldest first and younger than `after`, streamed."""
        query = CLAIMS.where(tables.holding.c.account == Account.RESERVED.value)
        if brands is not None:
            query = query.where(tables.claim.c.campaign.in_(_campaigns_of(brands)))
        if after is not None:
            query = query.where(tables.claim.c.claim_id > after)
        rows = self._connection.execution_options(yield_per=500).execute(
            query.order_by(tables.claim.c.claim_id)
        )
        return (claim_of(row) for row in rows)

    def in_accounts(
        self,
        accounts: Sequence[Account],
        brands: Sequence[str] | None,
        campaign: str | None,
        after: str | None,
        limit: int,
    ) -> list[ClaimRecord]:
        """Claims whose unit is in one of these accounts, the oldest first and younger than `after`."""
        holding = tables.holding.c
        query = CLAIMS.where(holding.account.in_([one.value for one in accounts]))
        if brands is not None:
            query = query.where(holding.campaign.in_(_campaigns_of(brands)))
        if campaign is not None:
            query = query.where(holding.campaign == campaign)
        if after is not None:
            query = query.where(tables.claim.c.claim_id > after)
        query = query.order_by(tables.claim.c.claim_id).limit(limit)
        return [claim_of(row) for row in self._connection.execute(query)]

    def units_by_account(self, brands: Sequence[str] | None) -> dict[Account, int]:
        """How many units of claims are where."""
        holding = tables.holding.c
        query = select(holding.account, func.count()).group_by(holding.account)
        if brands is not None:
            query = query.where(holding.campaign.in_(_campaigns_of(brands)))
        return {Account(row[0]): int(row[1]) for row in self._connection.execute(query)}


def _campaigns_of(brands: Sequence[str]) -> Select[tuple[str]]:
    return select(tables.campaign.c.name).where(tables.campaign.c.brand.in_(brands))


CLAIMS = select(tables.claim, tables.holding.c.account).join_from(
    tables.claim, tables.holding, tables.holding.c.claim_id == tables.claim.c.claim_id, isouter=True
)


def decision_of(row: Row[Any]) -> Decision:
    return Decision(
        decision_id=row.decision_id,
        person_id=row.person_id,
        campaign=row.campaign,
        version=row.version,
        purpose=row.purpose,
        verdict=Verdict(row.verdict),
        reason=reason_from_json(row.reason),
        standing=tuple(reason_from_json(one) for one in row.standing),
        evidence=evidence_from_json(row.evidence),
        decided_at=row.decided_at,
    )


def claim_of(row: Row[Any]) -> ClaimRecord:
    return ClaimRecord(
        claim_id=row.claim_id,
        person_id=row.person_id,
        campaign=row.campaign,
        version=row.version,
        decision_id=row.decision_id,
        outcome=ClaimOutcome(row.outcome),
        created_at=row.created_at,
        reserved_until=row.reserved_until,
        account=Account(row.account) if row.account else None,
    )
