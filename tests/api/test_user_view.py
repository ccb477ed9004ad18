"""The user view: how many statements it costs, whatever it selects."""

import asyncio
from collections import Counter

import pytest

from api.execution import answer
from api.tokens import Viewer
from tests.api.conftest import Service

VIEW = """
    fragment View on Subscriber {
      key
      demographics { gender }
      traffic { events }
      contacts(first: 10) {
        totalCount
        edges { events node { key traffic { events } friends(first: 3) { nodes { key } } } }
      }
      friends(first: 10) { totalCount nodes { key status } }
      places(first: 10) { totalCount edges { events node { h3 parent { h3 subscribers } } } }
      packages(first: 10) { totalCount edges { since node { name subscribers } } }
      payments(first: 10) { totalCount nodes { amountMinor } }
      devices(first: 10) { totalCount edges { since node { model subscribers } } }
      usage { sessions }
      apps(first: 10) { totalCount edges { sessions node { name subscribers } } }
      services(first: 10) { totalCount edges { sessions node { key subscribers } } }
      touchpoints(first: 10) { totalCount nodes { stage } }
      surveys(first: 10) { totalCount nodes { score service { subscribers } app { subscribers } } }
    }
"""
# One statement for the contacts, two for all other lists, also the contacts' own, and one for each
# total and each other nested field, however many subscribers there are.
STATEMENTS = Counter(
    {
        "tie/contacts": 1,
        "tie/contact_counts": 1,
        "subscriber/used": 1,
        "subscriber/met": 1,
        "tie/friend_counts": 1,
        "place/visited_counts": 1,
        "place/parents": 1,
        "place/visitor_counts": 1,
        "package/subscribed_counts": 1,
        "package/subscriber_counts": 1,
        "payment/paid_counts": 1,
        "device/owned_counts": 1,
        "device/owner_counts": 1,
        "app/used_counts": 1,
        "service/used_counts": 1,
        "touchpoint/had_counts": 1,
        "survey/answered_counts": 1,
        "service/by_key": 1,
        "app/by_key": 1,
    }
)
# Asked in two places each, which share a statement if they happen to ask together.
IN_TWO_PLACES = ("app/user_counts", "service/user_counts")

pytestmark = pytest.mark.database


def statements(village: Service, query: str) -> Counter[str]:
    """Return how often a query asks what, but for what it asks in two places."""
    village.database.asked.clear()
    village.data(query + VIEW)
    asked = Counter(village.database.asked)
    assert {asked.pop(name) for name in IN_TWO_PLACES} <= {1, 2}
    return asked


def test_one_subscriber_costs_few_statements(village: Service) -> None:
    assert statements(village, '{ subscriber(key: "asha") { ...View } }') == STATEMENTS


def test_contacts_come_with_the_subscriber(village: Service) -> None:
    query = """query ($key: ID!, $size: Int) {
      subscriber(key: $key) { status contacts(first: $size) { nodes { key } } }
    }"""
    village.database.asked.clear()
    found = village.data(query, {"key": "asha", "size": 2})
    assert found == {
        "subscriber": {
            "status": "ACTIVE",
            "contacts": {"nodes": [{"key": "bram"}, {"key": "chidi"}]},
        }
    }
    assert village.data(query, {"key": "nobody", "size": 2}) == {"subscriber": None}
    assert village.database.asked == ["tie/contacts", "tie/contacts"]
    (refused,) = village.post(query, {"key": "asha", "size": 0}).json()["errors"]
    assert refused["path"] == ["subscriber", "contacts"]


def test_several_lists_of_contacts_are_read_after_the_subscriber(village: Service) -> None:
    query = """{ subscriber(key: "asha") {
      a: contacts(first: 1) { nodes { key } } b: contacts(first: 2) { nodes { status } }
    } }"""
    village.database.asked.clear()
    found = village.data(query)["subscriber"]
    assert found["a"]["nodes"] == [{"key": "bram"}]
    assert found["b"]["nodes"] == [{"status": "ACTIVE"}] * 2
    assert village.database.asked == ["subscriber/by_key", "tie/contacts", "tie/contacts"]


def test_a_page_of_subscribers_costs_one_page_and_one_statement_for_lists_more(
    village: Service,
) -> None:
    """Contacts come after the page, not with it, so the friends of contacts come after its own."""
    expected = STATEMENTS + Counter({"subscriber/page_by_key_ascending": 1, "subscriber/met": 1})
    assert statements(village, "{ subscribers { nodes { ...View } } }") == expected


def test_lists_of_several_lengths_come_by_one_statement(village: Service) -> None:
    """By the picture of the village, Asha's friends are Bram and Emil."""
    friends = "nodes { key } pageInfo { hasNextPage }"
    query = f"""{{ subscriber(key: "asha") {{
      one: friends(first: 1) {{ {friends} }} two: friends(first: 2) {{ {friends} }}
    }} }}"""
    village.database.asked.clear()
    assert village.data(query)["subscriber"] == {
        "one": {"nodes": [{"key": "bram"}], "pageInfo": {"hasNextPage": True}},
        "two": {"nodes": [{"key": "bram"}, {"key": "emil"}], "pageInfo": {"hasNextPage": False}},
    }
    assert village.database.asked == ["subscriber/by_key", "subscriber/met"]


def test_the_same_node_is_read_once(village: Service) -> None:
    query = '{ a: subscriber(key: "asha") { key } b: subscriber(key: "asha") { status } }'
    village.database.asked.clear()
    village.data(query)
    assert village.database.asked == ["subscriber/by_key"]


def test_nested_pages_are_each_their_parents_own(village: Service) -> None:
    """Everybody's first contact, by the picture of the village; equals by key."""
    query = "{ subscribers { nodes { key contacts(first: 1) { nodes { key } } } } }"
    nodes = village.data(query)["subscribers"]["nodes"]
    first = {n["key"]: [c["key"] for c in n["contacts"]["nodes"]] for n in nodes}
    assert {key: found for key, found in first.items() if found} == {
        "asha": ["bram"],
        "bram": ["asha"],
        "chidi": ["asha"],
        "dewi": ["emil"],
        "emil": ["dewi"],
        "fatou": ["goran"],
        "goran": ["fatou"],
        "hana": ["asha"],
    }


def test_a_document_is_answered_without_http(village: Service) -> None:
    services = village.services
    viewer = Viewer("care", "somebody at the command line")
    query = "query Who($n: String!) { subscriber(identity: $n) { namespace } viewer { role } }"
    found = village.run(answer(services, query, {"n": "4500000010"}, viewer))
    assert found["data"] == {"subscriber": {"namespace": "village"}, "viewer": {"role": "CARE"}}
    refused = village.run(answer(services, "{ nothing }", None, viewer))
    assert list(refused) == ["errors"]
    assert refused["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}


def test_many_requests_at_once_do_not_mix(village: Service) -> None:
    """Each has dataloaders of its own."""
    names = ["asha", "bram", "chidi", "dewi"] * 25
    viewer = Viewer("analyst", "tester")
    query = "query One($key: ID!) { subscriber(key: $key) { key } }"

    async def ask_all() -> list[str]:
        wanted = (answer(village.services, query, {"key": name}, viewer) for name in names)
        return [found["data"]["subscriber"]["key"] for found in await asyncio.gather(*wanted)]

    assert village.run(ask_all()) == names
