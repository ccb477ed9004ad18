"""Subscribers of the village: one, lists, order, filters, pages."""

from typing import Any

import pytest

from tests.api.conftest import Service
from tests.village import JONAS, KOFI, LAKE, LENA, MARKET, REGION, SQUARE

pytestmark = pytest.mark.database

BY_KEY = [
    JONAS,
    "asha",
    KOFI,
    "bram",
    "chidi",
    LENA,
    "dewi",
    "emil",
    "fatou",
    "goran",
    "hana",
    "ines",
]
BY_CONTACTS = [JONAS, KOFI, LENA, "ines", "emil", "fatou", "goran", "hana"]  # 0 and 1 contacts
BY_CONTACTS += ["bram", "chidi", "dewi", "asha"]  # 2 and 4
BY_EVENTS = [JONAS, KOFI, LENA, "ines", "hana", "chidi", "fatou", "goran"]  # 0, 1, 4
BY_EVENTS += ["bram", "emil", "asha", "dewi"]  # 15, 18, 21, 21

LIST = """
    query List(
      $filter: SubscriberFilter, $orderBy: SubscriberOrder,
      $first: Int, $after: String, $last: Int, $before: String
    ) {
      subscribers(
        filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last,
        before: $before
      ) {
        nodes { key }
        edges { cursor node { key } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }
"""


def listed(village: Service, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = village.data(LIST, variables)["subscribers"]
    assert [edge["node"] for edge in found["edges"]] == found["nodes"]
    return found


def keys(found: dict[str, Any]) -> list[str]:
    return [node["key"] for node in found["nodes"]]


def test_one_subscriber_with_all_that_it_carries(village: Service) -> None:
    """As tests/village.cypher has it."""
    query = """
        { subscriber(key: "asha") {
            id key namespace status joinedOn tenureMonths segment plan
            demographics { gender birthYear isSenior hasPartner hasDependents }
            traffic {
              events contacts callsOut callsIn missedOut missedIn durationOutS durationInS
              messagesOut messagesIn activeDays firstAt lastAt locatedEvents unlocatedEvents
            }
        } }
    """
    assert village.data(query) == {
        "subscriber": {
            "id": "U3Vic2NyaWJlcjphc2hh",  # base64 of Subscriber:asha
            "key": "asha",
            "namespace": "village",
            "status": "ACTIVE",
            "joinedOn": "2021-05-01",
            "tenureMonths": 30,
            "segment": "home",
            "plan": "gold",
            "demographics": {
                "gender": "FEMALE",
                "birthYear": 1980,
                "isSenior": False,
                "hasPartner": True,
                "hasDependents": False,
            },
            "traffic": {
                "events": 21,
                "contacts": 4,
                "callsOut": 8,
                "callsIn": 3,
                "missedOut": 1,
                "missedIn": 1,
                "durationOutS": 390,
                "durationInS": 120,
                "messagesOut": 5,
                "messagesIn": 5,
                "activeDays": 6,
                "firstAt": "2024-01-01T08:00:00+00:00",
                "lastAt": "2024-01-20T21:30:00+00:00",
                "locatedEvents": 14,
                "unlocatedEvents": 7,
            },
        }
    }


def test_what_nobody_told_is_null(village: Service) -> None:
    query = """
        { subscriber(key: "ines") {
            status joinedOn demographics { gender isSenior } traffic { events firstAt }
        } }
    """
    assert village.data(query)["subscriber"] == {
        "status": None,
        "joinedOn": None,
        "demographics": {"gender": None, "isSenior": None},
        "traffic": {"events": 0, "firstAt": None},
    }


def test_an_unknown_subscriber_is_null(village: Service) -> None:
    query = """{
        a: subscriber(key: "nobody") { key }
        b: subscriber(key: "") { key }
        c: subscriber(identity: "0") { key }
    }"""
    assert village.data(query) == {"a": None, "b": None, "c": None}


IDENTIFIED = """
    query Who($identity: String!, $namespace: String) {
      subscriber(identity: $identity, namespace: $namespace) { key }
    }
"""


def test_a_raw_identity_finds_its_subscriber(village: Service) -> None:
    """In whichever numbering knows it, or in the one that is named."""
    assert village.data(IDENTIFIED, {"identity": "4500000010"}) == {"subscriber": {"key": JONAS}}
    named = {"identity": "4512345678", "namespace": "roaming"}
    assert village.data(IDENTIFIED, named, role="care") == {"subscriber": {"key": LENA}}
    named["namespace"] = "village"
    assert village.data(IDENTIFIED, named, role="care") == {"subscriber": None}


def test_an_identity_that_several_numberings_know_is_ambiguous(village: Service) -> None:
    code, message = village.errors(IDENTIFIED, {"identity": "4512345678"})[0]
    assert code == "BAD_USER_INPUT"
    assert message == "several namespaces know this identity: give one of msisdn, roaming"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "give exactly one of key and identity"),
        ('(key: "asha", identity: "1")', "give exactly one of key and identity"),
        ('(key: "asha", namespace: "village")', "namespace belongs to identity, not to key"),
    ],
)
def test_a_subscriber_needs_exactly_one_name(
    village: Service, arguments: str, message: str
) -> None:
    assert village.errors(f"{{ subscriber{arguments} {{ key }} }}") == [("BAD_USER_INPUT", message)]


def test_an_identity_may_not_be_sent_by_get(village: Service) -> None:
    response = village.request(
        "GET",
        "/graphql",
        params={"query": '{ subscriber(identity: "4512345678") { key } }'},
        headers=dict(village.post("{ viewer { role } }").request.headers),
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


ORDERS = [
    (None, BY_KEY),
    ({"field": "KEY"}, BY_KEY),
    ({"field": "KEY", "direction": "DESC"}, BY_KEY[::-1]),
    ({"field": "CONTACTS", "direction": "ASC"}, BY_CONTACTS),
    ({"field": "CONTACTS", "direction": "DESC"}, BY_CONTACTS[::-1]),
    ({"field": "EVENTS", "direction": "ASC"}, BY_EVENTS),
    ({"field": "EVENTS", "direction": "DESC"}, BY_EVENTS[::-1]),
]


@pytest.mark.parametrize(("order", "expected"), ORDERS, ids=str)
def test_pages_put_together_are_the_list(
    village: Service, order: dict[str, str] | None, expected: list[str]
) -> None:
    """Forward from the start by five, and backward from the end by five."""
    found, after, sizes = [], None, []
    while True:
        shown = listed(village, orderBy=order, first=5, after=after)
        found += keys(shown)
        sizes.append(len(shown["nodes"]))
        assert shown["totalCount"] == 12
        assert shown["pageInfo"]["hasPreviousPage"] == (after is not None)
        after = shown["pageInfo"]["endCursor"]
        if not shown["pageInfo"]["hasNextPage"]:
            break
    assert (found, sizes) == (expected, [5, 5, 2])

    found, before, sizes = [], None, []
    while True:
        shown = listed(village, orderBy=order, last=5, before=before)
        found = keys(shown) + found
        sizes.append(len(shown["nodes"]))
        assert shown["pageInfo"]["hasNextPage"] == (before is not None)
        before = shown["pageInfo"]["startCursor"]
        if not shown["pageInfo"]["hasPreviousPage"]:
            break
    assert (found, sizes) == (expected, [5, 5, 2])


def test_a_page_may_begin_and_end_anywhere(village: Service) -> None:
    shown = listed(village, first=12)
    cursors = {edge["node"]["key"]: edge["cursor"] for edge in shown["edges"]}
    assert keys(listed(village, first=2, after=cursors["bram"])) == ["chidi", LENA]
    assert keys(listed(village, last=2, before=cursors["bram"])) == ["asha", KOFI]
    assert keys(listed(village, first=2, after=cursors["ines"])) == []
    assert keys(listed(village, last=1, before=cursors[JONAS])) == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, BY_KEY),
        ({"namespace": "msisdn"}, [KOFI]),
        ({"namespace": "nowhere"}, []),
        ({"status": "CHURNED"}, ["emil", "fatou"]),
        ({"gender": "FEMALE"}, ["asha", "dewi", "fatou"]),
        ({"gender": "FEMALE", "status": "CHURNED"}, ["fatou"]),
        ({"hasCalls": True}, ["asha", "bram", "chidi", "dewi", "emil", "fatou", "goran"]),
        ({"hasCalls": False}, [JONAS, KOFI, LENA, "hana", "ines"]),
        ({"hasMessages": True}, ["asha", "bram", "chidi", "dewi", "emil", "hana"]),
        ({"hasMessages": True, "hasCalls": False}, ["hana"]),
        ({"hasContacts": False}, [JONAS, KOFI, LENA, "ines"]),
        ({"hasFriends": True}, ["asha", "bram", "chidi", "emil", "fatou"]),
        ({"hasFriends": False, "hasContacts": True}, ["dewi", "goran", "hana"]),
        ({"place": MARKET}, ["asha"]),
        ({"place": SQUARE}, ["asha", "bram"]),
        ({"place": REGION}, ["asha", "bram", "chidi"]),
        ({"place": LAKE, "namespace": None}, ["chidi"]),
        ({"place": "nowhere"}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["KEY", "EVENTS", "CONTACTS"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_filters_let_through_who_is_meant(
    village: Service, wanted: dict[str, Any], expected: list[str], field: str, direction: str
) -> None:
    """In every order, because each has a statement of its own."""
    order = {"field": field, "direction": direction}
    shown = listed(village, filter=wanted, orderBy=order)
    assert sorted(keys(shown)) == sorted(expected)
    assert shown["totalCount"] == len(expected)


@pytest.mark.parametrize(
    "variables",
    [
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"first": 1, "last": 1},
        {"after": "nonsense"},
        {"after": "WyJmcmllbmRzIiwwLCJicmFtIl0="},
    ],
    ids=str,
)
def test_impossible_pages_are_refused(village: Service, variables: dict[str, Any]) -> None:
    """The last cursor is one of friends."""
    response = village.post(LIST, variables)
    assert response.status_code == 400
    assert [e["extensions"]["code"] for e in response.json()["errors"]] == ["BAD_USER_INPUT"]


def test_a_cursor_belongs_to_its_order(village: Service) -> None:
    cursor = listed(village, first=1)["pageInfo"]["endCursor"]
    variables = {"after": cursor, "orderBy": {"field": "EVENTS"}}
    message = "the cursor is not of this list in this order"
    assert village.errors(LIST, variables) == [("BAD_USER_INPUT", message)]


def test_the_total_is_counted_only_when_asked_for(village: Service) -> None:
    village.database.asked.clear()
    village.data("{ subscribers { nodes { key } } }")
    assert village.database.asked == ["subscriber/page_by_key_ascending"]
    village.database.asked.clear()
    village.data("{ subscribers { totalCount } }")
    asked = ["subscriber/page_by_key_ascending", "subscriber/count_all"]
    assert village.database.asked == asked
