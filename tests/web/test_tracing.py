"""Traces: the spans of a claim, from the request to the statements of the database, which name nobody."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from perks_engine.bootstrap import tracing
from perks_engine.bootstrap.tracing import OpenTelemetry, TracingSettingsError, tracing_of
from perks_engine.services.access import Role
from tests.engine_room import PHONE, Client, Room, served

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Kept(SpanExporter):
    """A collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def export(self, spans: Any) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]


def test_a_claim_from_its_request_to_its_decision(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    traces = OpenTelemetry("http://127.0.0.1:9", kept)
    room.engine.tracing = traces
    traces.watch(room.engine.engine)
    room.campaign()
    room.person("ana-was-here")
    with served(room.engine) as base:
        ana = Client(base, room.token(Role.INFLUENCER, "ana-was-here"))
        ana.token["traceparent"] = PARENT
        assert ana.claim("key of Ana").status_code == 201

        def broken(*_: object) -> None:
            raise RuntimeError("ana-was-here")

        monkeypatch.setattr(type(room.engine.claiming), "_claim", broken)
        assert ana.claim("another").status_code == 500
    traces.close()
    request, failed = kept.named("POST /v1/claims")
    assert f"{request.context.trace_id:032x}" == PARENT.split("-")[1]
    assert dict(request.attributes)["http.response.status_code"] == 201
    first, last = kept.named("claim")
    decide = [span for span in kept.named("decide") if span.parent.span_id == first.context.span_id]
    assert first.parent.span_id == request.context.span_id
    assert {dict(span.attributes)["perks.campaign"] for span in decide} == {PHONE}
    statements = [span for span in kept.spans if "db.query.text" in (span.attributes or {})]
    assert {dict(span.attributes)["db.query.text"].split()[0] for span in statements} >= {"SELECT", "INSERT"}
    assert (failed.status.is_ok, last.status.is_ok) == (False, False)
    assert dict(last.attributes)["error.type"] == "builtins.RuntimeError"
    assert "ana-was-here" not in "".join(span.to_json() for span in kept.spans)


def test_nothing_is_imported_where_nobody_asked() -> None:
    code = "import sys, perks_engine.web.app; sys.exit('opentelemetry.sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_traces_that_cannot_be_made_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(tracing, "import_module", away)
    with pytest.raises(TracingSettingsError, match=r"pip install 'perks-engine\[otel\]'"):
        tracing_of("http://127.0.0.1:4318")
