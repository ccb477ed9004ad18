"""Problems by GraphQL: who may see them, who may do what, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from graph.problem.delimit import KpiFall
from graph.problem.problem import Step
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import save
from graph.problem.struck import Struck
from graph.problem.verify import Standing
from graph.settings import Role
from tests.api.conftest import Service
from tests.graph.problem.test_states import AT, a_problem

pytestmark = pytest.mark.database

_VIEW = """query ($key: ID!) { problem(key: $key) {
    key state domain isSupported department severity kind target
    affects { ... on App { key } ... on Cell { key } }
    openedAt dueAt isOverdue beganOn lastSeenOn fall samples isByHours firstHour lastHour
    kpis { name worth expectedWorth fall points }
    assignee verifiedAt reopened revision history { at by action fromState toState note }
} }"""
_DO = """mutation ($key: ID!) {
    acknowledgeProblem(key: $key) { state }
    assignProblem(key: $key, assignee: "omar") { state assignee }
    commentProblem(key: $key, text: "antenna replaced") { state }
    resolveProblem(key: $key, reason: "done") { state history { by action note } }
}"""


@pytest.fixture(scope="module", autouse=True)
def _with_problems(village: Service) -> None:
    """Three problems: of the village's app, of a cell that is not there, and one not yet due."""
    kpis = (KpiFall("loss_ratio", 0.25, 0.75, 11.5),)
    opened = (Entry(AT, SYSTEM, "open", None, "open"),)
    soon = datetime.now(UTC) + timedelta(hours=1)
    app = replace(a_problem(), problem_id="a", kind="app", target="village:tube", kpis=kpis)
    cell = replace(a_problem(), problem_id="b", opened_at=AT + timedelta(hours=1))
    device = replace(
        a_problem("closed"), problem_id="c", kind="device", due_at=soon, domain="device"
    )
    standing = Standing(2, 40.0, 20.0, 400.0)
    asha = Struck("asha", 4.0, 100.0, 0.0, 0.0, standing)
    bram = Struck("bram", 2.0, 20.0, 0.0, 0.0)
    app = replace(app, people=(asha, bram), struck=2, recovered=1, awaited=1)
    village.run(save(village.database, [Step(one, opened) for one in (app, cell, device)]))


def test_a_problem_tells_what_whose_and_why(village: Service) -> None:
    assert village.data(_VIEW, {"key": "a"}, role="analyst")["problem"] == {
        "key": "a",
        "state": "OPEN",
        "domain": "RADIO",
        "isSupported": True,
        "department": "radio access",
        "severity": "MAJOR",
        "kind": "APP",
        "target": "village:tube",
        "affects": {"key": "village:tube"},
        "openedAt": "2026-01-08T06:00:00+00:00",
        "dueAt": "2026-01-09T06:00:00+00:00",
        "isOverdue": True,
        "beganOn": "2026-01-07",
        "lastSeenOn": "2026-01-07",
        "fall": 15.0,
        "samples": 60,
        "isByHours": False,
        "firstHour": 0,
        "lastHour": 24,
        "kpis": [
            {
                "name": "loss_ratio",
                "worth": 0.25,
                "expectedWorth": 0.75,
                "fall": 0.5,
                "points": 11.5,
            }
        ],
        "assignee": None,
        "verifiedAt": None,
        "reopened": 0,
        "revision": 1,
        "history": [
            {
                "at": "2026-01-08T06:00:00+00:00",
                "by": "tiegraph",
                "action": "open",
                "fromState": None,
                "toState": "OPEN",
                "note": None,
            }
        ],
    }


def test_lists_are_filtered_and_paged(village: Service) -> None:
    query = """query ($filter: ProblemFilter, $after: String) {
        problems(filter: $filter, first: 1, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } nodes { key affects { id } isOverdue }
        }
    }"""
    shown = village.data(query, {"filter": {"domain": "RADIO"}})["problems"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (2, True)
    assert shown["nodes"] == [{"key": "b", "affects": None, "isOverdue": True}]
    after = shown["pageInfo"]["endCursor"]
    shown = village.data(query, {"filter": {"domain": "RADIO"}, "after": after})["problems"]
    assert [node["key"] for node in shown["nodes"]] == ["a"]
    closed = village.data(query, {"filter": {"states": ["CLOSED", "VERIFYING"], "kind": "DEVICE"}})
    assert closed["problems"]["nodes"] == [{"key": "c", "affects": None, "isOverdue": False}]
    window = {"since": "2026-01-08T06:00:01Z", "until": "2026-01-08T07:00:01Z"}
    shown = village.data(query, {"filter": window})["problems"]
    assert (shown["totalCount"], shown["nodes"][0]["key"]) == (1, "b")


_AFFECTED = """query ($after: String) { problem(key: "a") {
    affectedCount recoveredCount awaitedCount
    affectedSubscribers(first: 1, after: $after) {
        totalCount pageInfo { endCursor } edges { samples fall state node { key } }
    }
} }"""


def test_care_sees_who_was_affected_and_who_has_recovered(village: Service) -> None:
    shown = village.data(_AFFECTED, role="care")["problem"]
    assert (shown["affectedCount"], shown["recoveredCount"], shown["awaitedCount"]) == (2, 1, 1)
    page = shown["affectedSubscribers"]
    assert page["totalCount"] == 2
    assert page["edges"] == [
        {"samples": 4, "fall": 25.0, "state": "RECOVERED", "node": {"key": "asha"}}
    ]
    then = village.data(_AFFECTED, {"after": page["pageInfo"]["endCursor"]}, role="care")
    assert then["problem"]["affectedSubscribers"]["edges"] == [
        {"samples": 2, "fall": 10.0, "state": "AWAITED", "node": {"key": "bram"}}
    ]


def test_care_sees_of_whoever_calls_which_problems_they_met(village: Service) -> None:
    query = """{ subscriber(key: "asha") { problems(first: 5) {
        totalCount edges { samples fall state node { key domain } }
    } } }"""
    met = {
        "samples": 4,
        "fall": 25.0,
        "state": "RECOVERED",
        "node": {"key": "a", "domain": "RADIO"},
    }
    shown = village.data(query, role="care")["subscriber"]["problems"]
    assert shown == {"totalCount": 1, "edges": [met]}
    at = '"2026-01-08T06:00:00Z"'  # when it opened: from then on it is among them, not before
    for window, count in ((f"since: {at}", 1), (f"until: {at}", 0)):
        shown = village.data(query.replace("first: 5", f"first: 5, {window}"), role="care")
        met_then = shown["subscriber"]["problems"]
        assert (met_then["totalCount"], len(met_then["edges"])) == (count, count)
    ((code, _),) = village.errors(query, role="analyst")
    assert code == "PERMISSION_DENIED"


@pytest.mark.parametrize("role", ["analyst", "retention"])
def test_others_see_how_many_were_affected_and_not_who(village: Service, role: Role) -> None:
    ((code, message),) = village.errors(_AFFECTED, role=role)
    assert (code, "Problem.affectedSubscribers" in message) == ("PERMISSION_DENIED", True)
    counts = '{ problem(key: "a") { affectedCount recoveredCount awaitedCount } }'
    assert village.data(counts, role=role)["problem"]["recoveredCount"] == 1


def test_a_problem_is_a_node(village: Service) -> None:
    found = village.data('{ problem(key: "c") { id } }')["problem"]
    query = "query ($id: ID!) { node(id: $id) { ... on Problem { key } } }"
    assert village.data(query, found)["node"] == {"key": "c"}


def test_care_works_on_a_problem_step_by_step(village: Service) -> None:
    done = village.data(_DO, {"key": "b"}, role="care")
    assert done["acknowledgeProblem"] == {"state": "ACKNOWLEDGED"}
    assert done["assignProblem"] == {"state": "IN_PROGRESS", "assignee": "omar"}
    assert done["commentProblem"] == {"state": "IN_PROGRESS"}
    assert done["resolveProblem"]["state"] == "RESOLVED"
    assert [
        (one["by"], one["action"], one["note"]) for one in done["resolveProblem"]["history"]
    ] == [
        ("tiegraph", "open", None),
        ("tester", "acknowledge", None),
        ("tester", "assign", "omar"),
        ("tester", "comment", "antenna replaced"),
        ("tester", "resolve", "done"),
    ]


def test_what_cannot_be_done_is_refused_with_the_reason(village: Service) -> None:
    dismiss = 'mutation { dismissProblem(key: "c") { state } }'
    message = "a problem that is closed cannot be asked to dismiss: only one that is open, "
    message += "acknowledged, in_progress"
    assert village.errors(dismiss) == [("FAILED_PRECONDITION", message)]
    missing = 'mutation { acknowledgeProblem(key: "x") { state } }'
    assert village.errors(missing) == [("NOT_FOUND", "there is no problem with that key")]
    stale = 'mutation { acknowledgeProblem(key: "a", revision: 9) { state } }'
    assert village.errors(stale)[0][0] == "ABORTED"
    empty = 'mutation { commentProblem(key: "a", text: " ") { state } }'
    assert village.errors(empty) == [("BAD_USER_INPUT", "say what to add")]
    assert village.data(_VIEW, {"key": "a"})["problem"]["revision"] == 1


@pytest.mark.parametrize("role", ["analyst", "retention", "partner"])
def test_others_may_not_work_on_problems(village: Service, role: Role) -> None:
    query = 'mutation { acknowledgeProblem(key: "a") { state } }'
    code, message = village.errors(query, role=role)[0]
    assert code == "PERMISSION_DENIED"
    assert "Mutation.acknowledgeProblem" in message
    assert village.data(_VIEW, {"key": "a"})["problem"]["state"] == "OPEN"


def test_nothing_is_changed_by_get(village: Service) -> None:
    query = 'mutation { acknowledgeProblem(key: "a") { state } }'
    response = village.request("GET", "/graphql", params={"query": query})
    assert response.status_code in (401, 405)
    assert village.data(_VIEW, {"key": "a"})["problem"]["state"] == "OPEN"
