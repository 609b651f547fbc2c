"""How claims are written, in as few round trips as that allows.

On PostgreSQL it is two for all claims of a transaction: what each leaves behind goes out as one statement,
together with the guards' counts, and the ledger entries go out together with `COMMIT` (`storage.wire`). So
the row of the stock is locked no longer than a commit takes. On SQLite, where a call costs no round trip, the
same rows are written one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, insert
from sqlalchemy.engine import Dialect

from perks_engine.domain.codec import evidence_to_json
from perks_engine.domain.guards import Tally
from perks_engine.domain.reasons import reason_to_json
from perks_engine.services.records import (
    ClaimRecord,
    Counting,
    DecidedClaim,
    Decision,
    Entry,
    Message,
)
from perks_engine.storage import tables
from perks_engine.storage.guard_beside import COUNT_BESIDE, count_on_sqlite, groups, tallies_beside
from perks_engine.storage.guards import OTHERS
from perks_engine.storage.keys import answer_row
from perks_engine.storage.ledger import APPEND, LISTED, after_the_list, entry_row
from perks_engine.storage.prepared import Driver, Prepared, Send
from perks_engine.storage.wire import Wire


class PostgresClaimWork:
    """Claims on PostgreSQL, in a transaction that `SqlStore.claim` ends."""

    others = OTHERS

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def record(self, decided: DecidedClaim) -> None:
        """All that the claim leaves behind but for the unit itself."""
        self._wire.send(*_written_at_once(decided))

    def count(self, claims: Sequence[Counting]) -> list[list[Tally] | None]:
        """See `storage.guards`."""
        counted = groups(claims)
        for group in counted:
            self._wire.send(COUNT_BESIDE, group.values())
        sums = self._wire.receive()[-len(counted) :]
        return tallies_beside(claims, counted, [None if one is None else json.loads(one) for one in sums])

    def reserve(self, entry: Entry) -> None:
        self._wire.send(APPEND, entry_row(entry))


class SqliteClaimWork:
    """The same on SQLite, where nobody else writes meanwhile."""

    others = 0

    def __init__(self, driver: Driver, dialect: Dialect) -> None:
        self._driver = driver
        self._dialect = dialect
        self._has_begun = False

    def record(self, decided: DecidedClaim) -> None:
        if not self._has_begun:
            self._driver.execute("BEGIN IMMEDIATE")
            self._has_begun = True
        record(decided, self._dialect, self._send)

    def count(self, claims: Sequence[Counting]) -> list[list[Tally] | None]:
        counted = groups(claims)
        sums = [count_on_sqlite(self._send, group) for group in counted]
        return tallies_beside(claims, counted, sums)

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
