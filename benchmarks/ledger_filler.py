"""A ledger that has grown: claims by the hundred thousand, written past the triggers, balances included.

Only what is measured afterwards goes through them. The rows are short, but there are as many, in the same
indexes, as claims would have left behind.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from perks_engine.bootstrap import Application

_WHOSE = {"person_id": "'f' || n", "campaign": "c.name"}
_CLAIM = {"claim_id": "'clm_f' || n", **_WHOSE}
_LETTER = {
    "message_id": "kind || n",
    **_CLAIM,
    "kind": "kind",
    "purpose": "'account'",
    "channel": "'email'",
    "subject": "''",
    "body_text": "''",
    "body_html": "''",
    "state": "'queued'",
}
_FILLED: dict[str, dict[str, str]] = {
    "decision": {
        "decision_id": "'dec_f' || n",
        **_WHOSE,
        "version": "c.version",
        "purpose": "'claim'",
        "verdict": "'eligible'",
        "reason": "'{}'",
        "standing": "'[]'",
        "evidence": "'[]'",
        "decided_at": "c.created_at",
    },
    "claim": {
        **_CLAIM,
        "version": "c.version",
        "decision_id": "'dec_f' || n",
        "outcome": "'granted'",
        "created_at": "c.created_at",
        "reserved_until": "c.closes_at",
    },
    "entry": {
        **_CLAIM,
        "move": "'reserve'",
        "source": "'stock'",
        "target": "'reserved'",
        "units": "1",
        "evidence": "''",
        "reference": "''",
        "note": "''",
        "recorded_by": "'gate'",
        "occurred_at": "c.created_at",
        "recorded_at": "c.created_at",
    },
    "holding": {**_CLAIM, "account": "'reserved'", "entry_id": "n"},
    "allowance": {**_WHOSE, "units": "1", "per_person": "1"},
    "message": {**_LETTER, "created_at": "c.created_at"},
    "idempotency": {
        "scope": "'person:f' || n",
        "key": "'k'",
        "request_hash": "''",
        "answer": "'{}'",
        "created_at": "c.created_at",
    },
}


def grow(engine: Application, campaigns: list[str], begin: int, end: int) -> None:
    """Claims number `begin` to `end`, of nobody on record, spread over the campaigns (PostgreSQL)."""
    share = (end - begin) // len(campaigns)
    with engine.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for place, campaign in enumerate(campaigns):
            _fill(connection, campaign, begin + place * share, begin + (place + 1) * share - 1)
    with engine.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _fill(connection: Connection, campaign: str, first: int, last: int) -> None:
    for table, columns in _FILLED.items():
        kinds = ", (VALUES ('grant'), ('disclosure_instruction')) AS k (kind)" if table == "message" else ""
        source = f"generate_series({first}, {last}) AS n, campaign AS c{kinds} WHERE c.name = :campaign"
        statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {source}"
        )
        connection.execute(text(statement), {"campaign": campaign})
