"""A connection to PostgreSQL that does not wait for ever.

A server that died is noticed: its system closes the connection. One that was cut off, that hangs, or that a
proxy only pretends to reach says nothing at all. Three things end the wait, each where the others cannot:
  1. `statement_timeout`: a server that works, but for too long, ends the statement itself and stays usable;
  2. TCP keepalives: a machine that is gone is noticed by ours, within half a minute;
  3. the limit of `wait` (and of `storage.wire`): a server that is there and does not answer.
The server looks after itself in the same way: what we left in the middle of a transaction, with locks that
others wait for, it ends by `idle_in_transaction_session_timeout` and keepalives of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.errors import OperationalError

GRACE_S = 1.0
"""So much longer than the server's own limit is ours: its answer, that it gave up, is the better one."""
IDLE_IN_TRANSACTION_S = 300
"""A reading that another machine looks through for so long holds no lock; a writer never pauses so long."""
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
USER_TIMEOUT_MS = 30_000
"""After so long without a sign that what was sent has arrived, the connection is given up (RFC 5482)."""


@dataclass(frozen=True, slots=True)
class Waits:
    """`connect_s`: for a connection; `answer_s`: for what one statement comes to."""

    connect_s: float = 5.0
    answer_s: float = 60.0

    @property
    def settings(self) -> str:
        """What the server is told once for each connection."""
        values = {
            "statement_timeout": f"{int(self.answer_s * 1_000)}ms",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
            "tcp_keepalives_idle": "15",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": str(USER_TIMEOUT_MS),
            # Compiling a statement takes longer than any of ours but reports; the server's guess of what one
            # costs is far off before it has counted the rows of a table.
            "jit": "off",
        }
        return ", ".join(f"set_config('{name}', '{value}', false)" for name, value in values.items())


class PatientConnection(Connection[Any]):
    """Gives the connection up where nothing came for `answer_s` seconds, if that is set."""

    answer_s: float | None = None

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises `OperationalError`; the connection is closed then, for what was asked may still come."""
        limit = self.answer_s if timeout is None else timeout
        if limit is None:
            return super().wait(gen, interval)
        begun = monotonic()
        try:
            return super().wait(gen, interval, limit)
        except OperationalError as error:
            if error.sqlstate or self.closed or monotonic() - begun < limit:
                raise
            self.pgconn.finish()
            raise no_answer(limit) from error


def no_answer(seconds: float) -> OperationalError:
    return OperationalError(f"the database did not answer for {seconds:g} s; the connection was given up")


def connected(waits: Waits, arguments: dict[str, Any]) -> PatientConnection:
    """A connection that does not wait for ever; what the database's URL says goes first."""
    chosen: dict[str, Any] = {
        "connect_timeout": max(2, round(waits.connect_s)),
        "tcp_user_timeout": USER_TIMEOUT_MS,
    }
    chosen |= KEEPALIVE | arguments
    connection: PatientConnection = PatientConnection.connect(**chosen)
    connection.answer_s = waits.answer_s + GRACE_S
    connection.execute(f"SELECT {waits.settings}".encode())
    connection.commit()
    return connection
