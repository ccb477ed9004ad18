"""The digest: equal for equal graphs, different for the smallest difference."""

import asyncio
from collections.abc import Sequence
from itertools import permutations

import pytest
from neo4j import GraphDatabase

from graph.database.digest import GraphDigest, digest, dump_lines
from graph.database.schema import prepare
from graph.database.session import Endpoint, opened
from graph.identity import IdentityKey
from graph.settings import Settings

pytestmark = pytest.mark.database

ASHA = "CREATE (:Subscriber {subscriber_id: 'asha', contacts: 1, joined_on: date('2024-02-29')})"
BRAM = "CREATE (:Subscriber:OffNet {subscriber_id: 'bram', shares: [0.5, 1.0]})"
PLACE = "CREATE (:Place {h3: '891f05a1d2bffff', lat_deg: 55.7})"
CALL = (
    "MATCH (a {subscriber_id: 'asha'}), (b {subscriber_id: 'bram'}) "
    "CREATE (a)-[:CONTACTED {calls: 2, first_at: datetime('2024-02-29T12:00Z')}]->(b)"
)
VISIT = "MATCH (a {subscriber_id: 'asha'}), (p:Place) CREATE (a)-[:VISITED {visits: 1}]->(p)"
WHOLE = (ASHA, BRAM, PLACE, CALL, VISIT)


def write(endpoint: Endpoint, statements: Sequence[str]) -> None:
    auth = (endpoint.user, endpoint.password)
    with GraphDatabase.driver(endpoint.uri, auth=auth) as driver, driver.session() as session:
        for text in statements:
            session.run(text).consume()  # pyright: ignore[reportArgumentType]  # constants above


def wiped_and_written(endpoint: Endpoint, statements: Sequence[str]) -> GraphDigest:
    write(endpoint, ["MATCH (n) DETACH DELETE n", *statements])
    return digested(endpoint)


def digested(endpoint: Endpoint) -> GraphDigest:
    async def work() -> GraphDigest:
        async with opened(lambda: endpoint, Settings()) as database:
            return await digest(database)

    return asyncio.run(work())


@pytest.fixture
def keyed_graph(empty_graph: Endpoint) -> Endpoint:
    """Return a graph with the schema, whose constraints name the keys."""

    async def work() -> None:
        async with opened(lambda: empty_graph, Settings()) as database:
            await prepare(database, IdentityKey(bytes(32)))

    asyncio.run(work())
    return empty_graph


def test_the_order_of_writing_does_not_matter(keyed_graph: Endpoint) -> None:
    digests = {
        wiped_and_written(keyed_graph, [*nodes, *ties])
        for nodes in permutations([ASHA, BRAM, PLACE])
        for ties in permutations([CALL, VISIT])
    }
    assert len(digests) == 1
    (whole,) = digests
    assert (whole.nodes, whole.relationships) == (3, 2)


@pytest.mark.parametrize(
    "change",
    [
        "MATCH (n {subscriber_id: 'asha'}) SET n.contacts = 1.0",
        "MATCH (n {subscriber_id: 'asha'}) SET n.joined_on = '2024-02-29'",
        "MATCH (n {subscriber_id: 'asha'}) SET n.contacts = null",
        "MATCH (n {subscriber_id: 'asha'}) SET n:OffNet",
        "MATCH (n {subscriber_id: 'bram'}) SET n.shares = [1.0, 0.5]",
        "MATCH ()-[r:CONTACTED]->() SET r.first_at = r.first_at + duration('PT0.000001S')",
        "MATCH ()-[r:CONTACTED]->() SET r.first_at = r.first_at + duration('PT0.000000001S')",
        "MATCH ()-[r:CONTACTED]->() SET r.first_at = '2024-02-29T12:00:00Z'",
        "MATCH (n {subscriber_id: 'bram'}) SET n.seen_at = [datetime('2024-02-29T12:00Z')]",
        "MATCH (a)-[r:CONTACTED]->(b) CREATE (b)-[s:CONTACTED]->(a) SET s = r DELETE r",
        "MATCH (a)-[r:CONTACTED]->(b) CREATE (a)-[s:CONTACTED]->(b) SET s = r",
        "MATCH (a)-[r:CONTACTED]->(b) CREATE (a)-[s:KNOWS]->(b) SET s = r DELETE r",
        "MATCH (p:Place) SET p.h3 = '891f05a1d2fffff'",
        "CREATE (:Subscriber {subscriber_id: 'chidi'})",
    ],
)
def test_the_smallest_change_shows(keyed_graph: Endpoint, change: str) -> None:
    before = wiped_and_written(keyed_graph, WHOLE)
    assert digested(keyed_graph) == before
    write(keyed_graph, [change])
    assert digested(keyed_graph).sha256 != before.sha256


def test_an_empty_graph_has_the_digest_zero(empty_graph: Endpoint) -> None:
    """The sum of nothing."""
    assert digested(empty_graph) == GraphDigest(0, 0, "0" * 64)


def test_the_dump_can_be_read(keyed_graph: Endpoint) -> None:
    """Written out by hand from the five statements above."""

    async def work() -> list[str]:
        async with opened(lambda: keyed_graph, Settings()) as database:
            return await dump_lines(database)

    write(keyed_graph, ["MATCH (n) DETACH DELETE n", *WHOLE])
    assert asyncio.run(work()) == [
        '{"from":[["Subscriber",["asha"]]],"properties":{"calls":2,"first_at":'
        '{"datetime":"2024-02-29T12:00:00Z"}},"relationship":"CONTACTED",'
        '"to":[["OffNet",null],["Subscriber",["bram"]]]}',
        '{"from":[["Subscriber",["asha"]]],"properties":{"visits":1},"relationship":"VISITED",'
        '"to":[["Place",["891f05a1d2bffff"]]]}',
        '{"node":["OffNet","Subscriber"],"properties":{"shares":[0.5,1.0],"subscriber_id":"bram"}}',
        '{"node":["Place"],"properties":{"h3":"891f05a1d2bffff","lat_deg":55.7}}',
        '{"node":["Subscriber"],"properties":{"contacts":1,"joined_on":{"date":"2024-02-29"},'
        '"subscriber_id":"asha"}}',
    ]
