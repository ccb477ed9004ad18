"""Every answer that tells of people is in the audit log, with whom and what it told."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType
from typer.testing import CliRunner

from api.audit import BELONGINGS, PERSONS
from api.owner import owner_of
from api.relay import node_id
from api.schema import SCHEMA
from api.tokens import issue_token
from commands.application import app
from graph.audit import Access, AuditLog
from tests.api.conftest import Service, fresh_service

pytestmark = pytest.mark.database


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    return fresh_service(village, tmp_path)


def told(service: Service) -> list[Access]:
    """Return what has been written down, once it has been."""
    service.run(asyncio.sleep(0.4))
    return list(AuditLog.of(service.settings).accesses())


def test_a_view_names_everybody_in_it_with_what_was_read(service: Service) -> None:
    """Asha's counterparts are on the picture of the village; fields of one's own end in leaves."""
    service.post(
        """query View($key: ID!) {
          subscriber(key: $key) {
            it: status demographics { gender } payments { totalCount nodes { amountMinor } }
            contacts { edges { events node { key } } }
          }
        }""",
        {"key": "asha"},
        role="care",
    )
    who, others = told(service)
    assert (who.by, who.role, who.purpose, who.operation) == ("tester", "care", None, "View")
    assert (who.of, who.keys) == ("Subscriber", ["asha"])
    assert who.fields == [
        "status",
        "demographics.gender",
        "payments.totalCount",
        "payments.nodes.amountMinor",
        "contacts.edges.events",
        "contacts.edges.node",
    ]
    assert sorted(others.keys) == ["bram", "chidi", "dewi", "hana"]
    assert (others.fields, others.correlator) == (["key"], who.correlator)
    assert who.at.endswith("+00:00")


def test_fragments_and_directives_are_followed(service: Service) -> None:
    query = """query ($no: Boolean!) {
      subscriber(key: "asha") { ...Some status @skip(if: true) plan @include(if: $no) }
    }
    fragment Some on Subscriber { traffic { events ...On } }
    fragment On on Traffic { contacts }"""
    service.data(query, {"no": False})
    (found,) = told(service)
    assert found.fields == ["traffic.events", "traffic.contacts"]


def test_what_is_asked_twice_is_told_once_for_each_shape(service: Service) -> None:
    service.data("{ a: subscribers { nodes { key } } b: subscribers { nodes { key } } }")
    (found,) = told(service)
    assert len(found.keys) == 12


def test_a_belonging_that_is_found_by_itself_is_told(service: Service) -> None:
    payment, person = node_id("Payment", "pay-1"), node_id("Subscriber", "asha")
    query = "query ($a: ID!, $b: ID!) { a: node(id: $a) { ...P } b: node(id: $b) { id } }"
    service.data(query + " fragment P on Payment { amountMinor }", {"a": payment, "b": person})
    found = {access.of: (access.keys, access.fields) for access in told(service)}
    assert found == {"Payment": (["pay-1"], ["amountMinor"]), "Subscriber": (["asha"], ["id"])}


def test_what_tells_of_nobody_leaves_nothing(service: Service) -> None:
    service.data(
        '{ subscribers { totalCount } apps { nodes { key } } subscriber(key: "no") { key } }'
    )
    assert told(service) == []


def test_nobody_is_shown_while_it_cannot_be_written_down(service: Service) -> None:
    folder = service.settings.audit_folder
    folder.write_text("in the way")
    assert service.post('{ subscriber(key: "asha") { key } }').status_code == 200
    service.run(asyncio.sleep(0.4))
    refused = service.post('{ subscriber(key: "asha") { key } }')
    assert refused.status_code == 503
    assert refused.json()["errors"][0]["extensions"]["code"] == "AUDIT_UNUSABLE"
    assert service.post("{ apps { nodes { key } } }").status_code == 200
    folder.unlink()
    service.run(asyncio.sleep(0.4))
    assert service.post('{ subscriber(key: "asha") { key } }').status_code == 200
    assert len(told(service)) == 2, "what could not be written was kept"


def test_an_end_in_peace_loses_nothing(service: Service) -> None:
    """The application ends right after the answer, before the batch would be written."""
    application = service.application

    async def ask() -> None:
        async with application.router.lifespan_context(application):
            transport = httpx.ASGITransport(application)
            token = issue_token(service.settings, "care", "ann")
            headers = {"authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(transport=transport, base_url="http://v") as client:
                body = {"query": '{ subscriber(key: "asha") { key } }'}
                assert (await client.post("/graphql", json=body, headers=headers)).is_success

    service.run(ask())
    assert [access.by for access in AuditLog.of(service.settings).accesses()] == ["ann"]


def test_a_command_writes_down_who_asked(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = service.database._endpoint
    for name, value in {
        "HOME_DIR": str(service.settings.home_dir),
        "NEO4J_URI": endpoint.uri,
        "NEO4J_USER": endpoint.user,
        "NEO4J_PASSWORD": endpoint.password,
    }.items():
        monkeypatch.setenv(f"TIEGRAPH_{name}", value)
    ran = CliRunner().invoke(app, ["query", '{ subscriber(key: "asha") { status } }'])
    assert ran.exit_code == 0, ran.output
    shown = CliRunner().invoke(app, ["audit", "show", "--subscriber", "asha"])
    entry = json.loads(shown.stdout)
    assert (entry["by"], entry["role"], entry["fields"]) == ("local", "analyst", ["status"])
    assert CliRunner().invoke(app, ["audit", "verify"]).stdout.startswith("2 lines, ")


def test_no_type_that_names_one_person_is_left_out() -> None:
    """Of those that tell of people, these are of several, or told by the person they are of."""
    nameless = {"SubscriberLocation", "GeofenceCrossing"}  # of whom is asked for by key
    known = (PERSONS.keys() | BELONGINGS.keys()) - nameless
    of_several = {"Node", "Community", "Problem", "Campaign", "ConsentedApp", "ConsentedInterest"}
    named = {
        name
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        and name not in ("Query", "Mutation", "Subscription")
        for field in kind.fields
        if field in ("key", "id") and owner_of(f"{name}.{field}") == "person"
    }
    assert named == known | of_several
