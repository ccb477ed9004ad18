"""How many subscribers there are, in groups: exact inside, and for partners nothing of few.

The village has few people, so forty more are written beside it, of whom thirty-six are of plan
`blue` and four of plan `red`; ten of the blue ones are of segment `work`, and twenty live at the
school. What is expected is counted from these lists by Python.
"""

from datetime import UTC, datetime, timedelta
from statistics import fmean
from typing import Any

import pytest

from cypher import statement
from graph.consent.book import ConsentBook
from graph.consent.terms import Terms
from tests.api.conftest import Service
from tests.village import REGION, SCHOOL, SQUARE

pytestmark = pytest.mark.database

PURPOSE = "dpv:Marketing"
PEOPLE = [
    {
        "subscriber_id": f"person-{number:02}",
        "namespace": "crowd",
        "status": "active",
        "plan": "blue" if number < 36 else "red",
        "segment": "work" if number < 10 else "home",
        "gender": "female" if number % 2 else "male",
        "contacts": number,
        "events": 2 * number,
        "calls_out": number,
        "calls_in": 0,
        "messages_out": 0,
        "messages_in": 0,
    }
    for number in range(40)
]
EVIDENCE = {"days": 20, "active_days": 25, "share": 0.8, "records": 90, "candidates": 2}
HOMES = [{"subscriber_id": one["subscriber_id"], "h3": SCHOOL, **EVIDENCE} for one in PEOPLE[:20]]
GROUPS = """
query Groups($filter: SubscriberFilter, $by: [SubscriberProperty!]!, $first: Int! = 20) {
  subscribersAggregate(filter: $filter, by: $by, areaResolution: 8) {
    density subscribers
    groups(first: $first) { status segment plan gender area subscribers }
  }
}
"""


@pytest.fixture(scope="module")
def town(village: Service) -> Service:
    """Return the village with forty more people."""
    village.run(village.database.write(statement("load/subscribers"), rows=PEOPLE))
    village.run(village.database.write(statement("load/homes"), rows=HOMES))
    return village


def asked(town: Service, by: list[str], **more: Any) -> Any:
    return town.data(GROUPS, {"by": by, **more}, role="analyst")["subscribersAggregate"]


def test_groups_are_counted_with_their_means(town: Service) -> None:
    answer = town.data(
        """
        {
          subscribersAggregate(filter: {namespace: "crowd"}, by: [PLAN, SEGMENT]) {
            subscribers
            means { contacts }
            groups { plan segment gender subscribers means { contacts events tenureMonths } }
          }
        }
        """,
        role="analyst",
    )["subscribersAggregate"]
    assert answer["subscribers"] == 40
    assert answer["means"]["contacts"] == pytest.approx(fmean(range(40)))
    expected = []
    for plan, segment, numbers in (
        ("blue", "home", range(10, 36)),
        ("blue", "work", range(10)),
        ("red", "home", range(36, 40)),
    ):
        means = {"contacts": fmean(numbers), "events": 2 * fmean(numbers), "tenureMonths": None}
        told = {"plan": plan, "segment": segment, "gender": None, "subscribers": len(numbers)}
        expected.append({**told, "means": means})
    assert answer["groups"] == expected


def test_every_filter_counts_whom_it_should(town: Service) -> None:
    """Each way into the statement, against the picture of the village."""
    for who, expected in (
        ({}, 52),
        ({"status": "CHURNED"}, 2),
        ({"namespace": "crowd", "hasCalls": True}, 39),
        ({"place": REGION}, 3),
        ({"place": SQUARE, "gender": "MALE"}, 1),
        ({"app": "village:chat"}, 2),
        ({"service": "messaging", "status": "ACTIVE"}, 2),
        ({"device": "village:35"}, 2),
        ({"hasFriends": True}, 5),
        ({"app": "nowhere:none"}, 0),
    ):
        found = asked(town, ["STATUS", "GENDER"], filter=who)
        assert found["subscribers"] == expected, who
        assert sum(group["subscribers"] for group in found["groups"]) == expected, who


def test_the_village_is_grouped_as_its_picture_has_it(town: Service) -> None:
    found = asked(town, ["STATUS"], filter={"namespace": "village", "hasCalls": True})
    assert {group["status"]: group["subscribers"] for group in found["groups"]} == {
        "ACTIVE": 5,
        "CHURNED": 2,
    }


def test_areas_are_where_people_live(town: Service) -> None:
    found = asked(town, ["AREA", "PLAN"], filter={"namespace": "crowd"})
    assert [(one["area"], one["plan"], one["subscribers"]) for one in found["groups"]] == [
        (SQUARE, "blue", 20),
        (None, "blue", 16),
        (None, "red", 4),
    ]
    assert asked(town, ["AREA", "PLAN"], first=1)["groups"] == found["groups"][:1]


def test_statements_do_not_grow_with_what_is_asked(town: Service) -> None:
    town.database.asked.clear()
    town.data(
        "{ subscribersAggregate(by: [PLAN, AREA, STATUS]) "
        "{ subscribers means { events sessions } groups { subscribers means { events } } } }"
    )
    assert len(town.database.asked) <= 3


def test_areas_have_a_size_of_the_raster(town: Service) -> None:
    (problem,) = town.errors("{ subscribersAggregate(areaResolution: 4) { subscribers } }")
    assert problem[0] == "BAD_USER_INPUT"


@pytest.fixture(scope="module")
def consenting(town: Service) -> Service:
    """Return the town after all of its forty but the last have agreed to be counted."""
    now = datetime.now(UTC) - timedelta(minutes=1)
    book = ConsentBook(town.settings.consents_file, clock=lambda: now)
    scope, until = frozenset({"audience"}), now + timedelta(days=30)
    book.give_all(
        [
            Terms(str(one["subscriber_id"]), partner, PURPOSE, scope, now, until, "a test")
            for one in PEOPLE[:39]
            for partner in ("shop", "cinema", "noisy")
        ],
        "tester",
    )
    return town


def told(
    town: Service, by: list[str], partner: str = "shop", purpose: str = PURPOSE, **more: Any
) -> Any:
    answer = town.data(GROUPS, {"by": by, **more}, role="partner", subject=partner, purpose=purpose)
    return answer["subscribersAggregate"]


def test_partners_are_told_of_sixteen_who_agreed_and_of_no_fewer(consenting: Service) -> None:
    found = told(consenting, ["PLAN"])
    assert (found["density"], found["subscribers"]) == ("KNOWN", 39)
    assert found["groups"] == [], "36 blue ones would tell of 3 red ones"
    assert told(consenting, ["PLAN"], filter={"namespace": "crowd"})["subscribers"] == 39
    blue = told(consenting, ["PLAN"], "cinema", filter={"place": SCHOOL})
    assert (blue["density"], blue["subscribers"]) == ("LOW_DENSITY", None)


def test_differences_of_answers_are_refused_as_the_small_are(consenting: Service) -> None:
    """Of 36 blue ones 26 are of segment home; with the number of all, 13 others would follow."""
    assert told(consenting, ["GENDER"], "shop")["groups"] == [
        {"status": None, "segment": None, "plan": None, "area": None, "gender": gender, **count}
        for gender, count in (("MALE", {"subscribers": 20}), ("FEMALE", {"subscribers": 19}))
    ]
    found = told(consenting, ["SEGMENT"], "shop")
    assert found["groups"] == []
    assert told(consenting, ["AREA"], "cinema")["groups"] == [
        {"status": None, "segment": None, "plan": None, "gender": None, **area}
        for area in ({"area": SQUARE, "subscribers": 20}, {"area": None, "subscribers": 19})
    ]


def test_who_did_not_agree_is_not_counted(consenting: Service) -> None:
    assert told(consenting, [], "stranger")["density"] == "LOW_DENSITY"
    (problem,) = consenting.errors(GROUPS, {"by": []}, role="partner", subject="shop")
    assert problem[0] == "PERMISSION_DENIED", "a token must say what it is for"
    other = told(consenting, [], "shop", purpose="dpv:DirectMarketing")
    assert other == {"density": "LOW_DENSITY", "subscribers": None, "groups": []}


def test_partners_are_told_no_means(consenting: Service) -> None:
    query = "{ subscribersAggregate { means { events } } }"
    (problem,) = consenting.errors(query, role="partner", subject="shop", purpose=PURPOSE)
    assert problem[0] == "PERMISSION_DENIED"


def test_noise_is_paid_from_a_budget_that_ends(consenting: Service) -> None:
    """The margin is what geometric noise of half the epsilon exceeds in 5 of 100 cases."""
    query = GROUPS.replace("areaResolution: 8", "areaResolution: 8, epsilon: 0.9")
    query = query.replace("density", "margin density")
    options: Any = {"role": "partner", "subject": "noisy", "purpose": PURPOSE}
    for _ in range(2):
        answer = consenting.data(query, {"by": ["PLAN"]}, **options)["subscribersAggregate"]
        assert answer["margin"] == 7
        shown = [answer, *answer["groups"]]
        assert all(one["subscribers"] is None or one["subscribers"] > 16 for one in shown)
        assert (answer["density"] == "KNOWN") == (answer["subscribers"] is not None)
    assert consenting.errors(query, {"by": []}, **options)[0][0] == "QUOTA_EXCEEDED"
    assert told(consenting, [], "noisy")["subscribers"] == 39, "without noise nothing is spent"
    for wrong in ("0.009", "10.5"):
        bad = query.replace("0.9", wrong)
        assert consenting.errors(bad, {"by": []}, **options)[0][0] == "BAD_USER_INPUT"
    assert consenting.errors(query, {"by": []}, role="analyst")[0][0] == "BAD_USER_INPUT"
