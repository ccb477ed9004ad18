"""Problems in a real database: kept whole, changed by one at a time, told of what they affect."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.database.session import Database, Endpoint, opened
from graph.errors import Conflict, IllegalTransition, NotFound
from graph.page import TOP, Mark, Start
from graph.problem.delimit import KpiFall
from graph.problem.problem import Problem, Step, acted
from graph.problem.states import SYSTEM, Entry
from graph.problem.store import (
    Wanted,
    act,
    count_problems,
    followed,
    history,
    problem_of,
    problem_page,
    problems,
    save,
    struck,
    struck_counts,
)
from graph.problem.struck import Struck
from graph.problem.verify import Standing
from graph.settings import Settings
from tests.graph.problem.test_states import AT, a_problem

pytestmark = pytest.mark.database
Result = TypeVar("Result")
_KPI = KpiFall("loss_ratio", 0.2, 0.9, 11.5)


def _run(endpoint: Endpoint, home: Path, work: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with opened(lambda: endpoint, Settings(home_dir=home)) as database:
            return await work(database)

    return asyncio.run(run())


def _new(name: str = "p1", **changed: Any) -> Step:
    problem = replace(a_problem(), problem_id=name, kpis=(_KPI,), **changed)
    return Step(problem, (Entry(AT, SYSTEM, "open", None, "open"),))


def test_a_problem_comes_back_as_it_was(empty_graph: Endpoint, tmp_path: Path) -> None:
    standing = Standing(2, 60.0, 12.5, 900.0)
    step = _new(standing=standing, assignee="omar", verified_at=AT)

    async def work(database: Database) -> Problem:
        await save(database, [step])
        return problem_of((await problems(database, ["p1"]))["p1"])

    assert _run(empty_graph, tmp_path, work) == replace(step.problem, revision=1)


def test_its_history_keeps_its_order(empty_graph: Endpoint, tmp_path: Path) -> None:
    async def work(database: Database) -> list[tuple[str, str, str | None]]:
        await save(database, [_new()])
        await act(database, "p1", "acknowledge", "mara")
        await act(database, "p1", "assign", "mara", "omar")
        row = await act(database, "p1", "comment", "omar", "antenna replaced")
        assert (row["state"], row["assignee"], row["revision"]) == ("in_progress", "omar", 4)
        found = (await history(database, ["p1"]))["p1"]
        return [(one["by"], one["action"], one.get("note")) for one in found]

    assert _run(empty_graph, tmp_path, work) == [
        ("tiegraph", "open", None),
        ("mara", "acknowledge", None),
        ("mara", "assign", "omar"),
        ("omar", "comment", "antenna replaced"),
    ]


def test_what_cannot_be_done_changes_nothing(empty_graph: Endpoint, tmp_path: Path) -> None:
    async def work(database: Database) -> dict[str, Any]:
        await save(database, [_new()])
        with pytest.raises(IllegalTransition, match="that is open cannot be asked to resolve"):
            await act(database, "p1", "resolve", "mara")
        with pytest.raises(NotFound, match="no problem with that key"):
            await act(database, "p2", "acknowledge", "mara")
        with pytest.raises(Conflict, match="somebody else changed"):
            await act(database, "p1", "acknowledge", "mara", revision=7)
        return (await problems(database, ["p1"]))["p1"]

    found = _run(empty_graph, tmp_path, work)
    assert (found["state"], found["revision"]) == ("open", 1)


def test_nobody_overwrites_what_they_have_not_seen(empty_graph: Endpoint, tmp_path: Path) -> None:
    """Two read the same revision; the second to write is refused and writes no history."""

    async def work(database: Database) -> tuple[Problem, int]:
        await save(database, [_new()])
        seen = problem_of((await problems(database, ["p1"]))["p1"])
        await save(database, [acted(seen, "acknowledge", "mara", AT)])
        with pytest.raises(Conflict):
            await save(database, [acted(seen, "dismiss", "omar", AT)])
        events = (await history(database, ["p1"]))["p1"]
        return problem_of((await problems(database, ["p1"]))["p1"]), len(events)

    problem, events = _run(empty_graph, tmp_path, work)
    assert (problem.state, events) == ("acknowledged", 2)


def test_it_hangs_on_what_it_affects_once(empty_graph: Endpoint, tmp_path: Path) -> None:
    auth = (empty_graph.user, empty_graph.password)

    async def work(database: Database) -> None:
        await save(database, [_new(), _new("p2", kind="app", target="nowhere")])
        await act(database, "p1", "acknowledge", "mara")

    with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver, driver.session() as session:
        session.run("CREATE (:Cell {cell_id: '4'}), (:Cell {cell_id: '5'})").consume()
        _run(empty_graph, tmp_path, work)
        found = session.run(
            "MATCH (p:Problem)-[:AFFECTS]->(c) RETURN p.problem_id AS problem, c.cell_id AS cell"
        ).data()
    assert found == [{"problem": "p1", "cell": "4"}]


def test_whom_it_struck_comes_back_and_is_forgotten_with_them(
    empty_graph: Endpoint, tmp_path: Path
) -> None:
    """Of three that it struck one is not in the graph; whoever is erased takes their own along."""
    auth = (empty_graph.user, empty_graph.password)
    standing = Standing(2, 12.0, 30.5, 900.0)
    ann = Struck("ann", 3.0, 60.0, -1.5, 4.0, standing)
    bob, cyd = (replace(ann, subscriber_id=name, lost=90.0) for name in ("bob", "cyd"))
    own = _new("p2", kind="subscriber", target="ann")

    async def work(database: Database) -> None:
        await save(database, [_new(people=(ann, bob, cyd), struck=3), own])
        await act(database, "p1", "acknowledge", "mara")  # who does not read them keeps them
        (known,) = (one for one in await followed(database, date.min) if one.kind == "cell")
        assert known.people == (bob, ann)
        assert await struck_counts(database, ["p1"]) == {"p1": 2}
        ((first, second),) = await struck(database, [Start("p1")], 5)
        assert (first["key"], second["key"], second["state"]) == ("bob", "ann", "undecided")
        ((last,),) = await struck(database, [Start("p1", Mark(first["rank"], "bob"))], 5)
        assert last["key"] == "ann"
        await database.write(statement("subscriber/erase"), subscriber_ids=["ann"])
        (left,) = await followed(database, date.min)
        assert (left.problem_id, left.people) == ("p1", (bob,))
        assert await history(database, ["p2"]) == {}

    with GraphDatabase.driver(empty_graph.uri, auth=auth) as driver, driver.session() as session:
        session.run(
            "UNWIND ['ann', 'bob'] AS id CREATE (:Subscriber {subscriber_id: id})"
        ).consume()
    _run(empty_graph, tmp_path, work)


def test_lists_are_filtered_and_the_latest_comes_first(
    empty_graph: Endpoint, tmp_path: Path
) -> None:
    later = datetime(2026, 1, 9, tzinfo=UTC)

    async def work(database: Database) -> None:
        closed = _new("p3", state="closed", last_seen_on=date(2025, 12, 1))
        await save(database, [_new(), _new("p2", opened_at=later, domain="core"), closed])
        everything = await problem_page(database, Wanted(), TOP, 10)
        assert [row["key"] for row in everything] == ["p2", "p1", "p3"]
        wanted = Wanted(states=["open"], domain="radio", kind="cell", target="4")
        assert [row["key"] for row in await problem_page(database, wanted, TOP, 10)] == ["p1"]
        assert await count_problems(database, wanted) == 1
        old = await followed(database, date(2025, 12, 2))
        assert [problem.problem_id for problem in old] == ["p1", "p2"]
        assert len(await followed(database, date(2025, 12, 1))) == 3

    _run(empty_graph, tmp_path, work)
