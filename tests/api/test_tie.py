"""Contacts and friends in the village, and what all ties add up to."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Service, fresh_service

pytestmark = pytest.mark.database

CONTACTS = """
    query Contacts($key: ID!, $first: Int, $after: String) {
      subscriber(key: $key) {
        contacts(first: $first, after: $after) {
          totalCount
          pageInfo { hasNextPage hasPreviousPage endCursor }
          edges {
            events
            isFriend
            outgoing { events calls missed messages durationS activeDays firstAt lastAt }
            incoming { calls missed messages durationS }
            node { key status }
          }
        }
      }
    }
"""


def contacts(village: Service, key: str, **variables: Any) -> Any:
    return village.data(CONTACTS, {"key": key, **variables})["subscriber"]["contacts"]


def test_contacts_come_with_both_directed_ties(village: Service) -> None:
    """The first of asha's, as the picture of the village has it: 8 events out and 6 in."""
    shown = contacts(village, "asha", first=1)
    assert shown["totalCount"] == 4
    assert shown["edges"] == [
        {
            "events": 14,
            "isFriend": True,
            "outgoing": {
                "events": 8,
                "calls": 5,
                "missed": 1,
                "messages": 3,
                "durationS": 300,
                "activeDays": 4,
                "firstAt": "2024-01-01T08:00:00+00:00",
                "lastAt": "2024-01-19T12:00:00+00:00",
            },
            "incoming": {"calls": 2, "missed": 0, "messages": 4, "durationS": 120},
            "node": {"key": "bram", "status": "ACTIVE"},
        }
    ]


def test_a_direction_without_anything_is_null(village: Service) -> None:
    edges = contacts(village, "asha")["edges"]
    ties = [(edge["node"]["key"], edge["outgoing"], edge["incoming"]) for edge in edges]
    assert [(key, bool(out), bool(back)) for key, out, back in ties] == [
        ("bram", True, True),
        ("chidi", True, True),
        ("dewi", True, False),
        ("hana", False, True),
    ]


def test_contacts_come_by_events_and_then_by_key_page_by_page(village: Service) -> None:
    """Asha has 14 events with bram, 3 with chidi and with dewi, 1 with hana."""
    found, after = [], None
    while True:
        shown = contacts(village, "asha", first=1, after=after)
        found += [(edge["node"]["key"], edge["events"]) for edge in shown["edges"]]
        after = shown["pageInfo"]["endCursor"]
        if not shown["pageInfo"]["hasNextPage"]:
            break
    assert found == [("bram", 14), ("chidi", 3), ("dewi", 3), ("hana", 1)]


def test_whoever_has_no_contacts_has_an_empty_list(village: Service) -> None:
    assert contacts(village, "ines") == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "endCursor": None},
        "edges": [],
    }


FRIENDS = """
    query Friends($key: ID!, $first: Int, $after: String) {
      subscriber(key: $key) {
        friends(first: $first, after: $after) {
          totalCount
          pageInfo { hasNextPage endCursor }
          edges { sources kinds node { key } }
          nodes { key }
        }
      }
    }
"""


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (
            "asha",
            [
                ("bram", ["chat", "village"], ["FAMILY", "FRIENDSHIP"]),
                ("emil", ["village"], ["FRIENDSHIP"]),
            ],
        ),
        (
            "bram",
            [
                ("asha", ["chat", "village"], ["FAMILY", "FRIENDSHIP"]),
                ("chidi", ["village"], ["COLLEAGUE"]),
            ],
        ),
        ("chidi", [("bram", ["village"], ["COLLEAGUE"])]),
        ("fatou", []),
        ("ines", []),
    ],
)
def test_friends_are_known_in_both_directions_and_never_oneself(
    village: Service, key: str, expected: list[tuple[str, list[str], list[str]]]
) -> None:
    shown = village.data(FRIENDS, {"key": key})["subscriber"]["friends"]
    found = [(edge["node"]["key"], edge["sources"], edge["kinds"]) for edge in shown["edges"]]
    assert found == expected
    assert shown["totalCount"] == len(expected)


def test_friends_of_one_kind(village: Service) -> None:
    """Two kinds at once are two pages, each with a total of its own."""
    query = """{ subscriber(key: "bram") {
        family: friends(kind: FAMILY) { totalCount edges { sources kinds node { key } } }
        colleagues: friends(kind: COLLEAGUE) { totalCount nodes { key } }
    } }"""
    assert village.data(query)["subscriber"] == {
        "family": {
            "totalCount": 1,
            "edges": [{"sources": ["chat"], "kinds": ["FAMILY"], "node": {"key": "asha"}}],
        },
        "colleagues": {"totalCount": 1, "nodes": [{"key": "chidi"}]},
    }


def test_friends_come_page_by_page(village: Service) -> None:
    shown = village.data(FRIENDS, {"key": "asha", "first": 1})["subscriber"]["friends"]
    assert (shown["nodes"], shown["pageInfo"]["hasNextPage"]) == ([{"key": "bram"}], True)
    after = shown["pageInfo"]["endCursor"]
    shown = village.data(FRIENDS, {"key": "asha", "after": after})["subscriber"]["friends"]
    assert (shown["nodes"], shown["pageInfo"]["hasNextPage"]) == ([{"key": "emil"}], False)


AGGREGATE = """
    query All($channel: Channel, $namespace: String) {
      contactsAggregate(channel: $channel, namespace: $namespace) {
        directedPairs mutualPairs reciprocity subscribers
        events calls missed messages durationS
      }
    }
"""


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("CALL", [7, 2, 2 / 7, 7, 31, 17, 5, 14, 615]),
        ("MESSAGE", [6, 4, 4 / 6, 6, 35, 8, 1, 27, 480]),
        ("ANY", [10, 6, 6 / 10, 8, 44, 17, 5, 27, 615]),
    ],
)
def test_all_ties_of_a_channel_add_up(
    village: Service, channel: str, expected: list[float]
) -> None:
    """Added up by hand from the picture: a pair is mutual where the reverse has the channel too."""
    total = village.data(AGGREGATE, {"channel": channel})["contactsAggregate"]
    assert list(total.values()) == expected
    within = {"channel": channel, "namespace": "village"}
    assert list(village.data(AGGREGATE, within)["contactsAggregate"].values()) == expected


def test_without_ties_there_is_no_reciprocity(village: Service) -> None:
    total = village.data(AGGREGATE, {"namespace": "msisdn"})["contactsAggregate"]
    assert list(total.values()) == [0, 0, 0.0, 0, 0, 0, 0, 0, 0]


def test_any_channel_counts_where_none_is_named(village: Service) -> None:
    query = "{ contactsAggregate { directedPairs } }"
    assert village.data(query) == {"contactsAggregate": {"directedPairs": 10}}


def test_a_ledger_that_cannot_be_read_hides_no_ties(village: Service, tmp_path: Path) -> None:
    service = fresh_service(village, tmp_path)
    service.settings.ledger_file.write_bytes(b"this is no database" * 100)
    query = "{ contactsAggregate { directedPairs subscribers } friendshipsAggregate { pairs } }"
    assert service.data(query) == {
        "contactsAggregate": {"directedPairs": 10, "subscribers": 8},
        "friendshipsAggregate": {"pairs": 4},
    }


def test_all_friendships_add_up(village: Service) -> None:
    """Two sources state that asha and bram know each other; that is one pair."""
    query = """
        query All($namespace: String, $kind: TieKind) {
          friendshipsAggregate(namespace: $namespace, kind: $kind) { pairs toOneself subscribers }
        }
    """
    expected = {"pairs": 4, "toOneself": 1, "subscribers": 5}
    assert village.data(query) == {"friendshipsAggregate": expected}
    family = {"pairs": 1, "toOneself": 0, "subscribers": 2}
    assert village.data(query, {"kind": "FAMILY"}) == {"friendshipsAggregate": family}
    nowhere = {"pairs": 0, "toOneself": 0, "subscribers": 0}
    assert village.data(query, {"namespace": "roaming"}) == {"friendshipsAggregate": nowhere}


def test_contacts_say_how_strong_their_ties_are(village: Service) -> None:
    """Bram and Chidi are colleagues by a third party, and Asha is the only other whom both know."""
    ask = """query ($key: ID!) { subscriber(key: $key) { contacts(first: 5) { edges {
      node { key } relation {
        outgoing { strength frequency regularity reciprocity recency } incoming { strength }
        overlap hints { kind isStated share place { h3 } }
      } } } } }"""
    edges = village.data(ask, {"key": "bram"})["subscriber"]["contacts"]["edges"]
    told = {edge["node"]["key"]: edge["relation"] for edge in edges}
    assert told["chidi"]["incoming"] is None
    assert told["chidi"]["overlap"] == 1
    hint = {"kind": "COLLEAGUE", "isStated": True, "share": None, "place": None}
    assert told["chidi"]["hints"] == [hint]
    out = told["asha"]["outgoing"]
    assert out["reciprocity"] == 6 / 8
    assert out["frequency"] == 6 / 16
    assert 0 < out["strength"] < out["recency"] < 1
    assert told["asha"]["hints"] == []
