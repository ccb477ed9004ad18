"""What nobody may read in answers and in the log: identities, tokens, and what lies inside."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.tokens import issue_token
from graph.database.session import Row
from tests.api.conftest import CountingDatabase, Service, fresh_service

NUMBER = "4512345678"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ subscriber(identity: 4512345678) { key } }", None),
        ("{ subscriber(identity: 4512345678.5) { key } }", None),
        ("{ subscriber(identity: [4512345678]) { key } }", None),
        ("{ subscriber(identity: {a: 4512345678}) { key } }", None),
        ('{ subscriber(identity "4512345678") { key } }', None),
        ("{ subscriber(identity 4512345678) { key } }", None),
        ("{ subscriber 4512345678 { key } }", None),
        ('{ subscriber(identity: """4512345678""" 4512345678) { key } }', None),
        ('{ subscriber(identity: "4512345678, namespace: "a") { key } }', None),
        ("{ subscriber(identity: 04512345678) { key } }", None),
        ("{ subscriber(identity: 4512345678x) { key } }", None),
        ("query Q($n: String!) { subscriber(identity: $n) { key } }", {"n": 4512345678}),
        ("query Q($n: String!) { subscriber(identity: $n) { key } }", {"n": ["4512345678"]}),
        ("query Q($n: ID!) { subscriber(identity: $n) { key } }", {"n": "4512345678"}),
        ("query Q($n: Gender) { subscribers(filter: {gender: $n}) { totalCount } }", {"n": NUMBER}),
        ('{ subscribers(filter: {gender: "4512345678"}) { totalCount } }', None),
        ("query Q($f: SubscriberFilter) { subscribers(filter: $f) { totalCount } }", {"f": NUMBER}),
        (
            "query Q($f: SubscriberFilter) { subscribers(filter: $f) { totalCount } }",
            {"f": {NUMBER: NUMBER}},
        ),
        ('query Q($n: String! = "4512345678") { subscriber(identity: $n) { key } }', {"n": 1}),
        ("query Q($n: String! = 4512345678) { subscriber(identity: $n) { key } }", None),
        ('{ subscribers(after: "4512345678") { totalCount } }', None),
        ('{ subscriber(identity: "4512345678") { key } }', None),
    ],
)
def test_an_identity_is_never_said_again(
    nowhere: Service, tmp_path: Path, query: str, variables: dict[str, Any] | None
) -> None:
    """Not even where somebody puts it in the wrong place; the last one only lacks the database."""
    service = fresh_service(nowhere, tmp_path)
    response = service.post(query, variables)
    assert response.json()["errors"]
    for text in (response.text, service.log.getvalue(), str(response.headers)):
        assert NUMBER not in text
        assert "451234" not in text


def test_the_access_log_says_what_was_done_and_not_with_whom(
    nowhere: Service, tmp_path: Path
) -> None:
    service = fresh_service(nowhere, tmp_path)
    query = "query WhoIsThis($n: ID!) { viewer { role } node(id: $n) { id } }"
    service.post(query, {"n": "U3Vic2NyaWJlcjphc2hh"}, role="care")
    service.request("GET", f"/somewhere/{NUMBER}?number={NUMBER}")
    service.request("GET", "/healthz")
    entries = [json.loads(line) for line in service.log.getvalue().splitlines()]
    durations = [entry.pop("duration_ms") for entry in entries]
    assert all(0 <= duration_ms < 2_000 for duration_ms in durations)
    assert [len(entry.pop("correlator")) for entry in entries] == [32, 32, 32]
    assert [entry.pop("at")[-1] for entry in entries] == ["Z", "Z", "Z"]
    common = {"event": "request", "level": "info", "role": None, "operation": None, "method": "GET"}
    assert entries == [
        common
        | {
            "method": "POST",
            "path": "/graphql",
            "status": 200,
            "operation": "WhoIsThis",
            "role": "care",
        },
        common | {"path": None, "status": 404},
        common | {"path": "/healthz", "status": 200},
    ]
    assert NUMBER not in service.log.getvalue()
    assert "U3Vic2" not in service.log.getvalue()


def test_a_token_is_not_logged(nowhere: Service, tmp_path: Path) -> None:
    service = fresh_service(nowhere, tmp_path)
    token = issue_token(service.settings, "care", "anna")
    for text in (token, f"{token}x"):
        headers = {"authorization": f"Bearer {text}"}
        service.request("POST", "/graphql", json={"query": "{ viewer { role } }"}, headers=headers)
    log = service.log.getvalue()
    assert "anna" not in log
    assert not [part for part in token.split(".") if part in log]


class BrokenDatabase(CountingDatabase):
    """Fails as no database should, with a text that quotes what it was asked."""

    async def read(self, wanted: Any, **params: Any) -> list[Row]:
        """Fail."""
        raise RuntimeError(f"{wanted.text} {params} {NUMBER}")


def test_an_unforeseen_error_says_nothing_from_inside(nowhere: Service, tmp_path: Path) -> None:
    database = BrokenDatabase(lambda: nowhere.database._endpoint, nowhere.settings)
    service = fresh_service(nowhere, tmp_path, database)
    response = service.post('{ subscriber(key: "asha") { key } }')
    assert response.status_code == 500
    error = response.json()["errors"][0]
    correlator = response.headers["x-correlator"]
    assert error["message"] == "this failed inside; the log has it under the correlator"
    assert error["extensions"] == {"code": "INTERNAL", "correlator": correlator}
    told, _ = (json.loads(line) for line in service.log.getvalue().splitlines())
    assert (told["error"], told["correlator"]) == ("RuntimeError", correlator)
    assert told["frames"][-1].endswith(" read")
    for text in (response.text, service.log.getvalue()):
        assert NUMBER not in text
        assert "MATCH" not in text
    service.run(database.close())
