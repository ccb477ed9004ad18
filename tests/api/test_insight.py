"""How apps are doing, by GraphQL: what a release says, audited and billed for partners.

The numbers of a release are held against pandas in ``tests/loaders/test_insight.py``; here one is
written by hand.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.insight.interval import Measure
from graph.insight.release import (
    AppRelease,
    Cohort,
    Move,
    Part,
    Period,
    Release,
    Retained,
    write_release,
)
from tests.api.conftest import Service, fresh_service

HALF = Measure(value=0.5, low=0.4, high=0.6)
ESTIMATE = {"value": 0.5, "low": 0.4, "high": 0.6}
PARTNER: dict[str, Any] = {"role": "partner", "subject": "fund", "purpose": "dpv:Marketing"}
ALL = """query ($app: ID!) { appInsight(app: $app) {
  key asOf
  months { since until isWhole density users stickiness { value low high } growth { value } }
  cohorts { since users retained { weeks users share { value low high } } }
  genders { value users share { value } } birthDecades { value } areas { value }
  moves { since app users share { value } }
} }"""


PEOPLE = [f"{number:032x}" for number in range(200)]
USERS = {  # whom the release below is about
    ("month", "2026-01-01"): PEOPLE[:40],
    ("month", "2026-02-01"): PEOPLE[20:60],
    ("month", "2026-03-01"): PEOPLE[40:100],
    ("stayed", "month", "2026-02-01"): PEOPLE[20:40],
    ("stayed", "month", "2026-03-01"): PEOPLE[40:60],
    ("cohort", "2026-01-05"): PEOPLE[:40],
    ("retained", "2026-01-05", 2): PEOPLE[:20],
    ("moved", "2026-02-01", "lab:talk"): PEOPLE[:20],
    ("gender", "female"): PEOPLE[100:120],
    ("all",): PEOPLE,
}


def month(begin: int, users: int | None, **more: Any) -> Period:
    since, until = date(2026, begin, 1), date(2026, begin + 1, 1)
    return Period(since=since, until=until, is_whole=True, users=users, **more)


@pytest.fixture
def service(nowhere: Service, tmp_path: Path) -> Service:
    """Serve what is told of one app, without any database."""
    service = fresh_service(nowhere, tmp_path)
    retained = Retained(weeks=2, users=20, share=HALF)
    release = AppRelease(
        days=(),
        weeks=(),
        months=(month(1, 40, stickiness=HALF), month(2, None), month(3, 60, growth=HALF)),
        cohorts=(Cohort(since=date(2026, 1, 5), users=40, retained=(retained,)),),
        genders=(Part(value="female", users=20, share=HALF),),
        decades=(),
        areas=(),
        moves=(Move(since=date(2026, 2, 1), app_id="lab:talk", users=17, share=HALF),),
    )
    as_of = datetime(2026, 4, 1, tzinfo=UTC)
    write_release(service.settings.insight_file, Release(as_of=as_of, apps={"lab:chat": release}))
    service.services.crowd.publish("lab:chat", USERS)
    return service


def test_all_that_is_told_of_an_app(service: Service) -> None:
    told = service.data(ALL, {"app": "lab:chat"}, role="analyst")["appInsight"]
    few = {"density": "LOW_DENSITY", "users": None, "stickiness": None, "growth": None}
    whole = {"isWhole": True}
    assert told == {
        "key": "lab:chat",
        "asOf": "2026-04-01T00:00:00+00:00",
        "months": [
            {"since": "2026-01-01", "until": "2026-02-01", **whole, "density": "KNOWN", "users": 40}
            | {"stickiness": ESTIMATE, "growth": None},
            {"since": "2026-02-01", "until": "2026-03-01", **whole, **few},
            {"since": "2026-03-01", "until": "2026-04-01", **whole, "density": "KNOWN", "users": 60}
            | {"stickiness": None, "growth": {"value": 0.5}},
        ],
        "cohorts": [
            {
                "since": "2026-01-05",
                "users": 40,
                "retained": [{"weeks": 2, "users": 20, "share": ESTIMATE}],
            }
        ],
        "genders": [{"value": "female", "users": 20, "share": {"value": 0.5}}],
        "birthDecades": [],
        "areas": [],
        "moves": [{"since": "2026-02-01", "app": "lab:talk", "users": 17, "share": {"value": 0.5}}],
    }


def test_a_window_is_half_open(service: Service) -> None:
    asked = """{ appInsight(app: "lab:chat") {
        months(since: "2026-01-01", until: "2026-03-01") { since } } }"""
    months = service.data(asked, role="analyst")["appInsight"]["months"]
    assert [one["since"] for one in months] == ["2026-01-01", "2026-02-01"]
    empty = asked.replace("2026-03-01", "2026-01-01")
    assert service.errors(empty) == [("BAD_USER_INPUT", "until must be after since")]


def test_a_partner_is_told_the_same_and_billed(service: Service) -> None:
    (ours, theirs) = (
        service.data(ALL, {"app": "lab:chat"}, **who) for who in ({"role": "analyst"}, PARTNER)
    )
    assert ours == theirs
    used = service.services.meter.records(f"{datetime.now(UTC):%Y-%m}", "fund")
    assert [(record.operation, record.units) for record in used] == [("graphql/appInsight", 1)]


def test_a_partner_who_knows_most_of_a_month_is_not_told_the_rest(service: Service) -> None:
    """Of January's 40 it was told 35 by another question; others were not."""
    service.services.crowd.counted("fund", {"some": PEOPLE[:35]})
    asked = """{ appInsight(app: "lab:chat") { months { users growth { value } } cohorts { since }
        moves { users } genders { users } } }"""
    theirs = service.data(asked, **PARTNER)["appInsight"]
    assert theirs == {
        "months": [
            {"users": None, "growth": None},
            {"users": None, "growth": None},
            {"users": 60, "growth": {"value": 0.5}},
        ],
        "cohorts": [],
        "moves": [],
        "genders": [{"users": 20}],
    }
    others = service.data(asked, **{**PARTNER, "subject": "bank"})["appInsight"]
    assert others == service.data(asked, role="analyst")["appInsight"]


@pytest.mark.parametrize("app", ["lab:rare", ""])
def test_an_app_of_too_few_is_as_one_that_is_not_there(service: Service, app: str) -> None:
    (error,) = service.errors(ALL, {"app": app}, **PARTNER)
    assert error == ("NOT_FOUND", "there is no such app, or too few use it")


def test_before_any_analysis_it_is_said_what_to_run(nowhere: Service, tmp_path: Path) -> None:
    service = fresh_service(nowhere, tmp_path)
    (error,) = service.errors(ALL, {"app": "lab:chat"})
    assert error[0] == "FAILED_PRECONDITION"
    assert "tiegraph analyse apps" in error[1]


@pytest.mark.parametrize("role", ["care", "retention"])
def test_others_have_no_use_for_it(service: Service, role: Any) -> None:
    (error,) = service.errors(ALL, {"app": "lab:chat"}, role=role)
    assert error[0] == "PERMISSION_DENIED"
