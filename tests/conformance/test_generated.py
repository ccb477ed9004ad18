"""Documents that nobody would write: every valid one is answered, and none fails inside."""

import os

import pytest
from graphql import print_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import from_schema, nodes

from api.execution import answer
from api.schema import SCHEMA
from api.tokens import Viewer
from tests.api.conftest import Service

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


@pytest.mark.database
@settings(
    max_examples=CASES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(document=st.data())
def test_no_document_makes_the_service_fail(village: Service, document: st.DataObject) -> None:
    text = document.draw(_DOCUMENTS)
    found = village.run(answer(village.services, text, None, Viewer("admin", "tester")))
    codes = {error["extensions"]["code"] for error in found.get("errors", ())}
    assert not codes & OUR_FAULT, (text, found["errors"])
