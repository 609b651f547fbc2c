"""How an engine is watched: log lines, numbers and traces."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from perks_engine.bootstrap.logs import note
from perks_engine.bootstrap.metrics import Metrics
from perks_engine.bootstrap.tracing import Tracing, tracing_of
from perks_engine.services.records import Decision
from perks_engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Watching:
    metrics: Metrics
    tracing: Tracing

    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        return self.tracing.span(name, **told)

    def claimed(self, decision: Decision) -> None:
        note(decision=decision.decision_id, verdict=decision.verdict.value)
        self.metrics.claimed(decision)


class Observed:
    """A part of `Application`."""

    settings: Settings

    @cached_property
    def metrics(self) -> Metrics:
        return Metrics()

    @cached_property
    def tracing(self) -> Tracing:
        """Raises `TracingSettingsError`."""
        return tracing_of(str(self.settings.otlp_endpoint or ""))

    @cached_property
    def watching(self) -> Watching:
        return Watching(self.metrics, self.tracing)
