"""Neo4j's Graph Data Science plugin, the open-source one, on the same graph in Neo4j.

Both begin with Neo4j: the plugin projects the graph and computes, each with one thread; ours reads
the arrays that were kept beside the database, as whoever has served or analysed before has them,
and computes. Both times are the processor's, of client and server together, in a second round, as
Java compiles in the first. CELF chooses seeds in NetHEPT with its default of 100 simulations.
"""

import asyncio
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import numpy as np
import psutil
from jgo.maven import MavenContext, PythonResolver
from neo4j import Driver, GraphDatabase
from scipy import sparse

from graph.community.leiden import communities
from graph.database.configuration import configure, endpoint
from graph.database.home import DatabaseHome, ServerState
from graph.database.jars import locked_jars
from graph.database.java import command, environment
from graph.database.launch import await_answer, halt
from graph.database.ports import free_port
from graph.database.projection import Projections
from graph.database.session import Database, Endpoint
from graph.influence.betweenness import betweenness
from graph.influence.maximisation.cascade import simulate
from graph.influence.maximisation.diffusion import diffusion
from graph.influence.maximisation.opim import opim
from graph.influence.pagerank import pagerank
from graph.influence.shell import shells
from graph.ledger import Ledger
from graph.projection import Projection
from graph.settings import Settings

_VERSION = "2.26.0"
_SOURCES, _SEEDS, _CHANCE, _EPSILON = 64, 50, 0.1, 0.05
_ONE_WAY: LiteralString = """
CALL gds.graph.project('ties', 'Subscriber', {CONTACTED: {properties: 'strength'}},
  {readConcurrency: 1}) YIELD graphName RETURN graphName"""
_BOTH_WAYS: LiteralString = """
CALL gds.graph.project('ties', 'Subscriber', {CONTACTED: {properties: 'strength',
  orientation: 'UNDIRECTED', aggregation: 'SUM'}}, {readConcurrency: 1})
YIELD graphName RETURN graphName"""
_DROP: LiteralString = "CALL gds.graph.drop('ties', false) YIELD graphName RETURN graphName"
_PAIRS: LiteralString = """
UNWIND $pairs AS pair
WITH gds.graph.project('ties', pair[0], pair[1], {}, {undirectedRelationshipTypes: ['*']}) AS graph
RETURN graph.nodeCount AS nodes"""
_CELF: LiteralString = """
CALL gds.influenceMaximization.celf.stream('ties', {seedSetSize: $seeds,
  propagationProbability: $chance, concurrency: 1}) YIELD nodeId RETURN collect(nodeId) AS chosen"""
_MEASURES: dict[str, tuple[LiteralString, LiteralString, Callable[[Projection], object]]] = {
    "PageRank": (
        _ONE_WAY,
        "CALL gds.pageRank.stats('ties', {concurrency: 1, maxIterations: 200, tolerance: 1e-7, "
        "relationshipWeightProperty: 'strength'}) YIELD didConverge RETURN didConverge AS told",
        lambda ties: pagerank(ties.matrix()),
    ),
    "k-shells": (
        _BOTH_WAYS,
        "CALL gds.kcore.stats('ties', {concurrency: 1}) YIELD degeneracy RETURN degeneracy AS told",
        lambda ties: shells(ties.undirected(None)),
    ),
    "communities": (
        _BOTH_WAYS,
        "CALL gds.leiden.stats('ties', {concurrency: 1, relationshipWeightProperty: 'strength', "
        "randomSeed: 1}) YIELD modularity RETURN modularity AS told",
        lambda ties: communities(ties.undirected()),
    ),
    "betweenness": (
        _BOTH_WAYS,
        "CALL gds.betweenness.stats('ties', {concurrency: 1, samplingSize: $sources}) "
        "YIELD centralityDistribution RETURN centralityDistribution.max AS told",
        lambda ties: betweenness(ties.undirected(None), _SOURCES, exact_people=0),
    ),
}


def compare(settings: Settings, nethept: Path | None) -> str:
    """Compare on the network that the home folder's graph holds; its server is at rest."""
    with (
        _served(settings) as (where, server),
        GraphDatabase.driver(where.uri, auth=(where.user, where.password)) as driver,
    ):
        lines = [_measured(name, settings, where, driver, server) for name in _MEASURES]
        if nethept:
            lines.append(_maximised(nethept, driver, server))
    return "\n".join([f"Graph Data Science {_VERSION}, on the graph in Neo4j", *lines])


def _measured(
    name: str, settings: Settings, where: Endpoint, driver: Driver, server: psutil.Process
) -> str:
    project, compute, ours = _MEASURES[name]

    def theirs() -> object:
        driver.execute_query(_DROP)
        driver.execute_query(project)
        return driver.execute_query(compute, sources=_SOURCES).records[0]["told"]

    def mine() -> object:
        return ours(asyncio.run(_read(settings, where)))

    mine()
    theirs()
    our_s, _ = _busy(server, mine)
    their_s, told = _busy(server, theirs)
    return (
        f"  {name:<14} {our_s:7.2f} s, theirs {their_s:7.2f} s: {our_s / their_s:.2f} (says {told})"
    )


def _maximised(file: Path, driver: Driver, server: psutil.Process) -> str:
    rows = (line.split()[:2] for line in file.read_text().splitlines()[1:])
    ends = {(min(pair), max(pair)) for pair in (tuple(map(int, row)) for row in rows)}
    pairs = np.array(sorted(pair for pair in ends if pair[0] != pair[1]))
    nodes = int(pairs.max()) + 1
    half = sparse.csr_array((np.full(len(pairs), _CHANCE), tuple(pairs.T)), shape=(nodes, nodes))
    cascade = diffusion(sparse.csr_array(half + half.T))
    driver.execute_query(_DROP)
    driver.execute_query(_PAIRS, pairs=pairs.tolist())
    opim(cascade, 2, 0.5)  # compiles
    our_s, seeds = _busy(server, lambda: opim(cascade, _SEEDS, _EPSILON))
    asked = {"seeds": _SEEDS, "chance": _CHANCE}
    their_s, theirs = _busy(server, lambda: driver.execute_query(_CELF, asked).records[0]["chosen"])
    spreads = [simulate(cascade, np.array(chosen)).mean for chosen in (seeds.chosen, theirs)]
    return (
        f"  {_SEEDS} seeds in NetHEPT: {our_s:.2f} s, CELF {their_s:.1f} s: {their_s / our_s:.0f} "
        f"times; they reach {spreads[0]:.0f}, CELF's {spreads[1]:.0f}"
    )


async def _read(settings: Settings, where: Endpoint) -> Projection:
    database = Database(lambda: where, settings)
    ties = await Projections(settings, Ledger(settings.ledger_file)).now(database)
    await database.close()
    return ties


def _busy(server: psutil.Process, work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long both processes were busy, in seconds, and the answer."""
    both = psutil.Process(), server
    before_s = sum(sum(process.cpu_times()[:2]) for process in both)
    answer = work()
    return sum(sum(process.cpu_times()[:2]) for process in both) - before_s, answer


@contextmanager
def _served(settings: Settings) -> Iterator[tuple[Endpoint, psutil.Process]]:
    """Have the home folder's database, with the plugin."""
    home, port = DatabaseHome.of(settings), free_port()
    own = [settings.jars_folder.resolve() / jar.file_name for jar in locked_jars()]
    jars = _jars({jar.name for jar in own}, home.server / "plugins")
    configure(settings, home, port)
    with (home.server / "conf" / "neo4j.conf").open("a") as configuration:
        configuration.write("dbms.security.procedures.unrestricted=gds.*\n")
    folders = [f"--home-dir={home.server}", f"--config-dir={home.server / 'conf'}"]
    main = ["org.neo4j.server.Neo4jCommunity", "--console-mode", *folders]
    with home.log.open("w") as log:
        process = psutil.Popen(
            command([*own, *jars], ["-Xmx4g"], main),
            env=environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    state = ServerState(process_id=process.pid, process_started_s=process.create_time(), port=port)
    try:
        await_answer(settings, home, state)
        yield endpoint(settings, port), process
    finally:
        halt(home, state)


def _jars(own: set[str], folder: Path) -> Sequence[Path]:
    """Bring the plugin and all that it stands on, without what Neo4j has itself."""
    context = MavenContext(resolver=PythonResolver(), repo_cache=folder.parent / "maven")
    names = ("proc", "opengds-extension")
    roots = [context.create_dependency(f"org.neo4j.gds:{name}:{_VERSION}!") for name in names]
    direct, transitive = context.resolver.resolve(roots)
    folder.mkdir(exist_ok=True)
    for dependency in (*direct, *transitive):
        if dependency.scope in (None, "compile", "runtime") and dependency.type == "jar":
            jar = Path(dependency.artifact.resolve())
            if jar.name not in own:
                (folder / jar.name).symlink_to(jar.resolve())
    return sorted(folder.glob("*.jar"))
