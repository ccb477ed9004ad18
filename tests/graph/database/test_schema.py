"""The schema on a real server: applied once, in order, and guarded by the graph's mark."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cypher import statement
from graph.database.schema import Prepared, prepare, versions
from graph.database.session import Database, Endpoint, opened
from graph.errors import IdentityKeyError, SchemaTooNew
from graph.identity import IdentityKey
from graph.settings import Settings

pytestmark = pytest.mark.database

KEY, OTHER_KEY = IdentityKey(bytes(32)), IdentityKey(b"\1" * 32)
CONSTRAINTS = statement("database/constraints")
INDEXES = statement("database/indexes")
READ_MARK = statement("database/read_mark")
WRITE_MARK = statement("database/write_mark")


def run(endpoint: Endpoint, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def opened_work() -> Any:
        async with opened(lambda: endpoint, Settings()) as database:
            return await work(database)

    return asyncio.run(opened_work())


async def schema(database: Database) -> set[str]:
    rows = [*await database.read(CONSTRAINTS), *await database.read(INDEXES)]
    return {row["name"] for row in rows}


def test_versions_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in versions()] == list(range(1, len(versions()) + 1))


def test_the_schema_is_applied_once(bare_graph: Endpoint) -> None:
    async def twice(database: Database) -> None:
        latest = versions()[-1][0]
        assert await schema(database) == set()
        assert await prepare(database, KEY) == Prepared(latest, is_new=True)
        applied = await schema(database)
        assert applied == {name.partition("_")[2] for _, name in versions()}
        assert await prepare(database, KEY) == Prepared(latest, is_new=False)
        assert await schema(database) == applied
        assert await database.read(READ_MARK) == [
            {"schema_version": latest, "key_fingerprint": KEY.fingerprint()}
        ]

    run(bare_graph, twice)


def test_commands_that_prepare_at_once_do_not_disturb_each_other(bare_graph: Endpoint) -> None:
    async def at_once(database: Database) -> list[Prepared]:
        return await asyncio.gather(*(prepare(database, KEY) for _ in range(4)))

    assert {prepared.version for prepared in run(bare_graph, at_once)} == {versions()[-1][0]}


def test_an_older_graph_is_brought_up_to_date(bare_graph: Endpoint) -> None:
    async def upgrade(database: Database) -> set[str]:
        await database.alter(statement(versions()[0][1]))
        await database.write(WRITE_MARK, schema_version=1, key_fingerprint=KEY.fingerprint())
        await prepare(database, KEY)
        return await schema(database)

    assert run(bare_graph, upgrade) == {name.partition("_")[2] for _, name in versions()}


def test_a_newer_graph_is_refused(bare_graph: Endpoint) -> None:
    async def from_the_future(database: Database) -> None:
        await database.write(WRITE_MARK, schema_version=9999, key_fingerprint=KEY.fingerprint())
        with pytest.raises(SchemaTooNew, match="the graph has schema 9999"):
            await prepare(database, KEY)
        assert await schema(database) == set(), "it is left as it is"

    run(bare_graph, from_the_future)


def test_another_identity_key_is_refused(bare_graph: Endpoint) -> None:
    async def with_another(database: Database) -> None:
        await prepare(database, KEY)
        with pytest.raises(IdentityKeyError, match="made with another identity key"):
            await prepare(database, OTHER_KEY)
        marks = await database.read(READ_MARK)
        assert [mark["key_fingerprint"] for mark in marks] == [KEY.fingerprint()]

    run(bare_graph, with_another)
