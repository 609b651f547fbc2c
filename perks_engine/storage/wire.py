"""Prepared statements on a connection of psycopg, sent at the protocol's own level.

A cursor of psycopg costs some 60 to 300 µs a statement before the server sees it: the text is taken apart for
its placeholders, each parameter is adapted by its type, a generator waits for the socket. A claim sends the
same few statements for ever, with values that are text already, so they go straight to libpq: prepared once
for each connection, then by name. What is sent waits for `receive` (or `commit`), in libpq's pipeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from select import POLLIN, POLLOUT, poll
from time import monotonic
from typing import Any

from psycopg import Connection, Error
from psycopg.errors import OperationalError, error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

from perks_engine.storage.patience import no_answer
from perks_engine.storage.prepared import Prepared

_BEGIN, _COMMIT = b"BEGIN", b"COMMIT"
_PREPARED = b"SELECT name FROM pg_prepared_statements"
_FORGOTTEN = b"26000"
"""`invalid_sql_statement_name`: the server knows no statement of this name."""
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Known:
    """The statements that a connection has prepared; kept as long as the connection is.

    psycopg forgets all that was prepared when it rolls something back, as do some poolers, and nobody tells.
    So after a transaction that is rolled back, and where one statement is gone, the rest are in doubt, and
    the server is asked which are left: a name that is still taken could not be prepared again.
    """

    def __init__(self) -> None:
        self.names: set[bytes] = set()
        self.is_doubtful = False

    def keep(self, left: Iterable[bytes]) -> None:
        self.names.intersection_update(left)
        self.is_doubtful = False


class Wire:
    """One transaction at most, on a connection and what it has prepared already."""

    def __init__(self, connection: Connection[Any], known: Known) -> None:
        self._connection: PGconn = connection.pgconn
        self._patience_s: float | None = getattr(connection, "answer_s", None)
        self._known = known
        self._sent: list[bytes | None] = []  # names of what is prepared, None for what is carried out
        self._is_open = False

    def ask(self, statement: Prepared, values: Mapping[str, Any]) -> bytes | None:
        """The first value that a statement finds, by itself and outside of any transaction."""
        self._settle_doubts()
        name = statement.on_wire.name
        parameters: Any = statement.on_wire.bound(values)  # psycopg's types know no NULL here; libpq does
        if name in self._known.names:
            self._connection.send_query_prepared(name, parameters)
            found = self._only_result()
            if found.error_field(DiagnosticField.SQLSTATE) != _FORGOTTEN:
                return _value(_checked(found))
            self._known.is_doubtful = True
            self._settle_doubts()
        self._connection.send_prepare(name, statement.on_wire.text)
        _checked(self._only_result())
        self._known.names.add(name)
        self._connection.send_query_prepared(name, parameters)
        return _value(_checked(self._only_result()))

    def send(self, statement: Prepared, values: Mapping[str, Any]) -> None:
        """Within the transaction, which the first statement begins."""
        if not self._is_open:
            self._settle_doubts()
        wired, name = statement.on_wire, statement.on_wire.name
        if not self._is_open:
            self._connection.enter_pipeline_mode()
            self._is_open = True
            self._send_plain(_BEGIN)
        if name not in self._known.names and name not in self._sent:
            self._connection.send_prepare(name, wired.text)
            self._sent.append(name)
        self._connection.send_query_prepared(name, wired.bound(values))
        self._sent.append(None)

    def receive(self) -> list[bytes | None]:
        """Waits for all that was sent; the first value of each statement, in their order. Raises psycopg's
        errors; after `InvalidSqlStatementName` the transaction can be done again."""
        if not self._sent:
            return []
        self._connection.pipeline_sync()
        values: list[bytes | None] = []
        refused: PGresult | None = None
        for prepared in self._sent:
            result = self._next_result()
            if result.status not in _DONE:
                refused = refused or result
            elif prepared is not None:
                self._known.names.add(prepared)
            else:
                values.append(_value(result))
            self._await_input()
            self._connection.get_result()  # None: this statement has no further result
        self._sent.clear()
        self._next_result()  # of the sync
        if refused is not None:
            self._known.is_doubtful = True
            raise _error(refused)
        return values

    def commit(self) -> None:
        if self._is_open:
            self._send_plain(_COMMIT)
            self.receive()

    def close(self) -> None:
        """Leave the connection to others; a transaction that was not committed is for its owner to undo."""
        if not self._is_open or self._connection.status != ConnStatus.OK:
            return
        if self._sent:
            try:
                self.receive()
            except Error:  # the caller raises what made it give up
                self._sent.clear()
        if self._connection.status == ConnStatus.OK:
            self._connection.exit_pipeline_mode()

    def _settle_doubts(self) -> None:
        if self._known.is_doubtful:
            self._connection.send_query_params(_PREPARED, None)
            found = _checked(self._only_result())
            self._known.keep(found.get_value(row, 0) or b"" for row in range(found.ntuples))

    def _only_result(self) -> PGresult:
        """Of what was sent outside of a pipeline. libpq's own calls that send and wait do so for ever."""
        found = self._next_result()
        while True:
            self._await_input()
            if self._connection.get_result() is None:
                return found

    def _send_plain(self, command: bytes) -> None:
        self._connection.send_query_params(command, None)
        self._sent.append(None)

    def _await_input(self) -> None:
        """Lets other threads run meanwhile: `get_result` waits as well, but keeps them all waiting. A server
        that says nothing for too long is given up."""
        limit = None if self._patience_s is None else monotonic() + self._patience_s
        while self._connection.is_busy():
            ready = poll()
            unsent = self._connection.flush()
            ready.register(self._connection.socket, POLLIN | POLLOUT if unsent else POLLIN)
            if not ready.poll(None if limit is None else max(0.0, limit - monotonic()) * 1_000):
                self._connection.finish()
                self._sent.clear()
                raise no_answer(self._patience_s or 0)
            self._connection.consume_input()

    def _next_result(self) -> PGresult:
        self._await_input()
        result = self._connection.get_result()
        if result is None:
            raise OperationalError(self._connection.get_error_message() or "the server closed the connection")
        return result


def _checked(result: PGresult) -> PGresult:
    if result.status not in _DONE:
        raise _error(result)
    return result


def _error(result: PGresult) -> Exception:
    error = error_from_result(result)
    # Without a code of its own it is the connection that failed.
    return error if error.sqlstate else OperationalError(str(error))


def _value(result: PGresult) -> bytes | None:
    return result.get_value(0, 0) if result.ntuples else None
