"""A claim's own way through the database, in as few round trips as that allows.

On PostgreSQL it is three: what a decision rests on is asked for, with no lock and no snapshot kept; then all
that the claim leaves behind goes out as one statement, together with the guards' counts, and the ledger entry
goes out together with `COMMIT` (`storage.wire`). So the row of the stock is locked no longer than a commit
takes. On SQLite, where a call costs no round trip, the same rows are written one after the other, and the
lock is taken after the reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.engine import Dialect

from perks_engine.domain.codec import evidence_to_json
from perks_engine.domain.guards import Tally
from perks_engine.domain.reasons import reason_to_json
from perks_engine.services.records import (
    ClaimRecord,
    DecidedClaim,
    Decision,
    Entry,
    GuardCount,
    Message,
)
from perks_engine.storage import tables
from perks_engine.storage.agreed import LANES
from perks_engine.storage.guard_beside import COUNT_BESIDE, beside_values, count_on_sqlite, tallies_beside
from perks_engine.storage.keys import answer_row
from perks_engine.storage.ledger import APPEND, LISTED, after_the_list, entry_row
from perks_engine.storage.looking import PostgresLook, SqliteLook
from perks_engine.storage.prepared import Prepared, Send


class PostgresClaimWork(PostgresLook):
    """One claim on PostgreSQL, in a transaction that `SqlStore.claim` ends."""

    others = LANES - 1

    def record(self, decided: DecidedClaim) -> None:
        """All that the claim leaves behind but for the unit itself; from here on it writes."""
        self._wire.send(*_written_at_once(decided))

    def count(
        self, campaign: str, version: str, counts: Sequence[GuardCount], now: datetime
    ) -> list[Tally] | None:
        """Count the claim for these guards, side by side with others; None where the campaign is no longer
        open with that version. See `storage.guards`."""
        self._wire.send(COUNT_BESIDE, beside_values(campaign, version, counts, now))
        sums = self._wire.receive()
        return None if sums is None else tallies_beside(json.loads(sums), counts, now)

    def reserve(self, entry: Entry) -> None:
        """The entry that takes the unit: the last thing that a claim does."""
        self._wire.send(APPEND, entry_row(entry))


class SqliteClaimWork(SqliteLook):
    """The same on SQLite, where nobody else writes meanwhile."""

    others = 0

    def record(self, decided: DecidedClaim) -> None:
        self._driver.execute("BEGIN IMMEDIATE")
        record(decided, self._dialect, self._send)

    def count(
        self, campaign: str, version: str, counts: Sequence[GuardCount], now: datetime
    ) -> list[Tally] | None:
        sums = count_on_sqlite(self._send, campaign, version, counts, now)
        return None if sums is None else tallies_beside(sums, counts, now)

    def reserve(self, entry: Entry) -> None:
        values = entry_row(entry)
        listed = self._send(LISTED, {}).fetchone()
        values["recorded_at"] = after_the_list(entry, listed[0] if listed else None)
        self._send(APPEND, values)

    def _send(self, statement: Prepared, values: Mapping[str, Any]) -> Any:
        return statement.on(self._driver, self._dialect, values)


def record(decided: DecidedClaim, dialect: Dialect, send: Send) -> None:
    """All that a claim leaves behind but for the unit itself."""
    if dialect.name == "postgresql":
        send(*_written_at_once(decided))
        return
    for table, row in zip(_TABLES[len(decided.messages)], _rows(decided), strict=True):
        send(_ONE_ROW[table.name], {f"0_{name}": one for name, one in row.items()})


def _written_at_once(decided: DecidedClaim) -> tuple[Prepared, dict[str, Any]]:
    rows = _rows(decided)
    values = {f"{place}_{name}": one for place, row in enumerate(rows) for name, one in row.items()}
    return _AT_ONCE[len(decided.messages)], values


def decision_row(decision: Decision) -> dict[str, Any]:
    return {
        "decision_id": decision.decision_id,
        "person_id": decision.person_id,
        "campaign": decision.campaign,
        "version": decision.version,
        "purpose": decision.purpose,
        "verdict": decision.verdict.value,
        "reason": reason_to_json(decision.reason),
        "standing": [reason_to_json(one) for one in decision.standing],
        "evidence": evidence_to_json(decision.evidence),
        "decided_at": decision.decided_at,
    }


def claim_row(claim: ClaimRecord) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "person_id": claim.person_id,
        "campaign": claim.campaign,
        "version": claim.version,
        "decision_id": claim.decision_id,
        "outcome": claim.outcome.value,
        "created_at": claim.created_at,
        "reserved_until": claim.reserved_until,
    }


def _message_row(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _MESSAGE_COLUMNS}


def _rows(decided: DecidedClaim) -> list[dict[str, Any]]:
    answer = answer_row(decided.scope, decided.key, decided.answer, decided.claim.created_at)
    return [
        decision_row(decided.decision),
        claim_row(decided.claim),
        *(_message_row(one) for one in decided.messages),
        answer,
    ]


def _insert(table: Table, place: int) -> Any:
    return insert(table).values(
        {one.name: bindparam(f"{place}_{one.name}", type_=one.type) for one in table.columns}
    )


def _at_once(written: Sequence[Table]) -> Prepared:
    """One statement that inserts a row into each of the tables. PostgreSQL checks foreign keys and runs
    triggers that look at other tables after all of them."""
    *before, last = [_insert(table, place) for place, table in enumerate(written)]
    parts = [one.cte(f"row_{place}") for place, one in enumerate(before)]
    return Prepared(last.add_cte(*parts))


_MESSAGE_COLUMNS = tuple(tables.message.columns.keys())
_TABLES = {
    letters: (tables.decision, tables.claim, *[tables.message] * letters, tables.idempotency)
    for letters in (0, 1, 2, 3)
}
_AT_ONCE = {letters: _at_once(written) for letters, written in _TABLES.items()}
_ONE_ROW = {table.name: Prepared(_insert(table, 0)) for table in _TABLES[1]}
