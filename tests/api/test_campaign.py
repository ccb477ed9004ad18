"""Campaigns in the village: drawn, recorded and measured; the measures' own tests are of uplift."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.errors import BadInput, NotFound
from graph.retention.campaigns import Campaigns
from tests.api.conftest import Service, fresh_service
from tests.village import JONAS, KOFI, LENA

pytestmark = pytest.mark.database

_KEYS = ["asha", "bram", "chidi", "dewi", "goran", "hana", "ines", JONAS, KOFI, LENA]
_START = """mutation ($name: String!, $keys: [ID!]!, $share: Float) {
  startCampaign(name: $name, keys: $keys, controlShare: $share) {
    key name startedBy controlShare size called known uplift { uplift } qini { coefficient }
    members(first: 10) { totalCount edges { rank isCalled stayed node { key } } }
  }
}"""
_RECORD = """mutation ($campaign: ID!, $outcomes: [CampaignOutcome!]!) {
  recordOutcomes(campaign: $campaign, outcomes: $outcomes) {
    known uplift { called control uplift low high } qini { coefficient points { subscribers more } }
    profit(value: 100, contact: 1) { profit share }
    members(first: 10) { edges { stayed recordedAt } }
  }
}"""


def _started(service: Service, keys: list[str], share: float = 0.5) -> Any:
    told = {"name": "spring", "keys": keys, "share": share}
    return service.data(_START, told, role="retention")["startCampaign"]


def test_a_campaign_from_its_start_to_what_it_changed(village: Service) -> None:
    """All who are called stay, of the control group one of five."""
    begun = _started(village, _KEYS)
    assert (begun["name"], begun["startedBy"], begun["size"]) == ("spring", "tester", 10)
    assert (begun["called"], begun["known"], begun["uplift"]) == (5, 0, None)
    edges = begun["members"]["edges"]
    assert [edge["node"]["key"] for edge in edges] == _KEYS
    control = [edge["node"]["key"] for edge in edges if not edge["isCalled"]]
    assert len(control) == 5
    outcomes = [{"key": key, "stayed": key not in control[1:]} for key in _KEYS]
    told = {"campaign": begun["key"], "outcomes": outcomes}
    done = village.data(_RECORD, told, role="retention")["recordOutcomes"]
    assert done == village.data(_RECORD, told, role="retention")["recordOutcomes"] | {
        "members": done["members"]
    }
    found = done["uplift"]
    assert (done["known"], found["called"], found["control"]) == (10, 1, 0.2)
    assert found["uplift"] == pytest.approx(0.8)
    assert found["low"] < 0.8 < found["high"]
    assert done["qini"]["points"][-1] == {"subscribers": 10, "more": 4}
    assert done["profit"]["profit"] > 0
    assert all(edge["recordedAt"] for edge in done["members"]["edges"])
    listed = village.data("{ campaigns(first: 5) { totalCount nodes { key known } } }")
    assert listed["campaigns"]["nodes"][0] == {"key": begun["key"], "known": 10}


def test_pages_of_campaigns_and_an_unknown_one(village: Service, tmp_path: Path) -> None:
    service = fresh_service(village, tmp_path)
    started = [_started(service, _KEYS[:2])["key"] for _ in range(3)]
    page = "query ($after: String) { campaigns(first: 2, after: $after) { totalCount "
    page += "pageInfo { endCursor hasNextPage } nodes { key } } }"
    first = service.data(page)["campaigns"]
    rest = service.data(page, {"after": first["pageInfo"]["endCursor"]})["campaigns"]
    assert [one["key"] for one in first["nodes"] + rest["nodes"]] == started[::-1]
    assert (first["totalCount"], rest["pageInfo"]["hasNextPage"]) == (3, False)
    assert service.data('{ campaign(key: "none") { key } }') == {"campaign": None}
    second = service.data("{ campaigns(first: 2) { nodes { startedAt } } }")["campaigns"]["nodes"][
        1
    ]
    window = "query ($at: DateTime!) { campaigns(until: $at) { totalCount nodes { key } } "
    window += "later: campaigns(since: $at) { totalCount } }"
    shown = service.data(window, {"at": second["startedAt"]})
    assert shown["campaigns"] == {"totalCount": 1, "nodes": [{"key": started[0]}]}
    assert shown["later"] == {"totalCount": 2}


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        ({"keys": ["asha"]}, "BAD_USER_INPUT", "has 2 to 100,000 subscribers, not 1"),
        ({"keys": ["asha", "asha"]}, "BAD_USER_INPUT", "named twice"),
        ({"keys": ["asha", "nobody"]}, "NOT_FOUND", "subscriber 2 of 2 named"),
        ({"name": " "}, "BAD_USER_INPUT", "needs a name"),
        ({"share": 0}, "BAD_USER_INPUT", "not between 0 and 1"),
        ({"share": 1}, "BAD_USER_INPUT", "not between 0 and 1"),
    ],
)
def test_what_cannot_be_started(
    village: Service, told: dict[str, Any], code: str, message: str
) -> None:
    usual = {"name": "spring", "keys": _KEYS, "share": 0.5}
    ((found, said),) = village.errors(_START, usual | told)
    assert found == code
    assert message in said


def test_who_may(village: Service) -> None:
    told = {"name": "spring", "keys": _KEYS}
    for role in ("analyst", "care", "partner"):
        assert village.errors(_START, told, role=role)[0][0] == "PERMISSION_DENIED"


def test_an_outcome_of_somebody_else_writes_nothing(tmp_path: Path) -> None:
    campaigns = Campaigns(tmp_path / "campaigns.sqlite")
    begun = campaigns.start("autumn", ["ann", "bob"], 0.01, "tester")
    assert begun.called == 1  # each group has at least one
    with pytest.raises(NotFound, match="subscriber 2 of 2 is not in the campaign"):
        campaigns.record(begun.key, {"ann": True, "cyd": False}, "tester")
    with pytest.raises(NotFound, match="no such campaign"):
        campaigns.record("none", {}, "tester")
    assert [one.stayed for one in campaigns.members(begun.key, 0, 9)] == [None, None]
    with pytest.raises(BadInput):
        campaigns.start("autumn", [], 0.5, "tester")


def test_the_erased_lead_to_nobody_and_still_count(tmp_path: Path) -> None:
    file = tmp_path / "campaigns.sqlite"
    campaigns = Campaigns(file)
    begun = campaigns.start("autumn", ["ann-who-goes", "bob"], 0.5, "tester")
    campaigns.record(begun.key, {"ann-who-goes": True, "bob": False}, "tester")
    campaigns.forget(frozenset({"ann-who-goes"}))
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ann-who-goes" not in content
    assert b"bob" in content
    after = Campaigns(file).campaign(begun.key)
    assert after
    assert (after.known, after.started_at.tzinfo) == (2, UTC)
    assert after.started_at <= datetime.now(UTC)
