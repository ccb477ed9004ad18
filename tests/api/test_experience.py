"""Scores by GraphQL, against what the shipped model's published mappings say of a few sessions.

Asha had four sessions. By the model (docs/experience.md and the file of 2026-11), of a session of
the web accessibility weighs 0.2 (set-up 0.7 of it, its time 0.3), retainability 0.2 and integrity
0.6 (response 0.7 of it, download 0.2, loss 0.1); a message by an app counts half a web session.

==========  =======================================  =====  ========  =====
session     what is known                            score  coverage  least
==========  =======================================  =====  ========  =====
Monday      everything, as good as can be            100    1         100
Monday      it could not be set up: vetoed           0      0.14      0
Tuesday     set up in 100 sqrt(30) ms and shown in   67     0.82      58
            sqrt(670 * 6000) ms, the middles of the
            logarithms: 0.2 * 0.85 + 0.2 + 0.6 / 2
Wednesday   a message that was set up                100    0.14      14
==========  =======================================  =====  ========  =====

Monday's were at the village's mast, by the Five and with maps. There was a measurement at school
too, as good as can be, which counts a tenth of a session. Bram had one session as good as can be.
"""

from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import Any

import pytest

from graph.experience.model import DEFAULT_VERSION, bundled_models, model_of
from graph.settings import Settings
from loaders.experience import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.api.conftest import Service, fresh_service
from tests.loaders.records_of import staged_of
from tests.village import LAKE, MARKET, REGION, SCHOOL

pytestmark = pytest.mark.database

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MAST = {"cell_id": "village:mast", "tac": "village:35", "app_id": "village:maps"}
GOOD = {"is_set_up": True, "is_dropped": False, "setup_ms": 50.0, "response_ms": 500.0}
BEST = GOOD | {"down_bps": 5e7, "loss_ratio": 0.0}
MIDDLING = {"setup_ms": 100 * sqrt(30), "response_ms": sqrt(670 * 6000)}
SCORE = "cei least coverage margin confidence samples scored"
WHY = """services { service cei samples contribution kqis { name score weight contribution
  kpis { name measure unit value score weight contribution samples coverage confidence domain
    source } } }"""


def session(who: str, hours: int, **more: Any) -> dict[str, Any]:
    at = MONDAY + timedelta(hours=hours)
    return {"subscriber_id": who, "started_at": at, "service": "web", **more}


DUBLIN = "89182c1749bffff"  # nobody's place, and in no larger one that anybody knows
SUBSCRIBERS = (
    {"subscriber_id": "asha", "segment": "gold", "as_of": MONDAY},
    {"subscriber_id": "bram", "segment": "silver", "as_of": MONDAY},
)
SESSIONS = (
    session("asha", 10, **MAST, **BEST),
    session("asha", 11, **MAST, is_set_up=False),
    session("asha", 33, **GOOD | MIDDLING),
    session("asha", 60, service="messaging", is_set_up=True),
    session("bram", 34, **BEST),
)
MEASUREMENTS = (
    {"measured_at": MONDAY, "h3": int(DUBLIN, 16), "rsrp_dbm": -102.0},
    {
        "measured_at": MONDAY + timedelta(hours=11),
        "cell_id": "village:mast",
        "h3": int(SCHOOL, 16),
        "rsrp_dbm": -80.0,
    },
)


@pytest.fixture(scope="module")
def scored(village: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    return scored_in(village, tmp_path_factory.mktemp("scored"))


def scored_in(village: Service, folder: Path) -> Service:
    """Return a service of the village with a home that has the scores of all that is above."""
    service = fresh_service(village, folder / "home")
    recorded: dict[str, Any] = {"sessions": SESSIONS, "measurements": MEASUREMENTS}
    for kind, rows in {**recorded, "subscribers": SUBSCRIBERS}.items():
        store = RecordStore(service.settings.records_folder)
        store.append(kind, [staged_of(folder, kind, *rows)], "L1")
    by(service.settings, DEFAULT_VERSION)
    return service


def by(settings: Settings, version: str) -> None:
    analyse(settings, model_of(version, settings.models_folder), Silence())


def asha(service: Service, asked: str) -> Any:
    return service.data(f'{{ subscriber(key: "asha") {{ {asked} }} }}')["subscriber"]


def test_a_score_is_that_of_the_samples_by_importance(scored: Service) -> None:
    """Over 3 + 0.5: (167 + 50), (158 + 7) and (1.96 + 0.07); the margin by its formula.

    Kish's number is 3.5^2 / 3.25, the mean of squares (1 + 0.67^2 + 0.5) / 3.5, and the trend's
    days weigh 2, 1 and 0.5, halved by a week.
    """
    found = asha(scored, f"experience {{ {SCORE} trend modelVersion }}")["experience"]
    number = 3.5**2 / 3.25
    variance = (1 + 0.67**2 + 0.5) / 3.5 - 0.62**2
    days = [2 * 2 ** (-2 / 7), 2 ** (-1 / 7), 0.5]
    assert found == {
        "cei": pytest.approx(62, abs=1e-4),
        "least": pytest.approx(100 * 1.65 / 3.5, abs=1e-4),
        "coverage": pytest.approx(0.58),
        "margin": pytest.approx(
            196 * sqrt((number * variance + 10 / 12) / (number + 10) / number), abs=1e-3
        ),
        "confidence": pytest.approx(number / (number + 10)),
        "samples": 4,
        "scored": 4,
        "trend": pytest.approx((50 * days[0] + 67 * days[1] + 100 * days[2]) / sum(days), abs=1e-4),
        "modelVersion": DEFAULT_VERSION,
    }


def test_contributions_say_why_and_sum_to_the_score(scored: Service) -> None:
    """Points over 3.5: weights times scores of the sessions on Monday and Tuesday above."""
    found = asha(scored, f"experience {{ cei {WHY} }}")["experience"]
    message, web = found["services"]
    assert (message["service"], message["samples"]) == ("internet_messaging", 1)
    assert message["contribution"] == pytest.approx(50 / 3.5, abs=1e-4)
    assert (web["service"], web["samples"]) == ("web", 3)
    assert web["cei"] == pytest.approx(167 / 3, abs=1e-4)
    parts = {kpi["name"]: kpi for kqi in web["kqis"] for kpi in kqi["kpis"]}
    assert {name: kpi["contribution"] for name, kpi in parts.items()} == pytest.approx(
        {
            "set_up": 28 / 3.5,
            "set_up_time": (6 + 3) / 3.5,
            "drop": 40 / 3.5,
            "response": (42 + 30) / 3.5,
            "download": 12 / 3.5,
            "loss": 6 / 3.5,
        },
        abs=1e-4,
    )
    assert parts["set_up_time"] == {
        "name": "set_up_time",
        "measure": "setup_ms",
        "unit": "ms",
        "value": pytest.approx((50 + 100 * sqrt(30)) / 2, abs=1e-3),
        "score": pytest.approx(75, abs=1e-4),
        "weight": pytest.approx(0.06),
        "contribution": pytest.approx(9 / 3.5, abs=1e-4),
        "samples": 2,
        "coverage": pytest.approx(2 / 3),
        "confidence": pytest.approx(2 / 12),
        "domain": "radio",
        "source": "operator",
    }
    for whole, halves in (
        (found["cei"], found["services"]),
        (web["contribution"], web["kqis"]),
        *((kqi["contribution"], kqi["kpis"]) for kqi in web["kqis"]),
    ):
        assert sum(each["contribution"] for each in halves) == pytest.approx(whole, abs=1e-9)


def test_stages_of_the_journey_sum_to_the_score(village: Service, tmp_path: Path) -> None:
    """A page as good as can be counts 1, and so does a call for help that resolved nothing: 0."""
    service = fresh_service(village, tmp_path / "home")
    store = RecordStore(service.settings.records_folder)
    help_ = {"subscriber_id": "asha", "touchpoint_id": "t", "at": MONDAY, "stage": "get_help"}
    store.append("sessions", [staged_of(tmp_path, "sessions", SESSIONS[0])], "L1")
    path = staged_of(tmp_path, "touchpoints", help_ | {"outcome": "open", "channel": "hotline"})
    store.append("touchpoints", [path], "L1")
    by(service.settings, DEFAULT_VERSION)
    asked = "experience { cei stages { stage cei contribution samples services { service } } }"
    found = asha(service, asked)["experience"]
    weights = {
        each["name"]: each["importance"]
        for each in service.data("{ experienceModel { services { name importance } } }")[
            "experienceModel"
        ]["services"]
    }
    whole = 100 * weights["web"] / (weights["web"] + weights["touchpoint_get_help"])
    assert found["cei"] == pytest.approx(whole, abs=1e-4)
    assert found["stages"] == [
        {
            "stage": "USE",
            "cei": pytest.approx(100, abs=1e-4),
            "contribution": pytest.approx(whole, abs=1e-4),
            "samples": 1,
            "services": [{"service": "web"}],
        },
        {
            "stage": "GET_HELP",
            "cei": pytest.approx(0, abs=1e-4),
            "contribution": pytest.approx(0, abs=1e-4),
            "samples": 1,
            "services": [{"service": "touchpoint_get_help"}],
        },
    ]


def test_segments_have_the_scores_of_their_people(scored: Service) -> None:
    """Asha alone is gold (62, as above), Bram silver (100); who measured is nobody's segment."""
    asked = "segment experience { cei samples stages { stage cei } windows(by: DAY) { samples } }"
    found = scored.data(f"{{ experienceBySegment {{ {asked} }} }}")["experienceBySegment"]
    gold = {
        "cei": pytest.approx(62, abs=1e-4),
        "samples": 4,
        "stages": [{"stage": "USE", "cei": pytest.approx(62, abs=1e-4)}],
        "windows": [{"samples": 2}, {"samples": 1}, {"samples": 1}],
    }
    silver = {
        "cei": pytest.approx(100, abs=1e-4),
        "samples": 1,
        "stages": [{"stage": "USE", "cei": pytest.approx(100, abs=1e-4)}],
        "windows": [{"samples": 1}],
    }
    assert found == [
        {"segment": "gold", "experience": gold},
        {"segment": "silver", "experience": silver},
    ]
    later = 'experienceBySegment(since: "2026-01-07T00:00:00Z") { segment }'
    assert scored.data(f"{{ {later} }}")["experienceBySegment"] == [{"segment": "gold"}]


def test_windows_merge_to_the_whole(scored: Service) -> None:
    """Monday 50 of two, Tuesday 67 of one, Wednesday 100 of a half."""
    found = asha(
        scored,
        """experience { cei day: windows(by: DAY) { since until cei samples }
          week: windows(by: WEEK) { since until cei }
          month: windows(by: MONTH) { since until } }""",
    )["experience"]
    days = [(each["since"][:10], each["samples"]) for each in found["day"]]
    assert days == [("2026-01-05", 2), ("2026-01-06", 1), ("2026-01-07", 1)]
    assert found["day"][2]["until"] == "2026-01-08T00:00:00+00:00"
    scores = [each["cei"] for each in found["day"]]
    assert scores == pytest.approx([50, 67, 100], abs=1e-4)
    whole = (2 * scores[0] + scores[1] + 0.5 * scores[2]) / 3.5
    assert found["cei"] == pytest.approx(whole, abs=1e-9)
    (week,) = found["week"]
    assert (week["since"][:10], week["until"][:10]) == ("2026-01-05", "2026-01-12")
    assert week["cei"] == found["cei"]
    assert found["month"] == [
        {"since": "2026-01-01T00:00:00+00:00", "until": "2026-02-01T00:00:00+00:00"}
    ]


def test_a_time_is_half_open_and_cuts_windows(scored: Service) -> None:
    asked = """experience(since: "2026-01-06T00:00:00Z", until: "2026-01-07T00:00:00Z") {
      cei samples trend windows(by: WEEK) { since until cei } }"""
    found = asha(scored, asked)["experience"]
    assert (found["cei"], found["samples"]) == (pytest.approx(67, abs=1e-4), 1)
    assert found["trend"] == found["cei"]
    assert found["windows"] == [
        {
            "since": "2026-01-06T00:00:00+00:00",
            "until": "2026-01-07T00:00:00+00:00",
            "cei": found["cei"],
        }
    ]
    assert asha(scored, 'experience(since: "2026-01-08T00:00:00Z") { cei }')["experience"] is None


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ('(since: "2026-01-05T10:00:00Z") { cei }', "must each be the beginning of a day, UTC"),
        ('(since: "2026-01-05T00:00:00") { cei }', "must state their zone"),
        (
            '(since: "2026-01-06T00:00:00Z", until: "2026-01-06T00:00:00Z") { cei }',
            "since must be before until",
        ),
        ("{ windows(by: HOUR) { cei } }", "this is scored by days"),
        ('(model: "nope") { cei }', "there is no experience model nope; there are 2026-11"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    scored: Service, asked: str, reason: str
) -> None:
    query = f'{{ subscriber(key: "asha") {{ experience{asked} }} }}'
    ((code, message),) = scored.errors(query)
    assert code == "BAD_USER_INPUT"
    assert reason in message


def test_cells_devices_apps_and_services(scored: Service) -> None:
    """The cell's measurement counts a tenth: (100 + 0 + 10) / 2.1. Bram's session is of the web."""
    found = scored.data(
        """{
          cell(key: "village:mast") { experience { cei samples windows(by: HOUR) { since cei } } }
          five: device(key: "village:35") { experience { cei samples } }
          other: device(key: "village:36") { experience { cei } }
          app(key: "village:maps") { experience { cei samples } }
          web: service(key: "web") { experience { cei samples } }
          messaging: service(key: "messaging") { experience { cei } }
          video: service(key: "video") { experience { cei } }
        }"""
    )
    cell = found["cell"]["experience"]
    assert (cell["cei"], cell["samples"]) == (pytest.approx(110 / 2.1, abs=1e-4), 3)
    assert [(each["since"][11:13], each["cei"]) for each in cell["windows"]] == [
        ("10", pytest.approx(100, abs=1e-4)),
        ("11", pytest.approx(10 / 1.1, abs=1e-4)),
    ]
    half = {"cei": pytest.approx(50, abs=1e-4), "samples": 2}
    assert (found["five"]["experience"], found["app"]["experience"]) == (half, half)
    assert found["web"]["experience"] == {"cei": pytest.approx(267 / 4, abs=1e-4), "samples": 4}
    assert found["messaging"]["experience"] == {"cei": pytest.approx(100, abs=1e-4)}
    assert (found["other"]["experience"], found["video"]["experience"]) == (None, None)


def test_a_place_has_what_was_measured_there_and_its_share_of_cells(scored: Service) -> None:
    """A quarter of the mast lies in the school, with the measurement: (25 + 10) / 0.6."""
    document = """query ($school: ID!, $market: ID!, $region: ID!, $lake: ID!) {
      school: place(h3: $school) { experience { cei samples services { contribution } } }
      market: place(h3: $market) { experience { cei samples } }
      region: place(h3: $region) { experience { cei samples } }
      lake: place(h3: $lake) { experience { cei } }
    }"""
    keys = {"school": SCHOOL, "market": MARKET, "region": REGION, "lake": LAKE}
    found = {name: each["experience"] for name, each in scored.data(document, keys).items()}
    assert found["school"] == {
        "cei": pytest.approx(35 / 0.6, abs=1e-4),
        "samples": 2,  # half a session's worth, and the measurement
        "services": [
            {"contribution": pytest.approx(10 / 0.6, abs=1e-4)},
            {"contribution": pytest.approx(25 / 0.6, abs=1e-4)},
        ],
    }
    assert found["market"] == {"cei": pytest.approx(50, abs=1e-4), "samples": 2}
    assert found["region"] == {"cei": pytest.approx(110 / 2.1, abs=1e-4), "samples": 3}
    assert found["lake"] is None


def test_a_place_that_only_measurements_know(scored: Service) -> None:
    """-102 dBm is in the middle of -124 and -80; 85182c17fffffff holds the place (h3's parent)."""
    document = """query ($dublin: ID!, $market: ID!) {
      place(h3: $dublin) { h3 }
      fine: experienceAt(h3: $dublin) { cei samples }
      coarse: experienceAt(h3: "85182c17fffffff") { cei samples }
      before: experienceAt(h3: $dublin, until: "2026-01-05T00:00:00Z") { cei }
      known: experienceAt(h3: $market) { cei samples }
    }"""
    found = scored.data(document, {"dublin": DUBLIN, "market": MARKET})
    half = {"cei": pytest.approx(50, abs=1e-4)}
    assert found == {
        "place": None,
        "fine": half | {"samples": 1},
        "coarse": half | {"samples": 1},
        "before": None,
        "known": half | {"samples": 2},
    }


@pytest.mark.parametrize("h3", ["dublin", "84182c1ffffffff", "8f182c1749bffff", "-1", "f" * 17])
def test_what_is_no_place_is_refused(scored: Service, h3: str) -> None:
    """No index; of resolution 4; with digits that do not fit resolution 15; numbers too odd."""
    query = "query ($h3: ID!) { experienceAt(h3: $h3) { cei } }"
    ((code, message),) = scored.errors(query, {"h3": h3})
    assert (code, message) == (
        "BAD_USER_INPUT",
        "h3 must be an H3 index of a resolution from 5 to 9",
    )


def test_many_subscribers_at_once(scored: Service) -> None:
    nodes = scored.data("{ subscribers { nodes { key experience { cei } } } }")["subscribers"]
    found = {each["key"]: each["experience"] for each in nodes["nodes"] if each["experience"]}
    assert found == {
        "asha": {"cei": pytest.approx(62, abs=1e-4)},
        "bram": {"cei": pytest.approx(100, abs=1e-4)},
    }


def test_versions_side_by_side(scored: Service, village: Service, tmp_path: Path) -> None:
    """Where a message counts as much as a page: (167 + 100) / 4."""
    service = fresh_service(village, scored.settings.home_dir)
    folder = service.settings.models_folder
    folder.mkdir()
    text = bundled_models()[DEFAULT_VERSION].read_text()
    mine = text.replace("version: 2026-11", "version: mine").replace("importance: 0.5", "")
    (folder / "mine.yaml").write_text(mine)
    asked = f"""shipped: experience(model: "{DEFAULT_VERSION}") {{ cei }}
      mine: experience(model: "mine") {{ cei modelVersion }}"""
    versions = "{ experienceModels { version isScored } }"
    assert asha(service, asked)["mine"] is None
    assert service.data(versions)["experienceModels"] == [
        {"version": DEFAULT_VERSION, "isScored": True},
        {"version": "mine", "isScored": False},
    ]
    by(service.settings, "mine")
    found = asha(service, asked)
    assert found["shipped"] == {"cei": pytest.approx(62, abs=1e-4)}
    assert found["mine"] == {"cei": pytest.approx(267 / 4, abs=1e-4), "modelVersion": "mine"}
    # What was scored by the model as it was before is nothing that it says now.
    (folder / "mine.yaml").write_text(mine.replace("worst: 3000, best: 100", "worst: 9, best: 1"))
    assert asha(service, asked)["mine"] is None
    (folder / "mine.yaml").unlink()


def test_nothing_is_scored_yet(village: Service, tmp_path: Path) -> None:
    service = fresh_service(village, tmp_path / "home")
    assert asha(service, "experience { cei }") == {"experience": None}
    assert service.data('{ cell(key: "village:mast") { experience { cei } } }') == {
        "cell": {"experience": None}
    }
    assert service.data("{ experienceBySegment { segment } }") == {"experienceBySegment": []}


@pytest.mark.parametrize(
    "query", ["{ experienceModels { version } }", '{ cell(key: "x") { experience { cei } } }']
)
def test_partners_are_told_nothing(scored: Service, query: str) -> None:
    ((code, _),) = scored.errors(query, role="partner")
    assert code == "PERMISSION_DENIED"
    assert "data" in scored.post(query, role="analyst").json()
