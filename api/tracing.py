"""OpenTelemetry's traces, from the HTTP request to each Cypher statement; off unless set.

They are on where OpenTelemetry's own settings name a collector (``OTEL_EXPORTER_OTLP_ENDPOINT`` or
``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``). Spans carry names of operations and statements, never
documents, variables or parameters.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from cypher import Statement

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Tracing:
    """Makes spans where there is a provider, and costs nothing where there is none."""

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("tiegraph") if provider else None

    def request(self, method: str, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Return the span of an HTTP request, below that of its caller (W3C trace context)."""
        return self._span(f"{method} request", "SERVER", {"http.request.method": method}, headers)

    def operation(self, kind: str, name: str) -> AbstractContextManager[None]:
        """Return the span of a GraphQL operation."""
        told = {"graphql.operation.type": kind, "graphql.operation.name": name}
        return self._span(f"{kind} {name}".strip(), "INTERNAL", told)

    def statement(self, wanted: Statement) -> AbstractContextManager[None]:
        """Return the span of a Cypher statement."""
        told = {"db.system.name": "neo4j", "db.operation.name": wanted.name}
        return self._span(wanted.name, "CLIENT", told)

    def shutdown(self) -> None:
        """Send what has not been sent yet."""
        if self._provider:
            self._provider.shutdown()

    def _span(
        self,
        name: str,
        kind: str,
        told: Mapping[str, str],
        carrier: Mapping[str, str] | None = None,
    ) -> AbstractContextManager[None]:
        return self._started(name, kind, told, carrier) if self._tracer else nullcontext()

    @contextmanager
    def _started(
        self, name: str, kind: str, told: Mapping[str, str], carrier: Mapping[str, str] | None
    ) -> Iterator[None]:
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, Status, StatusCode

        assert self._tracer  # noqa: S101 - only started where there is one
        above = None if carrier is None else extract(carrier)
        with self._tracer.start_as_current_span(
            name, above, SpanKind[kind], told, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException:
                span.set_status(Status(StatusCode.ERROR))  # the error's text may quote data
                raise


def open_tracing(environment: Mapping[str, str] = os.environ) -> Tracing:
    """Return tracing to the collector that OpenTelemetry's settings name; else one that is off."""
    if not any(environment.get(name) for name in _ENDPOINTS):
        return Tracing()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(
        resource=Resource.create({"service.name": environment.get("OTEL_SERVICE_NAME", "tiegraph")})
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
