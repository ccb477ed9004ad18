"""Devices of the village."""

import pytest

from tests.api.conftest import Service

pytestmark = pytest.mark.database


def test_what_a_subscriber_was_seen_with(village: Service) -> None:
    query = """
        { subscriber(key: "asha") { devices {
            totalCount
            edges { since until node { key maker model operatingSystem kind subscribers } }
        } } }
    """
    assert village.data(query)["subscriber"]["devices"] == {
        "totalCount": 2,
        "edges": [
            {
                "since": "2024-01-01T08:00:00+00:00",
                "until": "2024-01-20T21:00:00+00:00",
                "node": {
                    "key": "village:35",
                    "maker": "Fair",
                    "model": "Five",
                    "operatingSystem": "Android 14",
                    "kind": "smartphone",
                    "subscribers": 2,
                },
            },
            {
                "since": "2023-06-01T00:00:00+00:00",
                "until": None,
                "node": {
                    "key": "village:36",
                    "maker": None,
                    "model": None,
                    "operatingSystem": None,
                    "kind": None,
                    "subscribers": 1,
                },
            },
        ],
    }


def test_models_come_by_key_and_by_maker_and_kind(village: Service) -> None:
    query = """
        query Models($filter: DeviceFilter, $after: String) {
          devices(filter: $filter, first: 1, after: $after) {
            totalCount nodes { key namespace } pageInfo { hasNextPage endCursor }
          }
        }
    """
    shown = village.data(query)["devices"]
    assert (shown["totalCount"], shown["nodes"]) == (
        2,
        [{"key": "village:35", "namespace": "village"}],
    )
    shown = village.data(query, {"after": shown["pageInfo"]["endCursor"]})["devices"]
    assert (shown["nodes"][0]["key"], shown["pageInfo"]["hasNextPage"]) == ("village:36", False)
    for wanted, total in (
        ({"maker": "Fair"}, 1),
        ({"maker": "Fair", "kind": "tablet"}, 0),
        ({"kind": "smartphone"}, 1),
    ):
        shown = village.data(query, {"filter": wanted})["devices"]
        assert (shown["totalCount"], len(shown["nodes"])) == (total, total)


def test_one_model_and_who_has_it(village: Service) -> None:
    query = """{
        five: device(key: "village:35") { id model }
        none: device(key: "village:none") { id }
        owners: subscribers(filter: {device: "village:35"}) { totalCount nodes { key } }
    }"""
    assert village.data(query) == {
        "five": {"id": "RGV2aWNlOnZpbGxhZ2U6MzU=", "model": "Five"},
        "none": None,
        "owners": {"totalCount": 2, "nodes": [{"key": "asha"}, {"key": "bram"}]},
    }
