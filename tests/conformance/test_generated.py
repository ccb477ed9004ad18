"""Documents that nobody would write: every valid one is answered, and none fails inside."""

import os
from collections.abc import Iterator

import pytest
from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from api.execution import answer
from api.schema import SCHEMA
from api.tokens import Viewer
from tests.api.conftest import CountingDatabase, Service

#: 2,000 by hand: TIEGRAPH_GENERATED_CASES=2000
CASES = int(os.environ.get("TIEGRAPH_GENERATED_CASES", "25"))
OUR_FAULT = {"INTERNAL", "DATABASE_ERROR", "DATABASE_UNAVAILABLE", "TIMEOUT"}

_DOCUMENTS = from_schema(
    print_schema(SCHEMA),
    custom_scalars={
        "BigInt": st.integers(-(2**63), 2**63 - 1).map(nodes.Int),
        "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
        "DateTime": st.datetimes().map(lambda at: nodes.String(f"{at.isoformat()}Z")),
        "GeoJSON": st.just(nodes.Object([])),
    },
)


@pytest.fixture(scope="module")
def patient(village: Service) -> Iterator[Service]:
    """Serve the village with more time: how busy the machine is does not matter here."""
    more = {"patience_s": 60.0, "statement_timeout_s": 120.0}
    told = village.settings.model_copy(update=more)
    database = CountingDatabase(lambda: village.database._endpoint, told)
    yield Service(told, database, village.ledger, village.runner)
    village.run(database.close())


@pytest.mark.database
@settings(
    max_examples=CASES,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=st.data())
def test_no_document_makes_the_service_fail(patient: Service, document: st.DataObject) -> None:
    text = document.draw(_DOCUMENTS)
    found = patient.run(answer(patient.services, text, None, Viewer("admin", "tester")))
    codes = {error["extensions"]["code"] for error in found.get("errors", ())}
    assert not codes & OUR_FAULT, (text, found["errors"])
