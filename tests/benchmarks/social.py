"""Who matters to whom, against the libraries that others take for it.

Everybody begins with the ties as arrays and builds of them what they need; to read them out of
Neo4j takes a library as long as us, so it is left out. Each has one thread. networkx, which
computes in Python, takes part where that is a matter of minutes.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numba
import numpy as np
from scipy.stats import spearmanr

from graph.community.leiden import communities, modularity
from graph.influence.betweenness import betweenness, dependencies
from graph.influence.pagerank import pagerank
from graph.influence.shell import shells
from graph.projection import Floats, Ints, Projection
from tests.benchmarks import churn, libraries
from tests.benchmarks.contest import Contest
from tests.benchmarks.network import network

PEOPLE, TIES = 200_000, 2_000_000
_SOURCES, _ROUNDS = 64, 3
_PATIENCE = 2_000_000  # ties up to which networkx takes part
_TOP = 1_000
_Answer = TypeVar("_Answer")
_Peers = Mapping[str, Callable[[], _Answer]]


def compare(people: int = PEOPLE, ties: int = TIES) -> str:
    """Let all do all of it, and see that their answers are as good."""
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    _contests(network(2_000, 20_000), 16, 1)  # compiles what is not compiled yet
    found = _contests(network(people, ties), _SOURCES, _ROUNDS)
    numba.set_num_threads(threads)
    return "\n".join(map(str, found))


def _contests(ties: Projection, sources: int, rounds: int) -> list[object]:
    size = f"{len(ties.caller):,} ties of {len(ties):,} subscribers"
    return [
        _pagerank(ties, size, rounds),
        _shells(ties, size, rounds),
        _communities(ties, size, rounds),
        _betweenness(ties, size, sources),
        churn.compare(ties, rounds),
    ]


def _pagerank(ties: Projection, size: str, rounds: int) -> Contest[Floats]:
    exact = pagerank(ties.matrix(), tolerance=1e-14)
    contest = Contest[Floats](
        f"PageRank of {size}", lambda found: f"wrong by {np.abs(found - exact).sum():.0e} in sum"
    )
    peers = _patient(libraries.pagerank(ties), ties)
    return contest.run(lambda: pagerank(ties.matrix()), peers, rounds)


def _shells(ties: Projection, size: str, rounds: int) -> Contest[Ints]:
    ours = shells(ties.undirected(None))
    contest = Contest[Ints](
        f"k-shells of {size}", lambda found: f"{np.count_nonzero(found != ours)} differ from ours"
    )
    peers = _patient(libraries.shells(ties), ties)
    return contest.run(lambda: shells(ties.undirected(None)), peers, rounds)


def _communities(ties: Projection, size: str, rounds: int) -> Contest[Ints]:
    contacts = ties.undirected()
    contest = Contest[Ints](
        f"Communities of {size}",
        lambda found: (
            f"modularity {modularity(contacts, found):.4f}, {len(np.unique(found))} of them"
        ),
    )
    peers = libraries.communities(ties)
    return contest.run(lambda: communities(ties.undirected()), peers, rounds)


def _betweenness(ties: Projection, size: str, sources: int) -> Contest[Floats]:
    """Compare with a sample four times as large, of other sources."""
    contacts, people = ties.undirected(None), len(ties)
    rng = np.random.default_rng(0)
    better = dependencies(contacts, rng.choice(people, min(4 * sources, people), replace=False))
    contest = Contest[Floats](
        f"Betweenness from {sources} sources in {size}",
        lambda found: (
            f"rank correlation {spearmanr(better, found)[0]:.3f}, "
            f"{len(np.intersect1d(_top(better), _top(found)))} of the best {_TOP:,}"
        ),
    )
    chosen = np.random.default_rng(1).choice(people, sources, replace=False)
    peers = libraries.betweenness(ties, chosen)
    ours = lambda: betweenness(ties.undirected(None), sources, exact_people=0).values  # noqa: E731
    return contest.run(ours, peers, 1)


def _top(values: Floats) -> Ints:
    return np.argsort(-values, kind="stable")[:_TOP]


def _patient(peers: _Peers[_Answer], ties: Projection) -> _Peers[_Answer]:
    is_long = len(ties.caller) > _PATIENCE
    return {name: peer for name, peer in peers.items() if not (is_long and name == "networkx")}
