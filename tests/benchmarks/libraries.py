"""What peers do about a social network: igraph, networkit and networkx, each at its best.

All are given the same arrays, in the form that each reads fastest, and build their own graph of
them, as ours does. Directed ties are for PageRank; the others are given each pair once.
"""

from collections.abc import Callable
from typing import Any

import igraph
import networkit
import networkx
import numpy as np

from graph.projection import Floats, Ints, Matrix, Positions, Projection

networkit.setNumberOfThreads(1)
DAMPING = 0.85
Pairs = tuple[Positions, Positions, Floats]


def pagerank(ties: Projection) -> dict[str, Callable[[], Floats]]:
    """Return peers that weigh everybody by PageRank, as exactly as we do."""
    people, ends = len(ties), (ties.caller, ties.callee, ties.weights("strength"))

    def by_igraph() -> Floats:
        graph = _igraph(people, ends, directed=True)
        return np.array(graph.pagerank(weights=ends[2].tolist(), damping=DAMPING))

    def by_networkit() -> Floats:
        graph = _networkit(people, ends, directed=True)
        sinks = networkit.centrality.SinkHandling.DistributeSinks
        return _scores(networkit.centrality.PageRank(graph, DAMPING, 1e-10, False, sinks))

    def by_networkx() -> Floats:
        graph = _networkx(people, ends, networkx.DiGraph())
        found = networkx.pagerank(graph, DAMPING, tol=1e-10 / people, max_iter=1_000)
        return np.array([found[one] for one in range(people)])

    return {"igraph": by_igraph, "networkit": by_networkit, "networkx": by_networkx}


def shells(ties: Projection) -> dict[str, Callable[[], Ints]]:
    """Return peers that tell everybody's k-shell."""
    people = len(ties)

    def by_igraph() -> Ints:
        return np.array(_igraph(people, pairs(ties.undirected(None))).coreness())

    def by_networkit() -> Ints:
        graph = _networkit(people, pairs(ties.undirected(None)), weighted=False)
        return _scores(networkit.centrality.CoreDecomposition(graph)).astype(np.int64)

    def by_networkx() -> Ints:
        graph = _networkx(people, pairs(ties.undirected(None)), networkx.Graph())
        found = networkx.core_number(graph)
        return np.array([found[one] for one in range(people)])

    return {"igraph": by_igraph, "networkit": by_networkit, "networkx": by_networkx}


def communities(ties: Projection) -> dict[str, Callable[[], Ints]]:
    """Return peers that divide people by modularity."""
    people = len(ties)

    def by_igraph() -> Ints:
        ends = pairs(ties.undirected())
        graph = _igraph(people, ends)
        return np.array(graph.community_leiden("modularity", ends[2].tolist()).membership)

    def by_networkit(refined: bool) -> Ints:
        graph = _networkit(people, pairs(ties.undirected()))
        return _members(networkit.community.PLM(graph, refine=refined))

    def by_leiden() -> Ints:
        graph = _networkit(people, pairs(ties.undirected()))
        return _members(networkit.community.ParallelLeiden(graph))

    return {
        "igraph, Leiden": by_igraph,
        "networkit, Louvain (PLM)": lambda: by_networkit(False),
        "networkit, Louvain refined (PLMR)": lambda: by_networkit(True),
        "networkit, parallel Leiden": by_leiden,
    }


def betweenness(ties: Projection, sources: Ints) -> dict[str, Callable[[], Floats]]:
    """Return peers that count ways from as many sources: igraph from the same ones as we."""
    people = len(ties)

    def by_igraph() -> Floats:
        graph = _igraph(people, pairs(ties.undirected(None)))
        return np.array(graph.betweenness(directed=False, sources=sources.tolist()))

    def by_networkit() -> Floats:
        graph = _networkit(people, pairs(ties.undirected(None)), weighted=False)
        return _scores(networkit.centrality.EstimateBetweenness(graph, len(sources)))

    return {"igraph": by_igraph, "networkit, estimate": by_networkit}


def pairs(contacts: Matrix) -> Pairs:
    """Return each pair of a symmetric matrix once."""
    rows = np.repeat(np.arange(contacts.shape[0], dtype=np.int32), np.diff(contacts.indptr))
    kept = rows < contacts.indices
    return rows[kept], contacts.indices[kept], contacts.data[kept]


def _igraph(people: int, ends: Pairs, *, directed: bool = False) -> igraph.Graph:
    rows = np.stack(ends[:2], axis=1).astype(np.int64)
    return igraph.Graph(n=people, edges=rows, directed=directed)


def _networkit(
    people: int, ends: Pairs, *, directed: bool = False, weighted: bool = True
) -> networkit.Graph:
    data = (ends[2], ends[:2]) if weighted else ends[:2]
    return networkit.GraphFromCoo(data, n=people, weighted=weighted, directed=directed)


def _networkx(people: int, ends: Pairs, graph: networkx.Graph) -> networkx.Graph:
    graph.add_nodes_from(range(people))
    graph.add_weighted_edges_from(zip(*(end.tolist() for end in ends), strict=True))
    return graph


def _scores(algorithm: Any) -> Floats:
    algorithm.run()
    return np.array(algorithm.scores())


def _members(algorithm: Any) -> Ints:
    algorithm.run()
    return np.array(algorithm.getPartition().getVector())
