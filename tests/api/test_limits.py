"""What is made to keep the service busy is refused before anything is read for it."""

import time
from typing import Any

import pytest
from graphql import get_introspection_query

from api.documents import operation
from graph.settings import Settings
from tests.api.conftest import Service
from tests.api.test_endpoint import send
from tests.shapes import SHAPES


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_refused_before_anything_is_read(nowhere: Service, shape: str) -> None:
    body, reason = SHAPES[shape]
    response = send(nowhere, body)
    assert response.status_code in (400, 413)
    assert "data" not in response.json()
    assert reason in response.json()["errors"][0]["message"]
    assert nowhere.database.asked == []


@pytest.mark.parametrize("token", ["a" * 60_000, "a." * 30_000, ".".join(["a" * 20_000] * 3)])
def test_a_long_token_is_refused(nowhere: Service, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    assert send(nowhere, b"{}", headers=headers).status_code == 401


def test_a_flood_of_tokens_is_read_up_to_the_bound(nowhere: Service) -> None:
    """Behind it, there is what would be an error of its own."""
    (error,) = nowhere.post("{ a" + " a" * 3_000 + " ???").json()["errors"]
    assert "more than 2000 tokens" in error["message"]


@pytest.mark.parametrize(
    ("question", "variables", "cost"),
    [
        ("{ viewer { role subject } }", {}, 3),
        ("{ a: viewer { role } b: viewer { role } }", {}, 4),
        # subscribers, and 20 times a node with a key
        ("{ subscribers { nodes { key } } }", {}, 1 + 20 * 2),
        ("{ subscribers(first: 7) { totalCount nodes { key } } }", {}, 2 + 7 * 2),
        ("{ subscribers(last: 7) { edges { node { key } } } }", {}, 1 + 7 * 3),
        ("query ($n: Int) { subscribers(first: $n) { nodes { key } } }", {"n": 9}, 1 + 9 * 2),
        ("query ($n: Int) { subscribers(first: $n) { nodes { key } } }", {}, 1 + 20 * 2),
        ("query ($n: Int = 3) { subscribers(first: $n) { nodes { key } } }", {}, 1 + 3 * 2),
        # within each of 5 nodes, contacts and 4 edges with cursor, node and key
        (
            "query ($n: Int!) { subscribers(first: 5) { nodes { key contacts(first: $n) "
            "{ edges { cursor node { key } } } } } }",
            {"n": 4},
            1 + 5 * (1 + 1 + 1 + 4 * 4),
        ),
        # fragments cost where they are spread, on a connection, too
        (
            "{ subscribers(first: 5) { ...Page } } "
            "fragment Page on SubscriberConnection { nodes { ...Who } } "
            "fragment Who on Subscriber { key status }",
            {},
            1 + 5 * 3,
        ),
        # a list without pages has ten, as most of these have at most
        ('{ node(id: "x") { ... on Site { cells { key } } } }', {}, 1 + 10 * 2),
    ],
)
def test_the_cost_is_the_most_fields_that_an_answer_can_have(
    nowhere: Service, question: str, variables: dict[str, Any], cost: int
) -> None:
    """Counted by hand; told by what a budget of nothing says."""
    settings = nowhere.settings.model_copy(update={"cost_budgets": {"admin": 1}})
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    response = service.post(question, variables)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert (error["extensions"]["cost"], error["extensions"]["budget"]) == (cost, 1)
    assert service.database.asked == []


def test_an_answer_tells_its_cost(nowhere: Service) -> None:
    response = nowhere.post("{ viewer { role subject } }", role="partner")
    assert response.json()["extensions"] == {"cost": {"most": 3, "budget": 10_000}}


def test_a_role_has_its_own_budget(nowhere: Service) -> None:
    """1 + 100 * (node + contacts + 100 * (node + key)) = 20,201, for which 20,000 are few."""
    question = "{ subscribers(first: 100) { nodes { contacts(first: 100) { nodes { key } } } } }"
    update = {"cost_budgets": {"retention": 20_000}}
    settings = nowhere.settings.model_copy(update=update)
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    (error,) = service.errors(question, role="retention")
    assert error[0] == "QUERY_TOO_COSTLY"
    assert service.errors(question, role="care")[0][0] == "DATABASE_UNAVAILABLE"


def test_graphiql_may_ask_for_the_schema(nowhere: Service) -> None:
    document = get_introspection_query(
        specified_by_url=True, input_value_deprecation=True, schema_description=True
    )
    assert nowhere.data(document, role="analyst")["__schema"]["types"]


def test_a_document_is_parsed_and_planned_once(nowhere: Service) -> None:
    """The second time nothing of it is looked at again: it is the same object."""
    text = "{ viewer { role subject expiresAt } }"
    first = operation(text, None, "analyst", is_get=False)
    assert operation(text, None, "care", is_get=True) is first


def test_settings_may_say_limits_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEGRAPH_COST_BUDGETS", '{"partner": 7}')
    monkeypatch.setenv("TIEGRAPH_REQUEST_RATES", '{"care": 0.5}')
    settings = Settings()
    assert (settings.cost_budgets, settings.request_rates) == ({"partner": 7}, {"care": 0.5})


def test_the_slowest_refusal_is_quick(nowhere: Service) -> None:
    """Bound by far: a busy machine must not fail this, a shape that takes seconds must."""
    for body, _ in SHAPES.values():
        began_s = time.perf_counter()
        send(nowhere, body)
        assert time.perf_counter() - began_s < 2
