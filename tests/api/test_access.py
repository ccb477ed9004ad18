"""Who may ask for what."""

import pytest
from graphql import parse

from api.access import RULES, denied
from api.coordinates import coordinates
from api.schema import SCHEMA
from api.tokens import issue_token
from graph.settings import Role, Settings
from tests.api.conftest import GRAPHQL_JSON, Service

READERS: list[Role] = ["analyst", "retention", "care", "admin"]
EVERYTHING = """
    query Q($identity: String!) {
      viewer { role }
      node(id: "x") { id }
      subscribers { nodes { ...Who } }
      subscriber(identity: $identity) { key }
    }
    fragment Who on Subscriber { contacts { edges { outgoing { calls } } } }
"""


def test_a_document_asks_for_what_it_selects_wherever_that_stands() -> None:
    """Read off the document above; introspection is left out."""
    document = parse(EVERYTHING.replace("viewer {", "__schema { description } viewer { __typename"))
    assert coordinates(SCHEMA, document) == {
        "Query.viewer",
        "Viewer.role",
        "Query.node",
        "Node.id",
        "Query.subscribers",
        "SubscriberConnection.nodes",
        "Subscriber.contacts",
        "ContactConnection.edges",
        "ContactEdge.outgoing",
        "Tie.calls",
        "Query.subscriber",
        "Query.subscriber(identity:)",
        "Subscriber.key",
    }


def test_what_no_rule_names_is_refused() -> None:
    assert denied("admin", frozenset({"Query.viewer", "Query.everything"})) == ["Query.everything"]


def test_a_partner_may_ask_who_they_are_and_who_consents() -> None:
    allowed = {name for name, roles in RULES.items() if "partner" in roles}
    assert {name for name in allowed if name.startswith(("Query.", "Mutation."))} == {
        "Query.viewer",
        "Query.appInsight",
        "Query.consentedSubscriber",
        "Query.consentingSubscribers",
        "Query.subscriberLocation",
        "Query.subscribersAggregate",
        "Query.audience",
        "Mutation.startDelivery",
        "Mutation.deliver",
        "Mutation.openDispute",
        "Mutation.replaceOwnKeys",
    }


@pytest.mark.parametrize(
    ("role", "is_allowed"),
    [("care", True), ("admin", True), ("analyst", False), ("retention", False), ("partner", False)],
)
def test_identities_resolve_for_care_and_admin_only(role: Role, is_allowed: bool) -> None:
    assert (denied(role, frozenset({"Query.subscriber(identity:)"})) == []) == is_allowed


@pytest.mark.parametrize(
    ("role", "is_allowed"),
    [("analyst", True), ("admin", True), ("care", True), ("retention", False), ("partner", False)],
)
def test_loads_are_for_analysts_care_and_admins(role: Role, is_allowed: bool) -> None:
    wanted = frozenset({"Query.loads", "LoadConnection.nodes", "Load.state"})
    assert (denied(role, wanted) == []) == is_allowed


def test_a_refusal_names_the_fields_and_runs_nothing(nowhere: Service) -> None:
    response = nowhere.post(EVERYTHING, {"identity": "4512345678"}, role="analyst")
    assert response.status_code == 403
    assert response.json() == {
        "errors": [
            {
                "message": "the role analyst may not ask for Query.subscriber(identity:)",
                "extensions": {"code": "PERMISSION_DENIED"},
            }
        ]
    }
    assert nowhere.database.asked == []


def test_introspection_is_for_whoever_may_ask_at_all(nowhere: Service) -> None:
    query = '{ __schema { queryType { name } } __type(name: "Tie") { name } }'
    schema = {"queryType": {"name": "Query"}}
    assert nowhere.data(query, role="care") == {"__schema": schema, "__type": {"name": "Tie"}}
    assert nowhere.data(query, role="partner") == {"__schema": schema, "__type": None}
    assert nowhere.post(query, role=None).status_code == 401


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        (None, 'Bearer realm="tiegraph"'),
        ("Bearer", 'Bearer realm="tiegraph", error="invalid_token"'),
        ("Bearer nonsense", 'Bearer realm="tiegraph", error="invalid_token"'),
        ("Basic dXNlcjpwYXNz", 'Bearer realm="tiegraph", error="invalid_token"'),
    ],
)
def test_without_a_good_token_401(nowhere: Service, header: str | None, challenge: str) -> None:
    headers = {"accept": GRAPHQL_JSON} | ({"authorization": header} if header else {})
    body = {"query": "{ viewer { role } }"}
    response = nowhere.request("POST", "/graphql", json=body, headers=headers)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, challenge)
    assert [e["extensions"]["code"] for e in response.json()["errors"]] == ["UNAUTHENTICATED"]


def test_a_role_may_be_given_to_those_without_a_token(nowhere: Service) -> None:
    """But a bad token does not become none."""
    settings: Settings = nowhere.settings.model_copy(update={"anonymous_role": "partner"})
    service = Service(settings, nowhere.database, nowhere.ledger, nowhere.runner)
    viewer = service.data("{ viewer { role subject expiresAt } }", role=None)["viewer"]
    assert viewer == {"role": "PARTNER", "subject": "anonymous", "expiresAt": None}
    headers = {"authorization": "Bearer nonsense"}
    body = {"query": "{ viewer { role } }"}
    assert service.request("POST", "/graphql", json=body, headers=headers).status_code == 401


@pytest.mark.parametrize("role", READERS)
def test_who_asks_is_told(nowhere: Service, role: Role) -> None:
    token = issue_token(nowhere.settings, role, "anna")
    response = nowhere.request(
        "POST",
        "/graphql",
        json={"query": "{ viewer { role subject } }"},
        headers={"authorization": f"bearer {token}"},
    )
    assert response.json()["data"] == {"viewer": {"role": role.upper(), "subject": "anna"}}
