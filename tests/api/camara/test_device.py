"""Whom partners learn of by CAMARA's APIs: who consented, and nobody else, in any way."""

import asyncio
from datetime import timedelta

import httpx
import orjson
import pytest

from api.tokens import issue_token
from graph.consent.pairwise import pairwise
from tests.api.conftest import Service, fresh_service, nowhere, village, village_endpoint
from tests.api.test_metering import records
from tests.conformance.camara.world import (
    KOFIS_NUMBER,
    NOBODYS_NUMBER,
    PARTNER,
    PURPOSE,
    consent,
    settle_located,
    token,
)
from tests.village import KEY, KOFI

__all__ = ["nowhere", "village", "village_endpoint"]

DENIED = (403, "PERMISSION_DENIED")
UNKNOWN = (404, "IDENTIFIER_NOT_FOUND")


@pytest.fixture(scope="module")
def located(village: Service) -> Service:
    settle_located(village)
    return village


def retrieve(
    service: Service, number: str | None = KOFIS_NUMBER, bearer: str | None = None
) -> httpx.Response:
    body = {"device": {"phoneNumber": number}} if number else {}
    headers = {"authorization": f"Bearer {bearer or token(service)}", "x-correlator": "c"}
    return service.request(
        "POST", "/camara/location-retrieval/vwip/retrieve", json=body, headers=headers
    )


def error(response: httpx.Response) -> tuple[int, str]:
    assert response.json()["status"] == response.status_code
    return response.status_code, response.json()["code"]


def test_who_never_consented_is_as_nobody(
    located: Service,
) -> None:
    """Body, headers and what is read are the same: for another partner both are nobody."""
    other = token(located, partner="restaurant")
    answers, reads = [], []
    for number in (KOFIS_NUMBER, NOBODYS_NUMBER):
        located.database.asked.clear()
        response = retrieve(located, number, other)
        reads.append(list(located.database.asked))
        answers.append((response.status_code, response.content, dict(response.headers)))
    assert answers[0] == answers[1]
    assert reads[0] == reads[1]
    assert "location/last" not in reads[0]
    assert error(retrieve(located, KOFIS_NUMBER, other)) == UNKNOWN


def test_a_consent_for_something_else_opens_nothing(located: Service) -> None:
    consent(located, "asha", ("interests",), partner="bank")
    asha = token(located, person="asha", partner="bank")
    assert error(retrieve(located, None, asha)) == DENIED
    assert error(retrieve(located, bearer=token(located, purpose="dpv:AcademicResearch"))) == DENIED
    assert error(retrieve(located, bearer=token(located, purpose=None))) == DENIED


def test_a_revocation_counts_from_the_next_call_on(located: Service) -> None:
    now = timedelta()
    given = consent(located, "asha", partner="bank", validity=(now, timedelta(hours=1)))
    asha = token(located, person="asha", partner="bank")
    assert retrieve(located, None, asha).status_code == 200
    located.services.consents.revoke(given, "asha")
    assert error(retrieve(located, None, asha)) == DENIED


def test_a_consent_that_is_over_or_to_come_opens_nothing(located: Service) -> None:
    day = timedelta(days=1)
    for validity in ((-2 * day, -day), (day, 2 * day)):
        consent(located, "bram", partner="club", validity=validity)
        bram = token(located, person="bram", partner="club")
        assert error(retrieve(located, None, bram)) == DENIED


def test_another_partners_pseudonym_is_nobodys(located: Service) -> None:
    """A token with the pseudonym that the cinema knows kofi by, made out to the bank."""
    consent(located, KOFI, partner="bank")
    its = pairwise(KEY, PARTNER, 1, KOFI)
    scopes = ["location-retrieval:read"]
    stolen = issue_token(located.settings, "partner", "bank", PURPOSE, scopes, its)
    own = token(located, person=KOFI, partner="bank")
    assert error(retrieve(located, None, stolen)) == DENIED
    assert retrieve(located, None, own).status_code == 200


def test_other_roles_may_not_ask(located: Service) -> None:
    admin = issue_token(located.settings, "admin", "root")
    assert error(retrieve(located, bearer=admin)) == DENIED


def test_what_is_answered_is_metered_and_what_is_not_is_not(located: Service) -> None:
    before = len(records(located.settings))
    retrieve(located)
    retrieve(located, NOBODYS_NUMBER)
    found = records(located.settings)[before:]
    assert [(one.partner, one.operation, one.units) for one in found] == [
        (PARTNER, "location-retrieval/retrieve", 1)
    ]


def test_no_number_is_logged(located: Service) -> None:
    retrieve(located)
    retrieve(located, NOBODYS_NUMBER)
    text = located.log.getvalue()
    assert "/camara/location-retrieval/vwip/retrieve" in text
    assert KOFIS_NUMBER[1:] not in text
    assert NOBODYS_NUMBER[1:] not in text


def test_an_error_does_not_repeat_what_was_sent(located: Service) -> None:
    response = retrieve(located, "+45 12345678")
    assert error(response) == (400, "INVALID_ARGUMENT")
    assert "12345678" not in response.text


def test_without_the_database_it_is_an_error_in_camaras_form(nowhere: Service) -> None:
    consent(nowhere, KOFI)
    response = retrieve(nowhere, None, token(nowhere, person=KOFI))
    assert error(response) == (503, "UNAVAILABLE")


def test_who_learns_where_somebody_is_stands_in_the_audit_log(located: Service) -> None:
    """The application's own services write it down; what waits is written at once here."""
    service = fresh_service(located, located.settings.home_dir)
    retrieve(service)
    located.run(asyncio.sleep(0.5))
    lines = [
        orjson.loads(line)
        for file in sorted(service.settings.audit_folder.glob("*.jsonl"))
        for line in file.read_bytes().splitlines()
    ]
    found = [line for line in lines if line.get("operation") == "location-retrieval/retrieve"]
    assert found
    assert found[-1]["by"] == PARTNER
    assert found[-1]["keys"] == [KOFI]
    assert found[-1]["fields"] == ["location"]
