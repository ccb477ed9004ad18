"""Partners and their statements by GraphQL, CSV and PDF: one's own, and the same everywhere."""

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from pypdf import PdfReader

from api.tokens import issue_token
from graph.metering.meter import Meter
from graph.metering.record import Call
from graph.partner.registry import Partners
from graph.revenue.money import shown
from graph.settings import Role
from tests.api.conftest import Service, fresh_service

LAST_YEAR = datetime(2025, 11, 5, tzinfo=UTC)
_STATEMENTS = """{ viewer { partner {
    key name state plan agreement callsADay callsAMonth keyNames
    usage(month: "2025-11") { operation records units }
    statements { totalCount nodes {
        number month party currency owedMinor dueMinor balanceMinor
        postings { kind side usageMonth operation payer records units amountMinor dispute }
        records(first: 2) { totalCount pageInfo { hasNextPage endCursor }
            nodes { key operation units amountMinor } } } }
    disputes { nodes { key record state correctedMinor note } } } } }"""
_PARTNER = "query ($key: ID!) { partner(key: $key) { state plan agreement callsADay } }"


@pytest.fixture(scope="module")
def service(nowhere: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Serve a shop with 5 calls and 12 contacts, and a bank with one call, of November."""
    service = fresh_service(nowhere, tmp_path_factory.mktemp("home"))
    partners = Partners.of(service.settings)
    for name in ("shop", "bank"):
        partners.sign_up(name, name.title())
        partners.approve(name)
    meter = Meter.of(service.settings)
    calls = [("shop", "location/retrieve", 1)] * 5 + [("shop", "audience", 12), ("bank", "x", 1)]
    for number, (partner, operation, units) in enumerate(calls):
        at = LAST_YEAR + timedelta(minutes=number)
        meter._now = lambda at=at: at  # type: ignore[misc]
        meter.answered([meter.reserve(Call(partner, operation, str(number)), units).record_id])
    meter.let_go()
    service.data('mutation { closeMonth(month: "2025-11") { number } }', role="admin")
    return service


def asked(service: Service, role: Role, subject: str, query: str, **variables: Any) -> Any:
    token = issue_token(service.settings, role, subject)
    return service.request(
        "POST",
        "/graphql",
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {token}"},
    ).json()


def own(service: Service, subject: str) -> Any:
    answer = asked(service, "partner", subject, _STATEMENTS)
    assert "errors" not in answer, answer
    return answer["data"]["viewer"]["partner"]


def file(service: Service, name: str, subject: str, role: Role = "partner") -> httpx.Response:
    token = issue_token(service.settings, role, subject)
    headers = {"authorization": f"Bearer {token}"}
    return service.request("GET", f"/statements/{name}", headers=headers)


def test_a_partner_sees_what_it_owes(service: Service) -> None:
    """Expected, by hand: 5 calls at 2 and 12 contacts at 12, by the plan `list`."""
    partner = own(service, "shop")
    assert (partner["key"], partner["state"], partner["callsADay"]) == ("shop", "ACTIVE", 10_000)
    assert partner["usage"] == [
        {"operation": "audience", "records": 1, "units": 12},
        {"operation": "location/retrieve", "records": 5, "units": 5},
    ]
    statement = partner["statements"]["nodes"][-1]
    assert (statement["number"], statement["party"]) == ("2025-11-0004", "shop")
    assert (statement["owedMinor"], statement["dueMinor"]) == (154, 0)
    assert [(one["operation"], one["amountMinor"]) for one in statement["postings"]] == [
        ("*", -10),
        ("audience", -144),
    ]
    assert statement["records"]["totalCount"] == 6
    assert [one["amountMinor"] for one in statement["records"]["nodes"]] == [2, 2]


def test_records_are_paged_to_the_last(service: Service) -> None:
    query = """query ($after: String) { statement(number: "2025-11-0004") {
        records(first: 4, after: $after) {
            pageInfo { hasNextPage endCursor } nodes { key amountMinor } } } }"""
    first = service.data(query)["statement"]["records"]
    after = first["pageInfo"]["endCursor"]
    second = service.data(query, {"after": after})["statement"]["records"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    found = [one["amountMinor"] for one in first["nodes"] + second["nodes"]]
    assert found == [2, 2, 2, 2, 2, 144]


def test_the_csv_adds_up_to_the_balance(service: Service) -> None:
    answer = file(service, "2025-11-0004.csv", "shop")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert sum(int(row["amount_minor"]) for row in rows) == -154
    assert len({row["record_id"] for row in rows}) == 6
    operator = file(service, "2025-11-0002.csv", "boss", "admin")
    rows = list(csv.DictReader(StringIO(operator.text)))
    assert [(row["payer"], row["amount_minor"]) for row in rows] == [
        ("bank", "2"),
        ("shop", "9"),
        ("shop", "122"),
    ]


def test_the_pdf_says_the_same(service: Service) -> None:
    """Read back by pypdf, which did not write it."""
    answer = file(service, "2025-11-0004.pdf", "shop")
    assert answer.headers["content-type"] == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    statement = own(service, "shop")["statements"]["nodes"][-1]
    for said in ("Statement 2025-11-0004", "shop", "EUR", "-0.10", "-1.44"):
        assert said in text
    totals = text.split("owed\n")[-1].split()
    expected = (statement["owedMinor"], statement["dueMinor"], statement["balanceMinor"])
    assert [totals[0], totals[2], totals[4]] == [shown(amount, "EUR") for amount in expected]
    assert file(service, "2025-11-0004.pdf", "shop").content == answer.content


@pytest.mark.parametrize("name", ["2025-11-0004.csv", "2025-11-0004.pdf", "2025-11-9999.csv"])
def test_another_partners_statement_is_as_none(service: Service, name: str) -> None:
    answers = [file(service, name, "bank"), file(service, "2025-11-9999.pdf", "bank")]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].json() == answers[1].json()


def test_who_has_nothing_to_do_with_money_is_refused(service: Service) -> None:
    assert file(service, "2025-11-0004.csv", "ann", "analyst").status_code == 403
    assert service.request("GET", "/statements/2025-11-0004.csv").status_code == 401
    assert file(service, "2025-11-0004.xls", "shop").status_code == 404
    for query in (
        '{ partner(key: "shop") { name } }',
        "{ statements { totalCount } }",
        'mutation { closeMonth(month: "2025-11") { number } }',
        'mutation { acceptDispute(key: "x", note: "x") { key } }',
        'mutation { approvePartner(key: "shop") { name } }',
    ):
        answer = asked(service, "partner", "shop", query)
        assert answer["errors"][0]["extensions"]["code"] == "PERMISSION_DENIED"
    assert asked(service, "analyst", "x", "{ viewer { partner { key } } }")["errors"]


def test_a_dispute_is_opened_by_whom_it_concerns_and_settled_by_an_admin(service: Service) -> None:
    opening = 'mutation ($record: ID!) { openDispute(record: $record, reason: "no") { key state } }'
    accepting = """mutation ($key: ID!) {
        acceptDispute(key: $key, note: "half", correctedMinor: 72) { state correctedMinor } }"""
    record = file_rows(service)[5]["record_id"]
    stranger = asked(service, "partner", "bank", opening, record=record)
    assert stranger["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    opened = asked(service, "partner", "shop", opening, record=record)["data"]["openDispute"]
    assert opened["state"] == "OPEN"
    settled = service.data(accepting, {"key": opened["key"]})["acceptDispute"]
    assert settled == {"state": "ACCEPTED", "correctedMinor": 72}
    (dispute,) = own(service, "shop")["disputes"]["nodes"]
    assert (dispute["record"], dispute["note"]) == (record, "half")
    again = asked(service, "partner", "shop", opening, record=record)
    assert again["errors"][0]["extensions"]["code"] == "FAILED_PRECONDITION"
    assert own(service, "bank")["disputes"]["nodes"] == []
    assert service.data("{ disputes { totalCount } }")["disputes"]["totalCount"] == 1
    refusing = 'mutation ($key: ID!) { refuseDispute(key: $key, note: "no") { state } }'
    assert service.errors(refusing, {"key": opened["key"]})[0][0] == "FAILED_PRECONDITION"


def file_rows(service: Service) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file(service, "2025-11-0004.csv", "shop").text)))


def test_a_partner_signs_up_and_is_let_in(service: Service) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "a"}).as_dict(private=False)
    given = {"id": "cinema", "name": "Cinema"}
    answer = service.request("POST", "/partners", json=given)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    form = {
        "grant_type": "client_credentials",
        "client_id": "cinema",
        "client_secret": answer.json()["secret"],
    }
    assert service.request("POST", "/oauth/token", data=form).status_code == 400
    approving = """mutation { approvePartner(key: "cinema", plan: "starter", callsADay: 3) {
        state plan callsADay callsAMonth } }"""
    assert service.data(approving)["approvePartner"] == {
        "state": "ACTIVE",
        "plan": "starter",
        "callsADay": 3,
        "callsAMonth": 100_000,
    }
    assert service.request("POST", "/oauth/token", data=form).status_code == 200
    keyed = service.request(
        "POST", "/partners", json={**given, "id": "club", "keys": {"keys": [key]}}
    )
    assert keyed.json() == {"id": "club", "state": "pending"}
    listed = service.data("{ partners { nodes { key keyNames } } }")["partners"]["nodes"]
    assert {"key": "club", "keyNames": ["a"]} in listed
    service.data('mutation { suspendPartner(key: "cinema") { state } }')
    assert service.data(_PARTNER, {"key": "cinema"})["partner"]["state"] == "SUSPENDED"
    assert service.data(_PARTNER, {"key": "nobody"})["partner"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no", 400),
        (b"[]", 400),
        (b'{"id": "shop"}', 400),
        (b'{"id": "shop", "name": "Shop"}', 400),
        (b'{"id": "x", "name": "Shop"}', 400),
        (b'{"id": "new", "name": "Shop", "keys": {"keys": []}}', 400),
        (b'{"id": "new", "name": "' + b"x" * 40_000 + b'"}', 413),
    ],
)
def test_who_does_not_sign_up_well_is_told(service: Service, body: bytes, status: int) -> None:
    assert service.request("POST", "/partners", content=body).status_code == status


def test_a_partner_replaces_its_own_keys(service: Service) -> None:
    replacing = "mutation ($keys: String!) { replaceOwnKeys(keys: $keys) { key keyNames } }"
    key = OKPKey.generate_key("Ed25519", {"kid": "new"})
    public = str({"keys": [key.as_dict(private=False)]}).replace("'", '"')
    answer = asked(service, "partner", "bank", replacing, keys=public)
    assert answer["data"]["replaceOwnKeys"] == {"key": "bank", "keyNames": ["new"]}
    for wrong in ("no", '{"keys": []}'):
        answer = asked(service, "partner", "bank", replacing, keys=wrong)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert service.errors(replacing, {"keys": public})[0][0] == "PERMISSION_DENIED"


def test_what_it_asks_of_itself_is_not_billed(service: Service) -> None:
    month = f"{datetime.now(UTC):%Y-%m}"
    assert Meter.of(service.settings).records(month) == []
