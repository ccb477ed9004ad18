"""Touchpoints and surveys of the village."""

import pytest

from tests.api.conftest import Service

pytestmark = pytest.mark.database


def test_touchpoints_come_latest_first(village: Service) -> None:
    query = """{ subscriber(key: "asha") {
        touchpoints { totalCount nodes { key stage at channel topic outcome durationS } }
        help: touchpoints(stage: GET_HELP) { totalCount nodes { key } }
        use: touchpoints(stage: USE) { totalCount nodes { key } }
    } }"""
    found = village.data(query)["subscriber"]
    assert found["touchpoints"] == {
        "totalCount": 2,
        "nodes": [
            {
                "key": "touch-2",
                "stage": "GET_HELP",
                "at": "2024-01-10T09:30:00+00:00",
                "channel": "hotline",
                "topic": "bill",
                "outcome": "solved",
                "durationS": 300,
            },
            {
                "key": "touch-1",
                "stage": "CHOOSE",
                "at": "2024-01-05T15:00:00+00:00",
                "channel": "shop",
                "topic": None,
                "outcome": None,
                "durationS": None,
            },
        ],
    }
    assert found["help"] == {"totalCount": 1, "nodes": [{"key": "touch-2"}]}
    assert found["use"] == {"totalCount": 0, "nodes": []}


def test_answers_of_one_instant_come_by_key_page_by_page(village: Service) -> None:
    query = """
        query Answers($after: String) { subscriber(key: "asha") {
            surveys(first: 1, after: $after) {
                totalCount
                pageInfo { hasNextPage endCursor }
                nodes { key kind score answeredAt service { key } app { key name } }
            }
            mos: surveys(kind: MOS) { totalCount }
        } }
    """
    found = village.data(query)["subscriber"]
    assert found["mos"] == {"totalCount": 1}
    shown = found["surveys"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (2, True)
    assert shown["nodes"] == [
        {
            "key": "answer-1",
            "kind": "MOS",
            "score": 4.5,
            "answeredAt": "2024-01-12T10:00:00+00:00",
            "service": {"key": "video"},
            "app": {"key": "village:tube", "name": None},
        }
    ]
    after = {"after": shown["pageInfo"]["endCursor"]}
    shown = village.data(query, after)["subscriber"]["surveys"]
    assert shown["pageInfo"]["hasNextPage"] is False
    assert shown["nodes"] == [
        {
            "key": "answer-2",
            "kind": "NPS",
            "score": 9.0,
            "answeredAt": "2024-01-12T10:00:00+00:00",
            "service": None,
            "app": None,
        }
    ]


def test_lists_are_cut_to_a_half_open_time(village: Service) -> None:
    """What is at ``until`` is not in it; an undated payment is in no time."""
    query = """query ($since: DateTime, $until: DateTime) { subscriber(key: "asha") {
        touchpoints(since: $since, until: $until) { totalCount nodes { key } }
        surveys(since: $since, until: $until) { totalCount nodes { key } }
        payments(since: $since, until: $until) { totalCount nodes { key } }
    } }"""

    def keys(**span: str) -> list[list[str]]:
        found = village.data(query, span)["subscriber"]
        lists = [found[name] for name in ("touchpoints", "surveys", "payments")]
        assert [each["totalCount"] for each in lists] == [len(each["nodes"]) for each in lists]
        return [[node["key"] for node in each["nodes"]] for each in lists]

    begins, ends = "2024-01-05T15:00:00Z", "2024-01-12T10:00:00Z"
    assert keys(since=begins, until=ends) == [["touch-2", "touch-1"], [], []]
    assert keys(since="2024-01-10T10:31:00+01:00") == [
        [],
        ["answer-1", "answer-2"],
        ["pay-2", "pay-1"],
    ]
    assert keys(until="2024-02-29T10:00:00Z")[2] == ["pay-1"]
    assert keys()[2] == ["pay-2", "pay-1", "pay-3"]
    beyond = {"since": "0001-01-01T00:00:00+14:00"}
    for span in ({"since": ends, "until": begins}, {"since": "2024-01-05T15:00:00"}, beyond):
        assert {code for code, _ in village.errors(query, span)} == {"BAD_USER_INPUT"}
