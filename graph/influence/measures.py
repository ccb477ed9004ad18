"""All that is told of everybody's place in the network, a row a subscriber."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graph.community.leiden import communities
from graph.influence.betweenness import betweenness
from graph.influence.pagerank import pagerank, ranks
from graph.influence.roles import evidence, roles
from graph.influence.shell import shells, weighted_shells
from graph.projection import Floats, Ints, Projection
from graph.tie.overlap import clustering

_DIGITS = 12  # of what is stored: beyond, the order of sums shows


@dataclass(frozen=True)
class Measured:
    """A row for everybody, and how exact betweenness is."""

    rows: pa.Table
    sources: int
    error: float


def measured(ties: Projection, sources: int = 256, done: Callable[[], object] = int) -> Measured:
    """Measure everybody's influence.

    Parameters
    ----------
    sources : int
        From how many subscribers betweenness is counted on a large network.
    done : callable
        Is called after each of ``STEPS`` steps.
    """
    directed, strong = ties.matrix(), ties.undirected()
    contacts = ties.undirected(None)
    score = pagerank(directed)
    rank, percentile = ranks(score)
    done()
    shell, weighted = shells(contacts), weighted_shells(strong)
    done()
    between = betweenness(contacts, sources)
    done()
    found = evidence(contacts, strong, communities(strong), between.values)
    done()
    rows = pa.table(
        {
            "subscriber_id": ties.keys.tolist(),
            "pagerank": _rounded(score),
            "pagerank_rank": rank,
            "pagerank_percentile": _rounded(percentile),
            "k_shell": shell,
            "weighted_k_shell": weighted,
            "k_shell_rank": _ranked_by(shell, score),
            "betweenness": _rounded(between.values),
            "betweenness_rank": ranks(between.values)[0],
            "betweenness_error": np.full(len(ties), between.error),
            "role": roles(found).tolist(),
            "network_contacts": found.contacts,
            "within_z": _rounded(found.within_z),
            "participation": _rounded(found.participation),
            "constraint": pa.array(_rounded(found.constraint), from_pandas=True),
            "clustering": _rounded(clustering(contacts, contacts)),
        }
    )
    done()
    return Measured(rows, between.sources, between.error)


STEPS = 5


def _rounded(values: Floats) -> Floats:
    return np.round(values, _DIGITS)


def _ranked_by(shell: Ints, score: Floats) -> Ints:
    """Return ranks from 1: the innermost shell first, within it the greatest PageRank."""
    order = np.lexsort((-score, -shell))
    rank = np.empty(len(shell), np.int64)
    rank[order] = np.arange(1, len(shell) + 1)
    return rank
