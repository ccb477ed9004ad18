"""The service as its real clients find it, each in the version of package-lock.json."""

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from api.documents import operations
from api.trusted import documents
from tests.village import SQUARE

ROOT = Path(__file__).parent.parent.parent
ROLE = {"viewer": {"role": "ADMIN"}}

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def found(url: str, run_node: Callable[..., str]) -> dict[str, Any]:
    """Return what the clients in JavaScript found, all in one process of Node."""
    answered: dict[str, Any] = json.loads(run_node("clients.mjs", url, SQUARE))
    return answered


def test_graphql_http_finds_nothing_to_complain_about(found: dict[str, Any]) -> None:
    """Its audit has 61 checks of GraphQL over HTTP."""
    odd = [audit for audit in found["audits"] if audit["status"] != "ok"]
    assert odd == []
    assert Counter(audit["status"] for audit in found["audits"]) == {"ok": 61}


def test_graphql_ws_and_graphql_sse_are_answered(found: dict[str, Any]) -> None:
    assert found["socketQuery"]["data"] == found["sseQuery"]["data"] == ROLE
    nothing_scored = {"placeExperience": None}
    assert found["socketPlace"]["data"] == found["ssePlace"]["data"] == nothing_scored


def test_what_urql_changes_all_clients_are_told(found: dict[str, Any]) -> None:
    change = {"problem": {"key": "p", "state": "OPEN"}, "event": {"action": "comment"}}
    told = [{k: v for k, v in one.items() if k == "data"} for one in found["change"]["told"]]
    assert _without_types(told) == [{"data": {"problem": change}}] * 3
    assert _without_types(found["change"]["done"]) == {"commentProblem": {"key": "p"}}


def test_urql_asks_by_the_name_of_a_document(found: dict[str, Any]) -> None:
    assert found["named"] == ROLE


def test_relay_compiles_an_app_against_the_schema(
    run_node: Callable[..., str], tmp_path: Path
) -> None:
    """It accepts connections, nodes and refetchable fragments only as Relay has them."""
    (tmp_path / "generated").mkdir()
    shutil.copy(ROOT / "schema.graphql", tmp_path)
    shutil.copytree(Path(__file__).parent / "relay", tmp_path / "relay")
    config = tmp_path / "relay.config.json"
    known = {"src": "relay", "schema": "schema.graphql", "artifactDirectory": "generated"}
    persist = {"file": "trusted/relay.json", "algorithm": "SHA256"}
    config.write_text(json.dumps(known | {"language": "javascript", "persistConfig": persist}))
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "relay.json").write_text("{}")
    compiler = Path(__file__).parent / "node_modules" / "relay-compiler" / "cli.js"
    run_node(str(compiler), "relay.config.json", cwd=tmp_path)
    made = {path.name for path in (tmp_path / "generated").iterdir()}
    assert {"AppQuery.graphql.js", "AppContactsQuery.graphql.js"} <= made
    assert {"AppProblemSubscription.graphql.js", "AppAcknowledgeMutation.graphql.js"} <= made
    # What it persists can be trusted as it is.
    named = json.loads((tmp_path / "trusted" / "relay.json").read_text())
    trusted = documents(tmp_path / "trusted")
    assert {name: trusted[f"sha256:{name}"] for name in named} == named
    assert {one for text in named.values() for one in operations(text, "admin")} == {
        path.removesuffix(".graphql.js") for path in made if re.search("(Query|on).graphql", path)
    }


def test_gql_asks_over_http_and_subscribes_over_a_websocket(url: str) -> None:
    """It fetches the schema, too, and checks its own document against it."""

    async def ask() -> tuple[Any, Any]:
        http = Client(transport=HTTPXAsyncTransport(url), fetch_schema_from_transport=True)
        async with http as session:
            viewer = await session.execute(gql("{ viewer { role } }"))
        sockets = WebsocketsTransport(url.replace("http", "ws"))
        async with Client(transport=sockets) as session:
            place = gql(f'subscription {{ placeExperience(h3: "{SQUARE}") {{ cei }} }}')
            async for told in session.subscribe(place):
                return viewer, told
        raise AssertionError("nothing was told")

    assert asyncio.run(ask()) == (ROLE, {"placeExperience": None})


def _without_types(value: Any) -> Any:
    """Return data without what urql adds to each document."""
    match value:
        case dict():
            return {k: _without_types(v) for k, v in value.items() if k != "__typename"}
        case list():
            return [_without_types(item) for item in value]
    return value
