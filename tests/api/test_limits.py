"""What is made to keep the service busy is refused before anything is read for it."""

import time
from typing import Any

import pytest
from graphql import get_introspection_query

from api.documents import operation
from graph.settings import Settings
from tests.api.conftest import Service

NESTED = "contacts(first: 100) { nodes { "
CIRCULAR = "types { fields { type { "

# Shapes that attackers' tools send, graphql-cop's among them, and what refuses them.
SHAPES = {
    "aliases": ("{ " + " ".join(f"a{n}: viewer {{ role }}" for n in range(101)) + " }", "aliases"),
    "aliases of lists": (
        "{ "
        + " ".join(f"a{n}: subscribers(first: 100) {{ totalCount }}" for n in range(60))
        + " }",
        "aliases",
    ),
    "directives": (
        "{ viewer { role " + "@skip(if: false) " * 10 + "} }",
        "directives in one place",
    ),
    "unknown directives": ("{ viewer { role " + "@aa" * 900 + " } }", "directives"),
    "many directives": (
        "{ viewer { "
        + " ".join(f"a{n}: role @skip(if: false) @include(if: true)" for n in range(30))
        + " } }",
        "more than 50 directives",
    ),
    "duplicate fields": ("{ viewer { " + "role " * 150 + "} }", "20 selections again"),
    "duplicate objects": ("{ " + "viewer { role } " * 100 + "}", "20 selections again"),
    "duplicate spreads": (
        "{ " + "...A " * 100 + "} fragment A on Query { viewer { role } }",
        "20 selections again",
    ),
    "breadth": ("{ viewer { " + " ".join(f"f{n}" for n in range(900)) + " } }", "side by side"),
    "depth": (
        '{ subscriber(key: "a") { ' + "contacts { nodes { " * 12 + "key" + " } }" * 12 + " } }",
        "more than 16 deep",
    ),
    "deeper than the parser": ("{ a " * 1_100, "Syntax Error"),
    "huge lists": ("{ subscribers(first: 1000000000) { nodes { key } } }", "smaller pages"),
    "lists of lists": (
        "{ subscribers(first: 100) { nodes { " + NESTED * 2 + "key" + " } }" * 3 + " }",
        "smaller pages",
    ),
    "lists of fragments": (
        "{ subscribers(first: 100) { nodes { ...A } } } "
        "fragment A on Subscriber { contacts(first: 100) { nodes { ...B } } } "
        "fragment B on Subscriber { friends(first: 100) { ...C } } "
        "fragment C on FriendConnection { nodes { key } }",
        "smaller pages",
    ),
    "circular introspection": (
        "{ __schema { " + CIRCULAR * 3 + "name" + " } } }" * 3 + " } }",
        "Maximum introspection depth exceeded",
    ),
    "introspection again and again": (
        "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(10)) + " }",
        "schema more than 4 times",
    ),
    "circular fragments": (
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
        "Cannot spread fragment",
    ),
    "operations": (
        " ".join(f"query Q{n} {{ viewer {{ role }} }}" for n in range(50)),
        "operations",
    ),
    "fragments": (
        "{ viewer { role } } "
        + " ".join(f"fragment F{n} on Viewer {{ role }}" for n in range(150)),
        "fragments",
    ),
    "tokens": ("{ viewer { role" + " a" * 30_000 + " } }", "more than 2000 tokens"),
    "length": ("{ viewer { role } } #" + "x" * 66_000, "longer than 65536 characters"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_refused_before_anything_is_read(nowhere: Service, shape: str) -> None:
    document, reason = SHAPES[shape]
    response = nowhere.post(document)
    assert response.status_code == 400
    body = response.json()
    assert "data" not in body
    assert reason in body["errors"][0]["message"]
    assert nowhere.database.asked == []


def test_a_batch_is_refused(nowhere: Service) -> None:
    """Whatever it holds; GraphQL over HTTP knows one question at a time."""
    response = nowhere.request("POST", "/graphql", json=[{"query": "{ viewer { role } }"}] * 50)
    assert response.status_code == 401
    token = nowhere.post("{ viewer { role } }").request.headers["authorization"]
    headers = {"authorization": token}
    response = nowhere.request("POST", "/graphql", json=[{"query": "{ a }"}] * 50, headers=headers)
    assert response.status_code == 400
    assert "batches are not understood" in response.json()["errors"][0]["message"]


def test_a_flood_of_tokens_is_read_up_to_the_bound(nowhere: Service) -> None:
    """Behind it, there is what would be an error of its own."""
    (error,) = nowhere.post("{ a" + " a" * 3_000 + " ???").json()["errors"]
    assert "more than 2000 tokens" in error["message"]


def test_long_lists_in_variables_are_refused(nowhere: Service) -> None:
    question = "query ($s: [ProblemState!]) { problems(filter: {states: $s}) { totalCount } }"
    assert nowhere.errors(question, {"s": ["OPEN"] * 1_001}) == [
        ("BAD_USER_INPUT", "$s has a list of more than 1000")
    ]
    assert nowhere.database.asked == []


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
    for document, _ in SHAPES.values():
        began_s = time.perf_counter()
        nowhere.post(document)
        assert time.perf_counter() - began_s < 2
