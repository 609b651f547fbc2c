"""What the rows of a claim cost with a client that costs next to nothing: pgbench writes them itself.

Its script inserts the very rows of a claim into the very tables, triggers and indexes included, by prepared
statements, one for each table; nothing is looked up, decided, explained, rendered or counted for guards, and
each connection has a campaign of its own, so that none waits for another. Whatever leaves these rows behind,
in whatever language, grants no more than that on this machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from benchmarks.ledger_by_hand import TABLES, pgbench_says, transactions_per_second

_CAMPAIGN = "'{campaigns}-' || CAST(:client_id AS text)"
_NAME = f"{_CAMPAIGN} || ' ' || who.number"
_CHANGED = {
    "person_id": "'p' || who.number",
    "campaign": _CAMPAIGN,
    "claim_id": f"'clm ' || {_NAME}",
    "decision_id": f"'dec ' || {_NAME}",
    "scope": "'person' || chr(58) || 'p' || who.number",  # a colon would begin a variable of pgbench
    "key": _NAME,
    "message_id": f"'msg ' || {_NAME} || ' ' || pattern.message_id",
}
_WHO = "generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS who (number)"


def keep_pattern(url: str, person: str, campaign: str) -> None:
    """Puts that person's rows in the campaign aside, for scripts to write like them."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        for table in (*TABLES, "entry"):
            fits, whose = sql.SQL("person_id = {} AND campaign = {}"), (person, campaign)
            if table == "idempotency":
                fits, whose = sql.SQL("scope = {} AND key = {}"), (f"person:{person}", f"warm {campaign}")
            names = (sql.Identifier(f"pattern_{table}"), sql.Identifier(table))
            make = sql.SQL("CREATE TABLE {} AS SELECT * FROM {} WHERE {}")
            connection.execute(make.format(*names, fits.format(*whose)))


def claims_by_pgbench(url: str, campaigns: str, connections: int, together: int, seconds: float) -> float:
    """Claims per second where so many are written in a transaction. Connection N claims for `p1`, `p2` … in
    the campaign `{campaigns}-N`, in which nobody may have claimed before."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_script(url, campaigns, together))
        script.flush()
        of_clients = (
            "-c",
            str(connections),
            "-j",
            str(min(2, connections)),
            "-T",
            str(max(1, round(seconds))),
        )
        said = pgbench_says(url, "-n", "-M", "prepared", *of_clients, "-D", "last=0", "-f", script.name)
    return transactions_per_second(said) * together


def _script(url: str, campaigns: str, together: int) -> str:
    lines = ["\\set first :last + 1", f"\\set last :last + {together}", "BEGIN;"]
    with psycopg.connect(_plain(url)) as connection:
        for table in (*TABLES, "entry"):
            columns = [one for one in _columns(connection, table) if one != "entry_id"]
            values = ", ".join(_CHANGED.get(one, f"pattern.{one}") for one in columns)
            values = values.replace("{campaigns}", campaigns)
            lines.append(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
                f" FROM pattern_{table} AS pattern, {_WHO};"
            )
    return "\n".join([*lines, "COMMIT;", ""])


def _columns(connection: psycopg.Connection[tuple[str]], table: str) -> Sequence[str]:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
        (f"pattern_{table}",),
    )
    return [name for (name,) in found]


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
