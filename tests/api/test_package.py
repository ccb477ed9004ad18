"""Packages and payments of the village."""

import pytest

from tests.api.conftest import Service

pytestmark = pytest.mark.database


def test_what_a_subscriber_takes(village: Service) -> None:
    query = """
        { subscriber(key: "asha") { packages {
            totalCount
            edges {
                since until monthlyChargeMinor currency
                node { key name kind priceMinor subscribers }
            }
        } } }
    """
    assert village.data(query)["subscriber"]["packages"] == {
        "totalCount": 2,
        "edges": [
            {
                "since": "2024-02-01",
                "until": "2024-06-01",
                "monthlyChargeMinor": 999,
                "currency": "EUR",
                "node": {
                    "key": "village:data",
                    "name": "Data",
                    "kind": "internet",
                    "priceMinor": None,
                    "subscribers": 1,
                },
            },
            {
                "since": "2024-01-01",
                "until": None,
                "monthlyChargeMinor": 2999,
                "currency": "EUR",
                "node": {
                    "key": "village:gold",
                    "name": "Gold",
                    "kind": "contract",
                    "priceMinor": 2999,
                    "subscribers": 2,
                },
            },
        ],
    }


def test_what_a_subscriber_paid_comes_latest_first_and_undated_last(village: Service) -> None:
    query = """
        query Paid($after: String) { subscriber(key: "asha") { payments(first: 2, after: $after) {
            totalCount
            pageInfo { hasNextPage endCursor }
            nodes { key amountMinor currency paidAt channel kind }
        } } }
    """
    shown = village.data(query)["subscriber"]["payments"]
    assert shown["totalCount"] == 3
    assert [node["key"] for node in shown["nodes"]] == ["pay-2", "pay-1"]
    assert shown["nodes"][0] == {
        "key": "pay-2",
        "amountMinor": 2999,
        "currency": "EUR",
        "paidAt": "2024-02-29T10:00:00+00:00",
        "channel": "card",
        "kind": "charges",
    }
    after = {"after": shown["pageInfo"]["endCursor"]}
    shown = village.data(query, after)["subscriber"]["payments"]
    assert shown["pageInfo"]["hasNextPage"] is False
    assert shown["nodes"] == [
        {
            "key": "pay-3",
            "amountMinor": -500,
            "currency": "EUR",
            "paidAt": None,
            "channel": None,
            "kind": "refund",
        }
    ]


def test_packages_come_by_key(village: Service) -> None:
    query = """
        query Packages($after: String) { packages(first: 1, after: $after) {
            totalCount nodes { key namespace } pageInfo { hasNextPage endCursor }
        } }
    """
    shown = village.data(query)["packages"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (2, True)
    assert shown["nodes"] == [{"key": "village:data", "namespace": "village"}]
    shown = village.data(query, {"after": shown["pageInfo"]["endCursor"]})["packages"]
    assert shown["pageInfo"]["hasNextPage"] is False
    assert shown["nodes"] == [{"key": "village:gold", "namespace": "village"}]


def test_one_package(village: Service) -> None:
    query = """{
        gold: package(key: "village:gold") {
            id name priceMinor currency allowanceBytes allowanceS allowanceMessages
        }
        none: package(key: "village:none") { id }
    }"""
    gold = {
        "id": "UGFja2FnZTp2aWxsYWdlOmdvbGQ=",
        "name": "Gold",
        "priceMinor": 2999,
        "currency": "EUR",
        "allowanceBytes": 20_000_000_000,
        "allowanceS": 6000,
        "allowanceMessages": 500,
    }
    assert village.data(query) == {"gold": gold, "none": None}
