"""What Prometheus and OpenTelemetry are told, and that nobody is in it."""

import re
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.application import create_application
from api.metrics import Metrics
from api.tokens import issue_token
from api.tracing import Tracing, open_tracing
from tests.api.conftest import Service, fresh_service
from tests.village import KEY

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"  # the example of W3C's standard


def figures(text: str, name: str) -> dict[str, float]:
    """Return the samples of one name, by their labels as the format writes them."""
    lines = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in lines}


def test_requests_are_told_by_operation_and_errors_by_code(
    nowhere: Service, tmp_path: Path
) -> None:
    service = fresh_service(nowhere, tmp_path)
    service.post("query Me { viewer { role } }")
    service.post("query Me { viewer { role } }")
    service.post("query Who { viewer { nothing } }")
    service.request("GET", "/somewhere/4512345678")
    text = service.request("GET", "/metrics").text
    assert figures(text, "tiegraph_request_duration_seconds_count") == {
        'operation="Me",path="/graphql",status="200"': 2,
        'operation="",path="/graphql",status="400"': 1,
        'operation="",path="other",status="404"': 1,
    }
    assert figures(text, "tiegraph_errors_total") == {'code="GRAPHQL_VALIDATION_FAILED"': 1}
    assert "4512345678" not in text


def test_operations_told_apart_are_bounded() -> None:
    metrics = Metrics()
    for number in range(150):
        metrics.request("/graphql", f"Operation{number}", 200, 0.001)
    counts = figures(metrics.text().decode(), "tiegraph_request_duration_seconds_count")
    assert len(counts) == 101
    assert counts['operation="other",path="/graphql",status="200"'] == 50


@pytest.mark.database
def test_each_statement_is_measured(village: Service, tmp_path: Path) -> None:
    service = fresh_service(village, tmp_path)
    service.data('{ subscriber(key: "asha") { contacts { totalCount } } }')
    text = service.request("GET", "/metrics").text
    assert figures(text, "tiegraph_statement_duration_seconds_count") == {
        'outcome="done",statement="tie/contacts"': 1,
        'outcome="done",statement="tie/contact_counts"': 1,
    }
    assert figures(text, "tiegraph_database_connections_in_use") == {"": 0}
    assert "asha" not in text


@pytest.mark.database
def test_a_trace_leads_from_the_request_to_each_statement(village: Service) -> None:
    """The caller's span is the example of the W3C standard on trace context."""
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    application = create_application(
        village.settings, village.database, village.ledger, KEY, tracing=Tracing(provider)
    )
    token = issue_token(village.settings, "admin", "tester")
    headers = {"authorization": f"Bearer {token}", "traceparent": PARENT}
    query = 'query View { subscriber(key: "asha") { friends { nodes { key } } } }'

    async def ask() -> None:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://village") as client:
            await client.post("/graphql", json={"query": query}, headers=headers)

    village.run(ask())
    told = {span.name: span for span in spans.get_finished_spans()}
    assert list(told) == ["subscriber/by_key", "subscriber/met", "query View", "POST request"]
    above = {name: span.parent and span.parent.span_id for name, span in told.items()}
    ids = {name: span.context.span_id for name, span in told.items() if span.context}
    assert above == {
        "POST request": 0xB7AD6B7169203331,
        "query View": ids["POST request"],
        "subscriber/by_key": ids["query View"],
        "subscriber/met": ids["query View"],
    }
    assert "asha" not in str([span.to_json() for span in told.values()])


def test_traces_are_off_unless_a_collector_is_named() -> None:
    assert open_tracing({})._provider is None
    on = open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
    assert on._provider is not None
    on.shutdown()
