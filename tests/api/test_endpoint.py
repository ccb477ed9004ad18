"""GraphQL over HTTP, as the draft specification has it; no question here needs a database."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.execution import answer
from api.tokens import Viewer, issue_token
from tests.api.conftest import GRAPHQL_JSON, Service, fresh_service

JSON = "application/json"
ASK = "{ viewer { role } }"
ANSWER = {
    "data": {"viewer": {"role": "ADMIN"}},
    "extensions": {"cost": {"most": 2, "budget": 100_000}},
}


def bearer(service: Service) -> dict[str, str]:
    return {"authorization": f"Bearer {issue_token(service.settings, 'admin', 'tester')}"}


def send(service: Service, body: Any = None, **more: Any) -> httpx.Response:
    """Post a body with a token, as JSON unless it is bytes already."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": JSON, "accept": GRAPHQL_JSON} | bearer(service)
    headers |= more.pop("headers", {})
    return service.request("POST", "/graphql", content=content, headers=headers, **more)


def codes(response: httpx.Response) -> list[str]:
    assert "data" not in response.json()
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [(GRAPHQL_JSON, GRAPHQL_JSON), (JSON, JSON), ("*/*", JSON), (f"{JSON}, {GRAPHQL_JSON}", JSON)],
)
def test_the_answer_has_the_media_type_that_was_asked_for(
    nowhere: Service, accept: str, media_type: str
) -> None:
    response = send(nowhere, {"query": ASK}, headers={"accept": accept})
    assert (response.status_code, response.json()) == (200, ANSWER)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


def test_an_answer_to_get_is_sent_again_only_if_it_changed(nowhere: Service) -> None:
    """Tags are compared weakly (RFC 9110, 13.1.2), and each token has its own."""
    ask = {"params": {"query": ASK}}
    mine = bearer(nowhere) | {"accept": GRAPHQL_JSON}
    first = nowhere.request("GET", "/graphql", headers=mine, **ask)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Accept, Authorization"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = nowhere.request("GET", "/graphql", headers=mine | {"if-none-match": known}, **ask)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    for other in ({"accept": JSON}, bearer(nowhere), {"if-none-match": '"other"'}):
        headers = mine | {"if-none-match": tag} | other
        assert nowhere.request("GET", "/graphql", headers=headers, **ask).status_code == 200
    headers = {"if-none-match": tag}
    assert nowhere.request("GET", "/graphql", headers=headers, **ask).status_code == 401


def test_what_failed_or_was_posted_is_not_kept(nowhere: Service) -> None:
    failed = nowhere.request("GET", "/graphql", params={"query": "{ a }"}, headers=bearer(nowhere))
    for response in (failed, send(nowhere, {"query": ASK}, headers={"if-none-match": "*"})):
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers


def test_an_unknown_media_type_gets_406(nowhere: Service) -> None:
    response = send(nowhere, {"query": ASK}, headers={"accept": "image/png"})
    assert (response.status_code, codes(response)) == (406, ["BAD_USER_INPUT"])


def test_a_client_that_leaves_in_the_middle_is_no_error(nowhere: Service, tmp_path: Path) -> None:
    """A real socket closes after 9 of 1,000 bytes."""
    service = fresh_service(nowhere, tmp_path)

    async def leave() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = uvicorn.Server(uvicorn.Config(service.application, lifespan="off"))
            serving = asyncio.ensure_future(server.serve(sockets=[listener]))
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            head = {"host": "here", "content-type": JSON, "content-length": "1000"}
            lines = [f"{name}: {value}" for name, value in (head | bearer(service)).items()]
            writer.write("\r\n".join(["POST /graphql HTTP/1.1", *lines, "", '{"query":']).encode())
            writer.write_eof()
            assert await reader.read() == b""  # the server has seen it
            writer.close()
            server.should_exit = True
            await serving

    service.run(asyncio.wait_for(leave(), 30))
    (line,) = map(json.loads, service.log.getvalue().splitlines())
    assert (line["level"], line["event"], line["status"]) == ("info", "disconnect", None)


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/json; charset=utf-16"])
def test_another_content_type_gets_415(nowhere: Service, content_type: str) -> None:
    response = send(nowhere, {"query": ASK}, headers={"content-type": content_type})
    assert (response.status_code, codes(response)) == (415, ["BAD_USER_INPUT"])


def test_a_charset_may_be_named(nowhere: Service) -> None:
    headers = {"content-type": 'application/json; charset="UTF-8"'}
    assert send(nowhere, {"query": ASK}, headers=headers).json() == ANSWER


def test_a_long_request_gets_413(nowhere: Service) -> None:
    """The bound is one MiB."""
    response = send(nowhere, {"query": ASK, "more": "x" * 1_048_576})
    assert (response.status_code, codes(response)) == (413, ["BAD_USER_INPUT"])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_gets_405(nowhere: Service, method: str) -> None:
    response = nowhere.request(method, "/graphql", headers=bearer(nowhere))
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'[{"query": "{ viewer { role } }"}]',
        b'"{ viewer { role } }"',
        b"\xff\xfe",
        b'{"query": "\\ud800"}',
        {},
        {"query": None},
        {"query": 7},
        {"query": ["{ viewer { role } }"]},
        {"query": ASK, "variables": []},
        {"query": ASK, "variables": "{}"},
        {"query": ASK, "operationName": 7},
        {"query": ASK, "extensions": []},
        {"Query": ASK},
    ],
    ids=str,
)
@pytest.mark.parametrize("accept", [GRAPHQL_JSON, JSON])
def test_malformed_requests_get_400(nowhere: Service, body: Any, accept: str) -> None:
    response = send(nowhere, body, headers={"accept": accept})
    assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ " * 900 + "a" + " }" * 900}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ viewer { role } }" + " a" * 4_000}, "GRAPHQL_PARSE_FAILED"),
        ({"query": f"{ASK} #" + "x" * 66_000}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "mutation { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "fragment A on Query { viewer { role } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { viewer { role } } query B { viewer { role } }"},) * 1
        + ("GRAPHQL_VALIDATION_FAILED",),
        ({"query": ASK, "operationName": "Other"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($f: Int!) { packages(first: $f) { totalCount } }"}, "BAD_USER_INPUT"),
        (
            {
                "query": "query ($f: Int!) { packages(first: $f) { totalCount } }",
                "variables": {"f": "seven"},
            },
            "BAD_USER_INPUT",
        ),
    ],
    ids=lambda part: str(part)[:60],
)
def test_a_document_that_cannot_run_gets_400_or_from_old_clients_200(
    nowhere: Service, body: Any, code: str
) -> None:
    response = send(nowhere, body)
    assert (response.status_code, codes(response)) == (400, [code])
    response = send(nowhere, body, headers={"accept": JSON})
    assert (response.status_code, codes(response)) == (200, [code])


def test_half_a_character_in_a_variable_is_bad_input(nowhere: Service) -> None:
    """JSON can hold it, UTF-8 cannot; the command line reads variables with Python's own parser."""
    question = "query ($key: ID!) { subscriber(key: $key) { key } }"
    viewer = Viewer("analyst", "tester")
    answered = nowhere.run(answer(nowhere.services, question, {"key": "\ud800"}, viewer))
    assert [error["extensions"]["code"] for error in answered["errors"]] == ["BAD_USER_INPUT"]


def test_unknown_members_are_ignored(nowhere: Service) -> None:
    body = {"query": ASK, "id": 7, "variables": None, "operationName": None, "extensions": None}
    assert send(nowhere, body).json() == ANSWER


def test_the_operation_is_chosen_by_name(nowhere: Service) -> None:
    """Only what the chosen operation asks for counts: a partner may ask for the second alone."""
    query = "query A { packages { totalCount } } query B { viewer { role } }"
    token = issue_token(nowhere.settings, "partner", "tester")
    headers = {"authorization": f"Bearer {token}"}
    chosen = send(nowhere, {"query": query, "operationName": "B"}, headers=headers)
    assert chosen.json()["data"] == {"viewer": {"role": "PARTNER"}}
    refused = send(nowhere, {"query": query, "operationName": "A"}, headers=headers)
    assert (refused.status_code, codes(refused)) == (403, ["PERMISSION_DENIED"])


def test_questions_may_be_sent_by_get(nowhere: Service) -> None:
    params = {"query": "query Q($no: Boolean!) { viewer { role @skip(if: $no) subject } }"}
    params |= {"variables": '{"no": true}', "operationName": "Q", "extensions": "{}"}
    response = nowhere.request("GET", "/graphql", params=params, headers=bearer(nowhere))
    assert response.json()["data"] == {"viewer": {"subject": "tester"}}


@pytest.mark.parametrize(
    "params",
    [{}, {"query": ASK, "variables": "["}, {"query": ASK, "variables": "[]"}],
    ids=str,
)
def test_malformed_addresses_get_400(nowhere: Service, params: dict[str, str]) -> None:
    response = nowhere.request("GET", "/graphql", params=params, headers=bearer(nowhere))
    assert (response.status_code, codes(response)) == (400, ["BAD_USER_INPUT"])


def test_a_mutation_by_get_gets_405(nowhere: Service) -> None:
    params = {"query": "mutation { anything }"}
    response = nowhere.request("GET", "/graphql", params=params, headers=bearer(nowhere))
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


def test_the_correlator_is_echoed_or_made(nowhere: Service) -> None:
    given = send(nowhere, {"query": ASK}, headers={"x-correlator": "b4333c46-49c0"})
    assert given.headers["x-correlator"] == "b4333c46-49c0"
    made = send(nowhere, {"query": ASK}, headers={"x-correlator": "not good\t"})
    assert len(made.headers["x-correlator"]) == 32
