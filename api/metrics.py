"""What Prometheus is told: how long requests and statements take, what fails, and what is open.

Nothing in it is about a person. Names that clients choose are bounded: of operations, the first
hundred are told apart, the rest are ``other``.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from psutil import pid_exists

from cypher import Statement

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where several workers add up, by prometheus-client

_MOST_OPERATIONS = 100
_OTHER = "other"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_PATHS = frozenset({"/graphql", "/graphql/stream", "/quality", "/healthz", "/readyz", "/metrics"})


class Metrics:
    """The figures of one process; with several workers, of all of them together."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._operations: set[str] = set()
        self._requests = Histogram(
            "tiegraph_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("path", "operation", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._errors = Counter(
            "tiegraph_errors",
            "Errors in answers, by the code that the client got.",
            ("code",),
            registry=registry,
        )
        self._statements = Histogram(
            "tiegraph_statement_duration_seconds",
            "Time that Cypher statements took, reading of rows included.",
            ("statement", "outcome"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._connections = Gauge(
            "tiegraph_database_connections_in_use",
            "Connections of the pool that a statement is running on.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._subscriptions = Gauge(
            "tiegraph_subscriptions",
            "Subscriptions that are open.",
            ("transport",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._dropped = Counter(
            "tiegraph_subscription_events_dropped",
            "Events that a slow reader was not told, because newer ones had come.",
            registry=registry,
        )
        if SHARED_FOLDER not in os.environ:
            ProcessCollector(registry=registry)

    def request(self, path: str, operation: str, status: int, duration_s: float) -> None:
        """Count one request."""
        known = path if path in _PATHS else _OTHER
        self._requests.labels(known, self._bounded(operation), str(status)).observe(duration_s)

    def errors(self, problems: Sequence[Mapping[str, Any]]) -> None:
        """Count the errors of one answer."""
        for problem in problems:
            self._errors.labels(problem["extensions"]["code"]).inc()

    @contextmanager
    def statement(self, wanted: Statement) -> Iterator[None]:
        """Measure one statement."""
        started_s, outcome = time.perf_counter(), "failed"
        self._connections.inc()
        try:
            yield
            outcome = "done"
        finally:
            self._connections.dec()
            duration_s = time.perf_counter() - started_s
            self._statements.labels(wanted.name, outcome).observe(duration_s)

    @contextmanager
    def subscription(self, transport: str) -> Iterator[None]:
        """Count a subscription for as long as it is open."""
        gauge = self._subscriptions.labels(transport)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def dropped(self, events: int = 1) -> None:
        """Count events that a slow reader was not told."""
        self._dropped.inc(events)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]  # it carries no types
        return generate_latest(everybody)

    def _bounded(self, operation: str) -> str:
        if operation in self._operations or not operation:
            return operation
        if len(self._operations) >= _MOST_OPERATIONS:
            return _OTHER
        self._operations.add(operation)
        return operation


def forget_the_dead() -> None:
    """Leave processes that are gone out of what is open now, where several workers add up."""
    folder = os.environ.get(SHARED_FOLDER)
    for file in Path(folder).glob("gauge_live*_*.db") if folder else ():
        pid = int(file.stem.rpartition("_")[2])
        if not pid_exists(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]  # it carries no types
