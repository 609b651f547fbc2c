"""Idempotency: a write is done once under its key, however often it is sent; and retries, where the
database gave a write up for another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, TypeVar

from perks_engine.domain.codec import canonical_json, fingerprint
from perks_engine.domain.phrase import phrase
from perks_engine.services.errors import ConflictError, InvalidInputError
from perks_engine.services.ports import (
    ClaimWork,
    ContentionError,
    KeyTakenError,
    Look,
    Store,
    Transaction,
    UnitMovedError,
)
from perks_engine.services.records import Answer

LONGEST_KEY = 200
MOST_TRIES = 5
Done = TypeVar("Done")

Work = Callable[[Transaction, Callable[[Mapping[str, Any]], None]], Mapping[str, Any]]
"""Does the write and returns its answer; hands the answer to its second argument as soon as it is
known, before it takes the lock that others wait for."""


def once(
    store: Store, scope: str, key: str, request: Mapping[str, Any], now: datetime, work: Work
) -> Mapping[str, Any]:
    """The answer of `work`, or the one already given to this key.

    The answer is stored in the transaction that does the work, so that either both are there or
    none. Of two that come at the same moment the primary key lets one through; the other's work is
    rolled back and it gets the first one's answer. Raises `ConflictError` where the key was used for
    another request.
    """
    digest = request_digest(key, request)
    return retried(lambda: _once(store, scope, key, digest, now, work))


class _Joined:
    """A store whose transactions are all one that is open already."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def write(self) -> AbstractContextManager[Transaction]:
        return nullcontext(self._tx)

    read = write

    def look(self) -> AbstractContextManager[Look]:
        raise NotImplementedError("what is looked at apart is of another moment than the transaction")

    def claim(self) -> AbstractContextManager[ClaimWork]:
        raise NotImplementedError("claims have keys of their own")


def once_within(
    store: Store,
    scope: str,
    key: str,
    request: Mapping[str, Any],
    now: datetime,
    do: Callable[[Store], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """As `once`, for a use case of one transaction: `do` carries it out on the store that it is handed, which
    is the transaction that keeps the answer. It must neither catch what the database refuses nor try again.
    """

    def work(tx: Transaction, keep: Callable[[Mapping[str, Any]], None]) -> Mapping[str, Any]:
        answer = do(_Joined(tx))
        keep(answer)
        return answer

    return once(store, scope, key, request, now, work)


def remembered(
    store: Store,
    scope: str,
    key: str,
    request: Mapping[str, Any],
    now: datetime,
    work: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """As `once`, for work of many transactions that does nothing twice by itself: its answer is kept when it
    has ended. Raises `ConflictError` where the key was used for another request."""
    digest = request_digest(key, request)
    with store.read() as tx:
        known = tx.answers.find(scope, key)
    if known is not None:
        return replay(known, digest)
    answer = work()
    try:
        with store.write() as tx:
            tx.answers.put(scope, key, Answer(digest, answer), now)
    except KeyTakenError:
        return answer  # sent twice at the same moment: both were the same work
    return answer


def request_digest(key: str, request: Mapping[str, Any]) -> str:
    """What tells a request from another under the same key; raises `InvalidInputError` for a bad key."""
    check_key(key)
    return fingerprint(canonical_json(request))


def check_key(key: str) -> None:
    """Raises `InvalidInputError` for a bad one."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInputError(
            "idempotency.key",
            phrase("an idempotency key has 1 to {most} printable characters", most=LONGEST_KEY),
        )


def retried(write: Callable[[], Done]) -> Done:
    """What the write returns. It is a whole transaction, and is done again, on what is true by then, where
    it was given up for another or a unit was moved while it looked; raises their errors after `MOST_TRIES`.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return write()
        except (ContentionError, UnitMovedError):
            continue
    return write()


def _once(store: Store, scope: str, key: str, digest: str, now: datetime, work: Work) -> Mapping[str, Any]:
    try:
        with store.write() as tx:
            known = tx.answers.find(scope, key)
            if known is not None:
                return replay(known, digest)
            return work(tx, lambda answer: tx.answers.put(scope, key, Answer(digest, answer), now))
    except KeyTakenError:
        with store.read() as tx:
            known = tx.answers.find(scope, key)
        if known is None:
            raise
        return replay(known, digest)


def replay(known: Answer, digest: str) -> Mapping[str, Any]:
    """The answer that was given before; raises `ConflictError` where that was to another request."""
    if known.request_hash != digest:
        raise ConflictError(
            "idempotency.conflict",
            "this idempotency key was used for a different request; use a new key for a new request",
        )
    return known.answer
