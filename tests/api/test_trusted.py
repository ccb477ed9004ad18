"""Documents that clients name: trusted ones of a folder, and what they sent with its hash."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from api.errors import Refused
from api.log import open_log
from api.question import question_of
from api.tokens import issue_token
from api.trusted import Trusted, documents, hashed
from commands.application import app
from graph.errors import SourceError
from graph.settings import Role
from tests.api.conftest import GRAPHQL_JSON, Service, fresh_service, offline_settings

VIEWER = "query Me { viewer { role } }"
ROLES = "query Mine { viewer { subject } }\n"
RELAY_ID = "4ea1e8cd0ca1a0d4bcbe7d1d1d2dbd41"  # Relay names documents by MD5, or as one likes
APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": hashed(VIEWER), "name": "Me", "type": "query", "body": VIEWER}],
}
NOT_FOUND = ("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    """Serve without a database; partners may run two trusted documents and nothing else."""
    found = fresh_service(nowhere, tmp_path)
    found.settings = found.settings.model_copy(update={"trusted_only": ("partner",)})
    folder = found.settings.trusted_folder
    folder.mkdir()
    (folder / "mine.graphql").write_text(ROLES)
    (folder / "relay.json").write_text(json.dumps({RELAY_ID: VIEWER}))
    found.__post_init__()
    return found


def send(service: Service, members: dict[str, Any], role: Role = "analyst") -> httpx.Response:
    headers = {"accept": GRAPHQL_JSON, "authorization": f"Bearer {token(service, role)}"}
    return service.request("POST", "/graphql", json=members, headers=headers)


def token(service: Service, role: Role) -> str:
    return issue_token(service.settings, role, "tester")


def persisted(text: str, query: str | None = None) -> dict[str, Any]:
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed(text)}}}
    return named | ({"query": query} if query else {})


def error(response: httpx.Response) -> tuple[int, str]:
    (found,) = response.json()["errors"]
    return response.status_code, found["extensions"]["code"]


@pytest.mark.parametrize("name", [RELAY_ID, hashed(VIEWER), f"sha256:{hashed(VIEWER)}"])
def test_a_trusted_document_is_run_by_any_of_its_names(service: Service, name: str) -> None:
    answer = {"viewer": {"role": "PARTNER"}}
    assert send(service, {"documentId": name}, "partner").json()["data"] == answer
    headers = {"authorization": f"Bearer {token(service, 'partner')}"}
    got = service.request("GET", "/graphql", params={"documentId": name}, headers=headers)
    assert got.json()["data"] == answer


def test_variables_and_operation_name_go_with_it(service: Service) -> None:
    named = {"documentId": f"sha256:{hashed(ROLES)}", "operationName": "Mine", "variables": {}}
    assert send(service, named).json()["data"] == {"viewer": {"subject": "tester"}}
    assert error(send(service, named | {"operationName": "No"}))[0] == 400


@pytest.mark.parametrize("name", ["", "nothing", "../mine", "sha256:" + "0" * 64, "md5:nothing"])
def test_an_unknown_name_is_not_found(service: Service, name: str) -> None:
    assert error(send(service, {"documentId": name})) == (404, NOT_FOUND[0])
    old = {"authorization": f"Bearer {token(service, 'analyst')}", "accept": "application/json"}
    response = service.request("POST", "/graphql", json={"documentId": name}, headers=old)
    assert error(response) == (200, NOT_FOUND[0])


def test_a_closed_role_runs_trusted_documents_only(service: Service) -> None:
    free = {"query": "{ viewer { role subject } }"}
    refused = (403, "PERSISTED_QUERY_NOT_IN_LIST")
    assert "data" in send(service, free).json()
    assert error(send(service, free, "partner")) == refused
    assert error(send(service, {"query": "{ __schema { types { name } } }"}, "partner")) == refused
    assert "data" in send(service, {"query": VIEWER}, "partner").json()  # its very text is trusted


def test_what_others_sent_with_its_hash_is_not_trusted(service: Service) -> None:
    """Apollo's automatic persisted queries, as its clients and urql's `persistedExchange` ask."""
    text = "{ viewer { role subject } }"
    assert error(send(service, persisted(text))) == (404, NOT_FOUND[0])
    (found,) = send(service, persisted(text)).json()["errors"]
    assert found["message"] == NOT_FOUND[1]
    first = send(service, persisted(text, text)).json()["data"]
    assert send(service, persisted(text)).json()["data"] == first
    assert error(send(service, persisted(text), "partner")) == (404, NOT_FOUND[0])
    assert error(send(service, persisted(text, text), "partner"))[0] == 403
    assert send(service, persisted(VIEWER), "partner").json()["data"]


@pytest.mark.parametrize(
    "members",
    [
        persisted(VIEWER, VIEWER + " "),
        {"query": VIEWER, "documentId": RELAY_ID},
        {"documentId": 7},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": hashed(VIEWER)}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": "x"}},
        {"query": 7, **persisted(VIEWER)},
        {"documentId": RELAY_ID, **persisted(VIEWER)},
        {},
    ],
)
def test_what_cannot_be_meant_is_refused(service: Service, members: dict[str, Any]) -> None:
    assert error(send(service, members)) == (400, "BAD_USER_INPUT")


def test_a_name_opens_nothing_that_the_role_may_not_have(service: Service) -> None:
    loads = "{ loads { totalCount } }"
    (service.settings.trusted_folder / "loads.gql").write_text(loads)
    service.__post_init__()
    named = {"documentId": f"sha256:{hashed(loads)}"}
    assert error(send(service, named, "partner")) == (403, "PERMISSION_DENIED")


def test_a_changed_folder_is_seen_and_a_broken_one_is_not_believed(tmp_path: Path) -> None:
    log, now = StringIO(), [0.0]
    settings = offline_settings(tmp_path, trusted_only=("partner",))
    trusted = Trusted(settings, open_log(log), lambda: now[0])
    assert trusted.named(hashed(VIEWER)) is None
    settings.trusted_folder.mkdir()
    manifest = settings.trusted_folder / "apollo.json"
    manifest.write_text(json.dumps(APOLLO))
    now[0] += 2
    assert trusted.named(hashed(VIEWER)) == VIEWER
    manifest.write_text("{")
    now[0] += 2
    assert trusted.named(hashed(VIEWER)) == VIEWER
    assert "apollo.json: is neither UTF-8 nor a manifest" in log.getvalue()
    manifest.unlink()
    now[0] += 2
    with pytest.raises(Refused):
        question_of({"query": VIEWER}, trusted, "partner")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"sha256:00": "{ a }"}', "is not the SHA-256 of its document"),
        (json.dumps({"0" * 64: "{ a }"}), "is not the SHA-256 of its document"),
        ('{"a": 7}', "manifest of documents"),
        ('["{ a }"]', "manifest of documents"),
    ],
)
def test_a_manifest_that_cannot_be_right_is_refused(
    tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "relay.json").write_text(content)
    with pytest.raises(SourceError, match=f"relay.json: .*{reason}"):
        documents(tmp_path)
    (tmp_path / "relay.json").write_text('{"a": "{ a }"}')
    (tmp_path / "second.json").write_text('{"a": "{ b }"}')
    with pytest.raises(SourceError, match="the name of another document"):
        documents(tmp_path)


def test_the_command_tells_who_may_run_what(tmp_path: Path) -> None:
    (tmp_path / "relay.json").write_text(json.dumps({RELAY_ID: "{ loads { totalCount } }"}))
    told = CliRunner().invoke(app, ["trusted", str(tmp_path)])
    assert told.exit_code == 0
    assert f" {RELAY_ID}\n  query without a name: analyst, care, admin\n" in told.output
    (tmp_path / "wrong.graphql").write_text("{ viewe { role } }")
    told = CliRunner().invoke(app, ["trusted", str(tmp_path)])
    assert "Cannot query field 'viewe'" in str(told.exception)
