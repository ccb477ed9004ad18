"""Whom to keep, asked in the village, where what is lost can be counted by hand.

Asha and Bram are charged 29.99 EUR a month from July on, nobody else anything. They leave with 0.2
and 0.5, Chidi with 0.4; Emil and Fatou have left, the others are not scored.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cypher import statement
from graph.churn.report import ChurnReport, Judged, Range, write_report
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from tests.api.conftest import Service
from tests.village import LAKE, MARKET, REGION

pytestmark = pytest.mark.database

_RISKS = {"asha": 0.2, "bram": 0.5, "chidi": 0.4}
_HALF = Range(value=0.5, low=0.4, high=0.6)
_ASK = """query (
  $budget: Float!, $cost: Float, $costOfValue: Float, $costs: [RetentionCost!], $contagion: Float,
  $filter: RetentionFilter, $success: Float, $currency: String, $first: Int, $after: String
) {
  retentionTargets(
    budget: $budget, cost: $cost, costOfValue: $costOfValue, costs: $costs, contagion: $contagion,
    filter: $filter, success: $success, currency: $currency
  ) {
    currency horizonDays model contagion isContagionMeasured eligible spent most certificate
    atStake { value low high } averted { value low high }
    targets(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      edges {
        rank cost risk value averts node { key }
        reason { leaves ownLoss takenLoss taken { probability loss subscriber { key } } }
      }
    }
  }
}"""


def _report() -> ChurnReport:
    judged = Judged(subscribers=9, leavers=3, auc=_HALF, lift=_HALF, empc=_HALF, called=0.1)
    return ChurnReport(
        version="v1",
        as_of=datetime(2024, 7, 1, tzinfo=UTC),
        definition="status",
        horizon_days=7,
        judged_from=date(2024, 6, 24),
        scored_from=date(2024, 7, 1),
        base=0.0,
        words={},
        with_network=judged,
        without_network=judged,
        by_silence=judged,
        gain=_HALF,
    )


@pytest.fixture(scope="module")
def scored(village: Service) -> Service:
    """Give some their risk, and Asha and Chidi a home."""
    assert village.errors(_ASK, {"budget": 1}) == [
        ("FAILED_PRECONDITION", "nobody's risk of leaving is known: run `tiegraph analyse churn`")
    ]
    ranks = sorted(_RISKS, key=lambda key: -_RISKS[key])
    rows = [
        {"subscriber_id": key, "churn_risk": _RISKS[key], "churn_rank": rank, "churn_model": "v1"}
        for rank, key in enumerate(ranks, 1)
    ]
    as_of = _report().as_of
    village.run(village.database.write(statement("churn/save"), rows=rows, as_of=as_of))
    bare = {"days": 9, "active_days": 9, "share": 1.0, "records": 9, "candidates": 1}
    homes = [
        {"subscriber_id": key, "h3": h3, **bare} for key, h3 in (("asha", MARKET), ("chidi", LAKE))
    ]
    village.run(village.database.write(statement("load/homes"), rows=homes))
    write_report(village.settings.churn_report_file, _report())
    return village


def _asked(service: Service, budget: float, **more: Any) -> Any:
    return service.data(_ASK, {"budget": budget, **more})["retentionTargets"]


def _keys(answer: Any) -> list[str]:
    return [edge["node"]["key"] for edge in answer["targets"]["edges"]]


def test_without_contagion_the_loss_is_risk_by_value(scored: Service) -> None:
    found = _asked(scored, 1, contagion=0)
    (edge,) = found["targets"]["edges"]
    assert (edge["node"]["key"], edge["rank"], edge["cost"]) == ("bram", 1, 1)
    assert (edge["risk"], edge["value"]) == (0.5, 2999)
    assert edge["averts"] == pytest.approx(0.5 * 2999)
    assert (edge["reason"]["leaves"], edge["reason"]["takenLoss"]) == pytest.approx((0.5, 0))
    assert (found["currency"], found["horizonDays"], found["model"]) == ("EUR", 7, "v1")
    assert (found["contagion"], found["isContagionMeasured"], found["eligible"]) == (0, False, 3)
    assert found["averted"]["low"] < 0.5 * 2999 < found["averted"]["high"]
    assert found["atStake"]["low"] < 0.7 * 2999 < found["atStake"]["high"]
    assert 0.9 < found["certificate"] <= 1


def test_the_reason_has_whom_they_would_take_along(scored: Service) -> None:
    found = _asked(scored, 1)
    (edge,) = found["targets"]["edges"]
    assert (found["contagion"], edge["node"]["key"]) == (0.5, "bram")
    reason = edge["reason"]
    assert reason["leaves"] > 0.5
    assert edge["averts"] == pytest.approx(reason["ownLoss"] + reason["takenLoss"])
    assert [taken["subscriber"]["key"] for taken in reason["taken"]] == ["asha", "chidi"]
    assert reason["takenLoss"] == pytest.approx(sum(each["loss"] for each in reason["taken"]))


def test_the_second_question_about_the_same_graph_reads_no_ties(scored: Service) -> None:
    first = _asked(scored, 2)
    del scored.database.asked[:]
    assert _asked(scored, 2) == first
    assert "retention/people" not in scored.database.asked
    assert "tie/columns" not in scored.database.asked


def test_costs_are_of_each_subscriber(scored: Service) -> None:
    """Of 100 for all, Bram costs more than can be spent; Asha costs 5 and a tenth of 2,999."""
    dear = [{"key": "bram", "cost": 400.0}]
    found = _asked(scored, 310, contagion=0, cost=5, costOfValue=0.1, costs=dear)
    assert _keys(found) == ["asha"]
    assert found["spent"] == pytest.approx(5 + 299.9)


def test_who_may_be_chosen(scored: Service) -> None:
    assert _keys(_asked(scored, 2, filter={"segments": ["home"]})) == ["asha"]
    assert _keys(_asked(scored, 2, filter={"place": REGION}, contagion=0)) == ["asha"]
    assert _asked(scored, 2, filter={"place": REGION})["eligible"] == 2
    assert _keys(_asked(scored, 2, filter={"keys": ["asha"]})) == ["asha"]
    consented = {"consentsToContact": True}
    nobody = _asked(scored, 2, filter=consented)
    assert (nobody["eligible"], _keys(nobody), nobody["certificate"]) == (0, [], 1)
    _consent(scored, "asha")
    assert _keys(_asked(scored, 2, filter=consented)) == ["asha"]


def _consent(service: Service, subject: str) -> None:
    now = datetime.now(UTC)
    terms = Terms(
        subject,
        "operator",
        "dpv:DirectMarketing",
        frozenset({"contact"}),
        now - timedelta(hours=1),
        now + timedelta(hours=1),
        "by hand",
    )
    ConsentBook(service.settings.consents_file).give(terms, "tester")


def test_pages_go_on_where_the_last_one_ended(scored: Service) -> None:
    first = _asked(scored, 3, first=1)
    assert first["targets"]["pageInfo"]["hasNextPage"]
    after = first["targets"]["pageInfo"]["endCursor"]
    second = _asked(scored, 3, first=5, after=after)
    assert _keys(first) + _keys(second) == _keys(_asked(scored, 3))
    assert second["targets"]["edges"][0]["rank"] == 2
    assert first["targets"]["totalCount"] == len(_keys(first) + _keys(second))


def test_success_scales_what_is_averted(scored: Service) -> None:
    half = _asked(scored, 1, contagion=0, success=0.5)["averted"]
    assert half["low"] < 0.25 * 2999 < half["high"]


def test_a_budget_of_nothing_buys_nobody(scored: Service) -> None:
    found = _asked(scored, 0)
    assert (_keys(found), found["spent"], found["averted"]["value"]) == ([], 0, 0)
    assert (found["certificate"], found["targets"]["totalCount"]) == (1, 0)
    assert found["atStake"]["value"] > 0


@pytest.mark.parametrize(
    ("asked", "code", "told"),
    [
        ({"budget": -1}, "BAD_USER_INPUT", "a budget is a number, 0 or more"),
        ({"cost": 0}, "BAD_USER_INPUT", "a cost is a number above 0"),
        ({"costOfValue": -1}, "BAD_USER_INPUT", "a cost by value is a number, 0 or more"),
        ({"contagion": 11}, "BAD_USER_INPUT", "contagion is not between 0 and 10"),
        ({"success": 2}, "BAD_USER_INPUT", "success is not between 0 and 1"),
        ({"costs": [{"key": "nobody", "cost": 1}]}, "NOT_FOUND", "subscriber 1 of 1 named"),
        ({"filter": {"keys": ["nobody"]}}, "NOT_FOUND", "subscriber 1 of 1 named"),
        ({"filter": {"place": "none"}}, "NOT_FOUND", "the place is not in the graph"),
        ({"filter": {"segments": ["x"]}}, "BAD_USER_INPUT", "segments are home"),
        ({"currency": "XTS"}, "BAD_USER_INPUT", "charges are in EUR"),
        ({"first": 0}, "BAD_USER_INPUT", "first must be from 1 to 100"),
    ],
)
def test_what_cannot_be_right_is_told(
    scored: Service, asked: dict[str, Any], code: str, told: str
) -> None:
    ((found, message),) = scored.errors(_ASK, {"budget": 1, **asked})
    assert found == code
    assert told in message


def test_partners_are_told_nothing(scored: Service) -> None:
    assert scored.errors(_ASK, {"budget": 1}, role="partner")[0][0] == "PERMISSION_DENIED"
