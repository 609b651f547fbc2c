"""Traces for OpenTelemetry, where PERKS_OTLP_ENDPOINT names a collector; nothing of it is imported else.

A span names routes, campaigns and statements with their places for values, never a value or a person.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import Engine, event

from perks_engine import __version__

SERVICE = "perks_engine"
LONGEST_STATEMENT = 2_000


class TracingSettingsError(ValueError):
    """Traces are asked for and cannot be made; the message says what would mend it."""


class RequestSpan(Protocol):
    def ended(self, name: str, status: int, request_id: str) -> None: ...


class Tracing(Protocol):
    def span(self, name: str, **told: str) -> AbstractContextManager[None]: ...
    def request(self, scope: Any) -> AbstractContextManager[RequestSpan]: ...
    def watch(self, engine: Engine) -> None: ...
    def close(self) -> None: ...


class _NoSpan:
    def ended(self, name: str, status: int, request_id: str) -> None:
        del name, status, request_id


_NOTHING: AbstractContextManager[None] = nullcontext()
_NO_REQUEST: AbstractContextManager[RequestSpan] = nullcontext(_NoSpan())


class NoTracing:
    """Nobody asked for traces."""

    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        del name, told
        return _NOTHING

    def request(self, scope: Any) -> AbstractContextManager[RequestSpan]:
        del scope
        return _NO_REQUEST

    def watch(self, engine: Engine) -> None:
        del engine

    def close(self) -> None:
        return


class _Span:
    def __init__(self, span: Any, failed: Any) -> None:
        self._span = span
        self._failed = failed

    def ended(self, name: str, status: int, request_id: str) -> None:
        method, _, route = name.partition(" ")
        self._span.update_name(name)
        told = {"http.request.method": method, "http.route": route, "perks.request_id": request_id}
        for key, value in told.items():
            self._span.set_attribute(key, value)
        self._span.set_attribute("http.response.status_code", status)
        if status >= 500:
            self._span.set_status(self._failed)


class OpenTelemetry:
    """Spans in batches to a collector. Of an error its kind is told, not its words."""

    def __init__(self, endpoint: str, exporter: Any = None) -> None:
        try:
            self._api: Any = import_module("opentelemetry.trace")
            resources: Any = import_module("opentelemetry.sdk.resources")
            sdk: Any = import_module("opentelemetry.sdk.trace")
            export: Any = import_module("opentelemetry.sdk.trace.export")
            otlp: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
            context: Any = import_module("opentelemetry.trace.propagation.tracecontext")
        except ModuleNotFoundError as error:
            raise TracingSettingsError(
                "PERKS_OTLP_ENDPOINT asks for traces, which need: pip install 'perks-engine[otel]'"
            ) from error
        named = resources.Resource.create({"service.name": SERVICE, "service.version": __version__})
        self._provider = sdk.TracerProvider(resource=named)
        out = exporter or otlp.OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(export.BatchSpanProcessor(out))
        self._tracer = self._provider.get_tracer(SERVICE, __version__)
        self._parents = context.TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, **told: str) -> Generator[None]:
        with self._open(name) as span:
            for key, value in told.items():
                span.set_attribute(f"perks.{key}", value)
            yield

    @contextmanager
    def _open(self, name: str, **more: Any) -> Generator[Any]:
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False, **more
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
                span.set_status(self._failed)
                raise

    @property
    def _failed(self) -> Any:
        return self._api.Status(self._api.StatusCode.ERROR)

    @contextmanager
    def request(self, scope: Any) -> Generator[RequestSpan]:
        carrier = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        parent = self._parents.extract({"traceparent": carrier.get("traceparent", "")})
        with self._open("request", context=parent, kind=self._api.SpanKind.SERVER) as span:
            yield _Span(span, self._failed)

    def watch(self, engine: Engine) -> None:
        """A span for each statement that goes through SQLAlchemy."""
        system = {"sqlite": "sqlite"}.get(engine.dialect.name, "postgresql")

        def before(
            _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any
        ) -> None:
            span = self._tracer.start_span(
                statement.split(None, 1)[0].upper() if statement.strip() else "SQL",
                kind=self._api.SpanKind.CLIENT,
                attributes={"db.system.name": system, "db.query.text": statement[:LONGEST_STATEMENT]},
            )
            if context is None:
                span.end()
            else:
                context.perks_span = span

        def after(
            _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: Any
        ) -> None:
            span = getattr(context, "perks_span", None)
            if span is not None:
                span.end()

        def failed(told: Any) -> None:
            span = getattr(told.execution_context, "perks_span", None)
            if span is not None:
                span.set_status(self._failed)
                span.end()

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        event.listen(engine, "handle_error", failed)

    def close(self) -> None:
        self._provider.shutdown()


def tracing_of(endpoint: str) -> Tracing:
    """Raises `TracingSettingsError`."""
    return OpenTelemetry(endpoint) if endpoint else NoTracing()
