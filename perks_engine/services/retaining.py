"""Retention: what was kept for its time goes by itself, and how much went is all that is kept of it.

A legal hold keeps everything of its person. Each kind is removed in a transaction of its own, so many rows at
a time, so that nobody waits for long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perks_engine.services.ports import Clock, Store, Transaction
from perks_engine.services.spans import Spans
from perks_engine.services.views import View

EVERY = timedelta(hours=1)
BATCH = 500
Remove = Callable[[Transaction], int]


@dataclass
class Retaining:
    """`_looked_at` is when this process last looked: a worker asks more often than anything can be due."""

    store: Store
    clock: Clock
    spans: Spans
    scrub: Callable[[], None]
    _looked_at: datetime | None = field(default=None, repr=False)

    def keep_up(self) -> int:
        """Remove what is due, once in `EVERY`; returns how many rows."""
        now = self.clock()
        last = self._looked_at
        # A clock that was set back makes it look again, and not wait until it was where it has been.
        if last is not None and timedelta() <= now - last < EVERY:
            return 0
        self._looked_at = now
        return self.remove()

    def remove(self) -> int:
        """Remove all that is due now; returns how many rows."""
        now, removed = self.clock(), 0
        for what, remove in self._kinds(now):
            while True:
                with self.store.write() as tx:
                    rows = remove(tx)
                    if rows:
                        tx.retention.count(what, rows, now)
                removed += rows
                if rows < BATCH:
                    break
        if removed:
            self.scrub()
        return removed

    def _kinds(self, now: datetime) -> Iterator[tuple[str, Remove]]:
        """What is removed, in the order in which it is, and until when it was kept."""
        spans = self.spans
        yield "answers to requests", lambda tx: tx.retention.answers(now - spans.answer, BATCH)
        yield "refused claims", lambda tx: tx.retention.refused_claims(now - spans.refusal, BATCH)
        yield "postal addresses", lambda tx: tx.retention.addresses(now - spans.address, BATCH)
        yield "what carriers wrote", lambda tx: tx.retention.carrier_words(now - spans.address, BATCH)
        yield "words about erased people", lambda tx: tx.retention.words_of_erased(BATCH)
        yield "messages", lambda tx: tx.retention.messages(now - spans.ledger, BATCH)
        yield "consents of erased people", lambda tx: tx.retention.consents(now - spans.consent, BATCH)
        yield "tokens of erased people", lambda tx: tx.retention.tokens(now - spans.answer, BATCH)
        yield "requests about one's data", lambda tx: tx.retention.requests(now - spans.request, BATCH)
        yield "receipts of erasures", lambda tx: tx.retention.erasures(now, now - spans.request, BATCH)

    def removed(self) -> list[View]:
        with self.store.read() as tx:
            return [{"day": day, "what": what, "rows": rows} for day, what, rows in tx.keeping.removed()]
