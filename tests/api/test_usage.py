"""Apps and services of the village, and how much they are used."""

import pytest

from tests.api.conftest import Service

pytestmark = pytest.mark.database

USE = "sessions durationS volumeUpBytes volumeDownBytes firstAt lastAt"


def test_what_a_subscribers_sessions_add_up_to(village: Service) -> None:
    query = f"""{{
        asha: subscriber(key: "asha") {{ usage {{ {USE} }} }}
        ines: subscriber(key: "ines") {{ usage {{ {USE} }} apps {{ totalCount nodes {{ key }} }} }}
    }}"""
    assert village.data(query) == {
        "asha": {
            "usage": {
                "sessions": 9,
                "durationS": 960,
                "volumeUpBytes": 1500,
                "volumeDownBytes": 9000,
                "firstAt": "2024-01-01T08:00:00+00:00",
                "lastAt": "2024-01-20T21:00:00+00:00",
            }
        },
        "ines": {
            "usage": {
                "sessions": 0,
                "durationS": 0,
                "volumeUpBytes": 0,
                "volumeDownBytes": 0,
                "firstAt": None,
                "lastAt": None,
            },
            "apps": {"totalCount": 0, "nodes": []},
        },
    }


def test_apps_come_by_sessions_page_by_page(village: Service) -> None:
    query = f"""
        query Apps($after: String) {{ subscriber(key: "asha") {{ apps(first: 1, after: $after) {{
            totalCount
            pageInfo {{ hasNextPage endCursor }}
            edges {{ {USE} node {{ key name category maker subscribers }} }}
        }} }} }}
    """
    shown = village.data(query)["subscriber"]["apps"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (2, True)
    assert shown["edges"] == [
        {
            "sessions": 5,
            "durationS": 300,
            "volumeUpBytes": 500,
            "volumeDownBytes": 3000,
            "firstAt": "2024-01-02T08:00:00+00:00",
            "lastAt": "2024-01-20T21:00:00+00:00",
            "node": {
                "key": "village:chat",
                "name": "Chat",
                "category": "social",
                "maker": "Talk",
                "subscribers": 2,
            },
        }
    ]
    after = {"after": shown["pageInfo"]["endCursor"]}
    shown = village.data(query, after)["subscriber"]["apps"]
    assert shown["pageInfo"]["hasNextPage"] is False
    assert [(e["sessions"], e["node"]["key"]) for e in shown["edges"]] == [(3, "village:maps")]


def test_services_come_by_sessions(village: Service) -> None:
    query = """{ subscriber(key: "asha") { services {
        totalCount edges { sessions volumeDownBytes node { key subscribers } }
    } } }"""
    assert village.data(query)["subscriber"]["services"] == {
        "totalCount": 2,
        "edges": [
            {
                "sessions": 5,
                "volumeDownBytes": 3000,
                "node": {"key": "messaging", "subscribers": 2},
            },
            {"sessions": 4, "volumeDownBytes": 6000, "node": {"key": "web", "subscribers": 1}},
        ],
    }


def test_all_apps_and_those_of_a_category(village: Service) -> None:
    query = """
        query Apps($filter: AppFilter, $after: String) {
          apps(filter: $filter, first: 2, after: $after) {
            totalCount nodes { key subscribers } pageInfo { hasNextPage endCursor }
          }
        }
    """
    shown = village.data(query)["apps"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (3, True)
    assert shown["nodes"] == [
        {"key": "village:chat", "subscribers": 2},
        {"key": "village:maps", "subscribers": 1},
    ]
    shown = village.data(query, {"after": shown["pageInfo"]["endCursor"]})["apps"]
    assert shown["nodes"] == [{"key": "village:tube", "subscribers": 0}]
    shown = village.data(query, {"filter": {"category": "travel"}})["apps"]
    assert (shown["totalCount"], [n["key"] for n in shown["nodes"]]) == (1, ["village:maps"])


def test_one_app_one_service_and_who_uses_them(village: Service) -> None:
    query = """{
        chat: app(key: "village:chat") { id name namespace }
        none: app(key: "village:none") { id }
        web: service(key: "web") { id subscribers }
        nothing: service(key: "nothing") { id }
        services { totalCount nodes { key } }
        chatting: subscribers(filter: {app: "village:chat"}) { totalCount nodes { key } }
        surfing: subscribers(filter: {service: "web"}) { totalCount nodes { key } }
    }"""
    assert village.data(query) == {
        "chat": {"id": "QXBwOnZpbGxhZ2U6Y2hhdA==", "name": "Chat", "namespace": "village"},
        "none": None,
        "web": {"id": "U2VydmljZTp3ZWI=", "subscribers": 1},
        "nothing": None,
        "services": {
            "totalCount": 3,
            "nodes": [{"key": "messaging"}, {"key": "video"}, {"key": "web"}],
        },
        "chatting": {"totalCount": 2, "nodes": [{"key": "asha"}, {"key": "bram"}]},
        "surfing": {"totalCount": 1, "nodes": [{"key": "asha"}]},
    }
