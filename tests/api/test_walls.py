"""A partner tries every way in on somebody who opened nothing, and finds what it would of nobody.

Ways in are read off the application and the schema, so that a new one is tried, or has to be named
here with the tests that try it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)
from starlette.routing import BaseRoute, Mount

from api.schema import SCHEMA
from api.tokens import issue_token
from graph.consent.pairwise import pairwise
from graph.consent.terms import Terms
from tests.api.conftest import GRAPHQL_JSON, Service, fresh_service
from tests.village import KEY

pytestmark = pytest.mark.database

#: In the village, with friends, places, apps and payments; and in it not at all.
THERE, NOBODY = "asha", "nobody"
NEIGHBOURS = ("bram", "chidi", "dewi", "emil", "fatou", "1980", "gold")
OPENING: dict[str, Any] = {"role": "partner", "subject": "cinema", "purpose": "dpv:Marketing"}
STREAMED = "text/event-stream"
#: Where nothing of a person is, or where it is tried by the tests beside them.
BESIDE = {
    "/quality/assets": "files of the page",
    "/graphiql": "files of the page",
    "/healthz": "a word",
    "/readyz": "a word",
    "/oauth/token": "tests/api/test_token_endpoint.py",
    "/oauth/jwks.json": "public keys",
    "/partners": "tests/api/test_statement.py: signing up",
    "/statements/{number}.{kind}": "tests/api/test_statement.py: money, of nobody",
    "/camara": "tests/conformance/camara",
}
TRIED = {"/graphql", "/quality", "/quality/{load_id}", "/metrics"}


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    fresh = fresh_service(village, tmp_path)
    settings = fresh.settings.model_copy(update={"request_rates": {"partner": 1e6}})
    return replace(fresh, settings=settings)


def path_of(route: BaseRoute) -> str:
    return cast(Mount, route).path


def value_for(kind: GraphQLInputType, key: str) -> Any:
    """Return something that an argument may be, and the key wherever that may be."""
    if isinstance(kind, GraphQLNonNull):
        return value_for(kind.of_type, key)
    if isinstance(kind, GraphQLList):
        return [value_for(kind.of_type, key)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {
            name: it for name, it in kind.fields.items() if isinstance(it.type, GraphQLNonNull)
        }
        return {name: value_for(it.type, key) for name, it in needed.items()}
    values = {"Int": 1, "BigInt": 1, "Float": 0.5, "Boolean": True, "Date": "2026-01-01"}
    return {**values, "DateTime": "2026-01-01T00:00:00Z"}.get(str(kind), key)


def is_asked_with(name: str, kind: GraphQLInputType) -> bool:
    return isinstance(kind, GraphQLNonNull) or name in ("key", "identity", "subscriber", "id")


def question(root: str, name: str, field: GraphQLField, key: str) -> tuple[str, dict[str, Any]]:
    """Return a document that asks for one field of the root, and its variables."""
    kinds = {name: it.type for name, it in field.args.items() if is_asked_with(name, it.type)}
    variables = {name: value_for(kind, key) for name, kind in kinds.items()}
    declared = ", ".join(f"${it}: {kind}" for it, kind in kinds.items())
    passed = ", ".join(f"{it}: ${it}" for it in kinds)
    selection = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    head = f"{root.lower()}({declared})" if kinds else root.lower()
    return f"{head} {{ {name}{f'({passed})' if kinds else ''} {selection} }}", variables


def roots() -> Iterator[tuple[str, str]]:
    for root in ("Query", "Mutation", "Subscription"):
        for name in cast(GraphQLObjectType, SCHEMA.type_map[root]).fields:
            yield root, name


def keys_of(service: Service) -> list[tuple[str, str]]:
    """Return how a partner may write each of the two: as we do, and as it would."""
    epoch = service.settings.pairwise_epochs.get("cinema", 1)
    theirs = [pairwise(KEY, "cinema", epoch, name) for name in (THERE, NOBODY)]
    return [(THERE, NOBODY), (theirs[0], theirs[1])]


def told(response: httpx.Response, key: str) -> tuple[int, str]:
    """Return what an answer tells, without what was asked and which request it was."""
    return response.status_code, response.text.replace(key, "?")


def attempt(
    service: Service, root: str, name: str, field: GraphQLField, key: str, headers: dict[str, str]
) -> tuple[int, str, list[str]]:
    """Return what one field of the root answers about a key, and what the graph was asked."""
    document, variables = question(root, name, field, key)
    service.database.asked.clear()
    body = {"query": document, "variables": variables}
    response = service.request("POST", "/graphql", json=body, headers=headers)
    return *told(response, key), sorted(service.database.asked)


def test_every_way_in_is_known(service: Service) -> None:
    paths = {path_of(route) for route in service.application.routes}
    assert paths == TRIED | BESIDE.keys()
    files = [reason.partition(":")[0] for reason in BESIDE.values() if reason.startswith("tests/")]
    assert [file for file in files if not (Path(__file__).parents[2] / file).exists()] == []


@pytest.mark.parametrize("accept", [GRAPHQL_JSON, STREAMED])
def test_no_field_of_graphql_tells_of_who_opened_nothing(service: Service, accept: str) -> None:
    token = issue_token(service.settings, **OPENING)
    headers = {"accept": accept, "authorization": f"Bearer {token}"}
    for root, name in roots():
        field = cast(GraphQLObjectType, SCHEMA.type_map[root]).fields[name]
        for pair in keys_of(service):
            found = [attempt(service, root, name, field, key, headers) for key in pair]
            assert found[0] == found[1], name
            assert [word for word in NEIGHBOURS if word in found[0][1]] == [], name


def test_the_attempts_would_find_who_opened_something(service: Service) -> None:
    """So that what is compared above is no two refusals of a document that nobody can ask."""
    now = datetime.now(UTC)
    scope, end = frozenset({"demographics"}), now + timedelta(days=1)
    terms = Terms(THERE, "cinema", "dpv:Marketing", scope, now, end, "call 7")
    service.services.consents.give(terms, "self")
    field = cast(GraphQLObjectType, SCHEMA.type_map["Query"]).fields["consentedSubscriber"]
    answers = [
        service.data(*question("Query", "consentedSubscriber", field, key), **OPENING)
        for key in keys_of(service)[1]
    ]
    seen = {"consentedSubscriber": {"__typename": "ConsentedSubscriber"}}
    assert answers == [seen, {"consentedSubscriber": None}]


@pytest.mark.parametrize("path", sorted(TRIED - {"/graphql"}))
def test_no_page_tells_of_who_opened_nothing(service: Service, path: str) -> None:
    token = issue_token(service.settings, **OPENING)
    headers = {"authorization": f"Bearer {token}"}
    for key in (THERE, NOBODY):
        asked = path.replace("{load_id}", key)
        response = service.request("GET", asked, headers=headers, params={"key": key})
        assert [word for word in (THERE, *NEIGHBOURS) if word in told(response, key)[1]] == []
