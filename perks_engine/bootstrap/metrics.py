"""What a process counts, for Prometheus. No label names a person, and each has few values: routes as
templates, codes of reasons, attributes of the catalogue, names of campaigns and chores.

Several processes of one `perks serve` write what they count to files of a folder, which any of them reads
for all.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from time import perf_counter, time

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy import Engine, event

from perks_engine.domain.reasons import obstacles
from perks_engine.domain.verdict import Mark
from perks_engine.services.records import Decision

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own variable: the folder that processes of one server share."""
CONTENT_TYPE = CONTENT_TYPE_LATEST
DONE, ELSEWHERE, FAILED = "done", "elsewhere", "failed"
"""How a chore's turn ended: it was done, another process holds its lease, or an error ended it."""
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_CHORE_SECONDS = (0.01, 0.1, 1.0, 10.0, 60.0)


class Metrics:
    """One for each engine."""

    def __init__(self) -> None:
        self._shared = os.environ.get(SHARED)
        # Chosen by the library when it is imported, which may be before the folder is known.
        values.ValueClass = values.get_value_class()
        own = CollectorRegistry()
        self._registry = own
        self._requests = Histogram(
            "perks_request_seconds",
            "Requests by the template of their route, and how long they took.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=own,
        )
        self._decisions = Counter(
            "perks_decisions", "Recorded decisions on claims.", ("campaign", "verdict"), registry=own
        )
        self._reasons = Counter(
            "perks_decision_reasons",
            "What stood in the way of a grant, by the code of the reason; a decision may have several.",
            ("verdict", "reason"),
            registry=own,
        )
        self._unknowns = Counter(
            "perks_unknown_evidence",
            "Conditions that could not be known, by the attribute that evidence was missing or unusable for.",
            ("attribute", "reason"),
            registry=own,
        )
        self._claims = Counter(
            "perks_claims", "Claims by what came of them.", ("campaign", "outcome"), registry=own
        )
        self._chores = Counter(
            "perks_chore_runs", "Turns of the scheduler.", ("chore", "outcome"), registry=own
        )
        self._chore_seconds = Histogram(
            "perks_chore_seconds", "How long a chore took.", ("chore",), buckets=_CHORE_SECONDS, registry=own
        )
        self._chore_done_at = Gauge(
            "perks_chore_done_timestamp_seconds",
            "When a process last did the chore, in seconds since 1970.",
            ("chore",),
            registry=own,
            multiprocess_mode="max",
        )
        self._lent = Gauge(
            "perks_database_connections_in_use",
            "Connections to the database that are at work now.",
            registry=own,
            multiprocess_mode="livesum",
        )
        self._pool = Gauge(
            "perks_database_connections_limit",
            "The most that may be at work at the same time.",
            registry=own,
            multiprocess_mode="livesum",
        )
        if not self._shared:
            ProcessCollector(registry=own)
        self._counters = lru_cache(1_000)(self._counters_of)  # the library looks labels up under a lock

    def watch_pool(self, engine: Engine, limit: int) -> None:
        self._pool.set(limit)
        event.listen(engine, "checkout", lambda *_: self._lent.inc())
        event.listen(engine, "checkin", lambda *_: self._lent.dec())

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    def _counters_of(self, campaign: str, verdict: str, granted: bool) -> tuple[Counter, Counter]:
        outcome = "granted" if granted else "refused"
        return self._decisions.labels(campaign, verdict), self._claims.labels(campaign, outcome)

    def claimed(self, decision: Decision) -> None:
        verdict = decision.verdict.value
        for counter in self._counters(decision.campaign, verdict, decision.grants):
            counter.inc()
        if decision.grants:
            return
        in_the_way = obstacles(decision.reason)
        for code in sorted({one.code for one in (*in_the_way, *decision.standing)}):
            self._reasons.labels(verdict, code).inc()
        unknown = {(one.attribute, one.code) for one in in_the_way if one.mark is Mark.UNKNOWN}
        for attribute, code in sorted(unknown):
            self._unknowns.labels(attribute, code).inc()

    @contextmanager
    def chore(self, name: str) -> Generator[Turn]:
        """Counts one turn of a chore, however it ends."""
        turn, began = Turn(), perf_counter()
        try:
            yield turn
        except BaseException:
            turn.outcome = FAILED
            raise
        finally:
            self._chores.labels(name, turn.outcome).inc()
            if turn.outcome == DONE:
                self._chore_seconds.labels(name).observe(perf_counter() - began)
                self._chore_done_at.labels(name).set(time())

    def text(self) -> bytes:
        """What was counted, in the text format of Prometheus."""
        if not self._shared:
            return generate_latest(self._registry)
        _bury_the_dead(Path(self._shared))
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody, self._shared)
        return generate_latest(everybody)


class Turn:
    """How a chore's turn ends, unless an error ends it."""

    outcome: str = DONE


def may_read(token: str, sent: str) -> bool:
    """Whether the header `Authorization` brings the token of Prometheus, which has to be set."""
    scheme, _, given = sent.partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _bury_the_dead(folder: Path) -> None:
    """What a process that is gone had in use is in use no more; what it counted stays counted."""
    pids = {file.stem.rpartition("_")[2] for file in folder.glob("gauge_live*_*.db")}
    for pid in pids:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):
                mark_process_dead(int(pid), str(folder))
        except (PermissionError, ValueError):
            continue
