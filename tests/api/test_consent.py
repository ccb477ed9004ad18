"""Consents by GraphQL: care writes down what subscribers open, narrow and revoke."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Service, fresh_service

pytestmark = pytest.mark.database

GIVE = """
mutation ($subscriber: ID!, $scope: [ConsentItem!]!, $until: DateTime!, $purpose: String!) {
  giveConsent(
    subscriber: $subscriber, partner: "cinema", purpose: $purpose, scope: $scope,
    validUntil: $until, evidence: "call 7"
  ) { key partner purpose scope evidence state revokedAt history { number act by } }
}
"""
NARROW = """
mutation ($key: ID!, $scope: [ConsentItem!]!, $until: DateTime!) {
  narrowConsent(key: $key, scope: $scope, validUntil: $until) { scope state history { act } }
}
"""
REVOKE = "mutation ($key: ID!) { revokeConsent(key: $key) { state history { act by } } }"
LIST = '{ subscriber(key: "asha") { consents { key state scope } } }'
UNTIL = (datetime.now(UTC) + timedelta(days=1)).isoformat()
GIVEN = {
    "subscriber": "asha",
    "scope": ["APPS", "DEMOGRAPHICS_BIRTH_YEAR"],
    "until": UNTIL,
    "purpose": "dpv:Marketing",
}


@pytest.fixture
def service(village: Service, tmp_path: Path) -> Service:
    return fresh_service(village, tmp_path)


def test_a_consent_from_its_gift_to_its_end(service: Service) -> None:
    """And what the partner sees of asha, whom the village has with two apps, meanwhile."""

    def seen() -> Any:
        document = "{ consentingSubscribers(item: APPS) { nodes { apps { totalCount } } } }"
        options: Any = {"role": "partner", "subject": "cinema", "purpose": "dpv:Marketing"}
        return service.data(document, **options)["consentingSubscribers"]["nodes"]

    assert seen() == []
    given = service.data(GIVE, GIVEN, role="care", subject="anna")["giveConsent"]
    key = given.pop("key")
    assert given == {
        "partner": "cinema",
        "purpose": "dpv:Marketing",
        "scope": ["APPS", "DEMOGRAPHICS_BIRTH_YEAR"],
        "evidence": "call 7",
        "state": "OPEN",
        "revokedAt": None,
        "history": [{"number": 1, "act": "GIVE", "by": "anna"}],
    }
    assert seen() == [{"apps": {"totalCount": 2}}]
    narrowed = service.data(NARROW, {"key": key, "scope": ["APPS"], "until": UNTIL})
    assert narrowed["narrowConsent"]["scope"] == ["APPS"]
    (listed,) = service.data(LIST)["subscriber"]["consents"]
    assert listed == {"key": key, "state": "OPEN", "scope": ["APPS"]}
    revoked = service.data(REVOKE, {"key": key}, subject="boris")["revokeConsent"]
    assert revoked["state"] == "REVOKED"
    assert [entry["act"] for entry in revoked["history"]] == ["GIVE", "NARROW", "REVOKE"]
    assert revoked["history"][-1]["by"] == "boris"
    assert seen() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subscriber": "nobody"}, "NOT_FOUND"),
        ({"scope": []}, "BAD_USER_INPUT"),
        ({"purpose": "dpv:WorldDomination"}, "BAD_USER_INPUT"),
        ({"until": "2020-01-01T00:00:00+00:00"}, "BAD_USER_INPUT"),
        ({"until": "2100-01-01T00:00:00"}, "BAD_USER_INPUT"),
    ],
    ids=str,
)
def test_what_cannot_be_is_not_written_down(
    service: Service, change: dict[str, Any], code: str
) -> None:
    ((found, _),) = service.errors(GIVE, GIVEN | change)
    assert found == code
    assert service.data(LIST)["subscriber"]["consents"] == []


def test_what_is_not_there_cannot_be_revoked(service: Service) -> None:
    assert service.errors(REVOKE, {"key": "nothing"})[0][0] == "NOT_FOUND"
    service.data(GIVE, GIVEN)
    (listed,) = service.data(LIST)["subscriber"]["consents"]
    service.data(REVOKE, {"key": listed["key"]})
    narrow = {"key": listed["key"], "scope": ["APPS"], "until": UNTIL}
    assert service.errors(NARROW, narrow)[0][0] == "FAILED_PRECONDITION"


@pytest.mark.parametrize("role", ["analyst", "retention", "partner"])
def test_others_neither_see_nor_change_consents(service: Service, role: Any) -> None:
    for document, variables in ((GIVE, GIVEN), (REVOKE, {"key": "x"}), (LIST, {})):
        assert service.errors(document, variables, role=role)[0][0] == "PERMISSION_DENIED"
