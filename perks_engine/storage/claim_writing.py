"""How claims are written, in as few round trips as that allows.

On PostgreSQL it is two for all claims of a transaction: what they leave behind goes out table by table,
together with the guards' counts, and the ledger entries go out together with `COMMIT` (`storage.wire`). So
the row of the stock is locked no longer than a commit takes. On SQLite, where a call costs no round trip, the
same rows are written one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, Table, bindparam, column, func, insert, select
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
from perks_engine.storage.driver_values import data
from perks_engine.storage.guard_beside import COUNT_BESIDE, count_on_sqlite, groups, tallies_beside
from perks_engine.storage.guards import OTHERS
from perks_engine.storage.keys import answer_row
from perks_engine.storage.ledger import APPEND, LISTED, after_the_list, entry_row
from perks_engine.storage.prepared import Prepared, Send
from perks_engine.storage.sqlite_turns import WriterConnection, begin_writing
from perks_engine.storage.types import JsonAsWritten
from perks_engine.storage.wire import Wire


class PostgresClaimWork:
    """Claims on PostgreSQL, in a transaction that `SqlStore.claim` ends."""

    others = OTHERS

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._recorded: list[DecidedClaim] = []
        self._reserved: list[Entry] = []

    def record(self, decided: DecidedClaim) -> None:
        """All that the claim leaves behind but for the unit itself."""
        self._recorded.append(decided)

    def count(self, claims: Sequence[Counting]) -> list[list[Tally] | None]:
        """See `storage.guards`."""
        self._send_recorded()
        counted = groups(claims)
        self._wire.send(COUNT_BESIDE, {"groups": [group.values() for group in counted]})
        return tallies_beside(claims, counted, data(self._wire.receive()[-1]))

    def reserve(self, entry: Entry) -> None:
        self._reserved.append(entry)

    def commit(self) -> None:
        self._send_recorded()
        self._insert(tables.entry, [entry_row(one) for one in self._reserved])
        self._wire.commit()

    def _send_recorded(self) -> None:
        for table, rows in _rows(self._recorded):
            self._insert(table, rows)
        self._recorded.clear()

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """For each statement PostgreSQL reads a table's constraints and triggers anew, which costs as much
        as a row does: so all rows go by one."""
        if rows:
            self._wire.send(_insertion_of_all(table), {"rows": rows})


class SqliteClaimWork:
    """The same on SQLite, where nobody else writes meanwhile."""

    others = 0

    def __init__(self, driver: WriterConnection, dialect: Dialect) -> None:
        self._driver = driver
        self._dialect = dialect
        self._has_begun = False

    def record(self, decided: DecidedClaim) -> None:
        if not self._has_begun:
            begin_writing(self._driver)
            self._has_begun = True
        record(decided, self._send)

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


def record(claim: DecidedClaim, send: Send) -> None:
    """All that a claim leaves behind but for the unit itself."""
    for table, rows in _rows([claim]):
        for row in rows:
            send(_insertion(table), row)


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
    return dict(zip(_MESSAGE_COLUMNS, _message_values(message), strict=True))


def _rows(claims: Sequence[DecidedClaim]) -> list[tuple[Table, list[dict[str, Any]]]]:
    """By table, what is pointed at before what points at it."""
    return [
        (tables.decision, [decision_row(one.decision) for one in claims]),
        (tables.claim, [claim_row(one.claim) for one in claims]),
        (tables.message, [_message_row(letter) for one in claims for letter in one.messages]),
        (
            tables.idempotency,
            [answer_row(one.scope, one.key, one.answer, one.claim.created_at) for one in claims],
        ),
    ]


def _columns(table: Table) -> list[Column[Any]]:
    """All but what the database counts by itself."""
    return [one for one in table.columns if one is not tables.entry.c.entry_id]


@cache
def _insertion(table: Table) -> Prepared:
    return Prepared(
        insert(table).values({one.name: bindparam(one.name, type_=one.type) for one in _columns(table)})
    )


@cache
def _insertion_of_all(table: Table) -> Prepared:
    """On PostgreSQL: any number of rows, in their order, as one value, made and sent in one piece."""
    columns = _columns(table)
    rows = (
        func.json_to_recordset(bindparam("rows", type_=JsonAsWritten))
        .table_valued(*(column(one.name, one.type) for one in columns))
        .render_derived(with_types=True)
    )
    return Prepared(insert(table).from_select([one.name for one in columns], select(*rows.c)))


_MESSAGE_COLUMNS = tuple(tables.message.columns.keys())
_message_values = attrgetter(*_MESSAGE_COLUMNS)
