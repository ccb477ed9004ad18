"""The validation graphs of LDBC Graphalytics, with its reference outputs."""

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from graph.community.labels import labels
from graph.influence.pagerank import pagerank
from graph.paths import UNREACHED, components, distances, hops
from graph.projection import Floats, Ints, Matrix
from graph.tie.overlap import clustering


@pytest.fixture(scope="session")
def graphs(shared_data: Path) -> Path:
    return shared_data / "graphalytics" / "validation-graphs"


class Reference:
    """A graph and what is to come out of it, by position."""

    def __init__(self, vertices: Path | None, ties: Path, output: Path, is_directed: bool) -> None:
        rows = [line.split() for line in output.read_text().splitlines() if line]
        self.ids = np.array(sorted(int(row[0]) for row in rows))
        expected = {int(row[0]): float(row[1]) for row in rows}
        self.expected = np.array([expected[number] for number in self.ids.tolist()])
        edges = _weighted(ties) if vertices else _adjacent(ties)
        one, other, weight = (np.array(column) for column in zip(*edges, strict=True))
        places = np.searchsorted(self.ids, one), np.searchsorted(self.ids, other)
        shape = (len(self.ids), len(self.ids))
        half = sparse.coo_array((weight.astype(float), places), shape=shape).tocsr()
        self.ties: Matrix = half if is_directed else sparse.csr_array(half.maximum(half.T))
        back = sparse.csr_array(self.ties.T)
        self.contacts: Matrix = sparse.csr_array(self.ties.maximum(back))

    def of(self, number: int) -> int:
        return int(np.searchsorted(self.ids, number))

    def ids_of(self, positions: Ints) -> Ints:
        return np.asarray(self.ids[positions], np.int64)


def _adjacent(path: Path) -> list[tuple[int, int, float]]:
    lines = [[int(text) for text in line.split()] for line in path.read_text().splitlines()]
    return [(line[0], other, 1.0) for line in lines if line for other in line[1:]]


def _weighted(path: Path) -> list[tuple[int, int, float]]:
    lines = [line.split() for line in path.read_text().splitlines() if line]
    return [(int(one), int(other), float(weight)) for one, other, weight in lines]


def _references(graphs: Path, word: str) -> list[Reference]:
    """Return the example of the algorithm and its own test graph, of both kinds."""
    found = []
    for kind, is_directed in (("directed", True), ("undirected", False)):
        example = graphs / "example" / f"example-{kind}"
        output = example.with_name(f"{example.name}-{word}")
        found.append(
            Reference(example.with_suffix(".v"), example.with_suffix(".e"), output, is_directed)
        )
    return found


def _own(graphs: Path, word: str) -> list[Reference]:
    folder = graphs / word
    return [
        Reference(None, folder / f"{kind}-input", folder / f"{kind}-output", kind == "dir")
        for kind in ("dir", "undir")
    ]


def _agree(found: Floats | Ints, reference: Reference) -> None:
    assert found == pytest.approx(reference.expected, rel=1e-8, abs=1e-9)


def test_pagerank(graphs: Path) -> None:
    for rounds, references in ((2, _references(graphs, "PR")), (26, _own(graphs, "pr"))):
        for reference in references:
            ones = reference.ties.copy()
            ones.data[:] = 1.0
            _agree(pagerank(ones, rounds=rounds), reference)


def test_weakly_connected_components(graphs: Path) -> None:
    for reference in [*_references(graphs, "WCC"), *_own(graphs, "wcc")]:
        found = reference.ids_of(components(reference.ties))
        assert found.tolist() == reference.expected.astype(int).tolist()


def test_local_clustering(graphs: Path) -> None:
    for reference in [*_references(graphs, "LCC"), *_own(graphs, "lcc")]:
        _agree(clustering(reference.ties, reference.contacts), reference)


def test_community_detection_by_labels(graphs: Path) -> None:
    for rounds, references in ((2, _references(graphs, "CDLP")), (5, _own(graphs, "cdlp"))):
        for reference in references:
            found = labels(reference.ties, rounds, reference.ids)
            assert found.tolist() == reference.expected.astype(int).tolist()


def test_breadth_first_search(graphs: Path) -> None:
    sources = (1, 2, 1, 1)
    for source, reference in zip(
        sources, [*_references(graphs, "BFS"), *_own(graphs, "bfs")], strict=True
    ):
        found = hops(reference.ties, reference.of(source))
        expected = np.where(reference.expected > 1e18, UNREACHED, reference.expected)
        assert found.tolist() == expected.astype(int).tolist()


def test_shortest_paths(graphs: Path) -> None:
    own = [
        Reference(
            graphs / "sssp" / f"{kind}-input.v",
            graphs / "sssp" / f"{kind}-input.e",
            graphs / "sssp" / f"{kind}-output",
            kind == "dir",
        )
        for kind in ("dir", "undir")
    ]
    sources = (1, 2, 1, 1)
    for source, reference in zip(sources, [*_references(graphs, "SSSP"), *own], strict=True):
        found = distances(reference.ties, reference.of(source))
        expected = np.where(reference.expected > 1e18, np.inf, reference.expected)
        assert found == pytest.approx(expected, rel=1e-8)
