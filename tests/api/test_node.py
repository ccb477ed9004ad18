"""Nodes by their global identifiers."""

import pytest

from api.relay import node_id
from tests.api.conftest import Service
from tests.village import MARKET

QUERY = """
    query Node($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Subscriber { key status }
        ... on Place { h3 }
        ... on Cell { key }
        ... on Package { name }
        ... on Payment { amountMinor }
        ... on Device { model }
        ... on App { category }
        ... on Service { subscribers }
        ... on Touchpoint { channel }
        ... on Survey { score }
      }
    }
"""


@pytest.mark.database
@pytest.mark.parametrize(
    ("node_type", "key", "own"),
    [
        ("Subscriber", "emil", {"key": "emil", "status": "CHURNED"}),
        ("Place", MARKET, {"h3": MARKET}),
        ("Cell", "village:mast", {"key": "village:mast"}),
        ("Package", "village:gold", {"name": "Gold"}),
        ("Payment", "pay-4", {"amountMinor": 2999}),
        ("Device", "village:35", {"model": "Five"}),
        ("App", "village:chat", {"category": "social"}),
        ("Service", "messaging", {"subscribers": 2}),
        ("Touchpoint", "touch-3", {"channel": "app"}),
        ("Survey", "answer-2", {"score": 9.0}),
    ],
)
def test_a_node_is_found_by_its_identifier(
    village: Service, node_type: str, key: str, own: dict[str, object]
) -> None:
    found = village.data(QUERY, {"id": node_id(node_type, key)})["node"]
    assert found == {"__typename": node_type, "id": node_id(node_type, key)} | own


@pytest.mark.database
@pytest.mark.parametrize(
    "text", ["", "x", "é", node_id("Subscriber", "nobody"), node_id("Mark", "tiegraph")]
)
def test_what_names_no_node_is_null(village: Service, text: str) -> None:
    assert village.data(QUERY, {"id": text}) == {"node": None}
