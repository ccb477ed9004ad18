import numpy as np
import pytest

from graph.errors import BadInput, NotFound
from graph.projection import Projection

KEYS = np.array(["ann", "bob", "cyd", "dan"])


@pytest.fixture
def ties() -> Projection:
    """Ann calls Bob and herself, Bob calls Ann, Bob missed Cyd's only call; Dan has nobody."""
    columns = {"calls": np.array([1, 3, 5, 2]), "answered": np.array([1, 3, 5, 0])}
    callers, callees = np.array([0, 0, 1, 2]), np.array([0, 1, 0, 1])
    return Projection(KEYS, "1", callers.astype(np.int32), callees.astype(np.int32), columns)


def test_matrix_has_callers_in_rows_and_nobody_with_themselves(ties: Projection) -> None:
    expected = [[0, 3, 0, 0], [5, 0, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0]]
    assert ties.matrix("calls").toarray().tolist() == expected


def test_a_tie_of_weight_0_is_none(ties: Projection) -> None:
    assert ties.matrix("answered").nnz == 2


def test_undirected_sums_both_directions(ties: Projection) -> None:
    expected = [[0, 8, 0, 0], [8, 0, 2, 0], [0, 2, 0, 0], [0, 0, 0, 0]]
    assert ties.undirected("calls").toarray().tolist() == expected


def test_undirected_without_weight_is_1(ties: Projection) -> None:
    expected = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]
    assert ties.undirected(None).toarray().tolist() == expected


def test_positions_are_those_of_the_keys(ties: Projection) -> None:
    assert ties.positions(["dan", "ann"]).tolist() == [3, 0]


@pytest.mark.parametrize("unknown", ["abe", "zoe", ""])
def test_an_unknown_subscriber_is_told_by_its_place(ties: Projection, unknown: str) -> None:
    with pytest.raises(NotFound, match="subscriber 2 of 2 named is not in the graph"):
        ties.positions(["ann", unknown])


def test_an_unknown_measure_names_those_there_are(ties: Projection) -> None:
    with pytest.raises(BadInput, match="no measure love; there are answered, calls"):
        ties.matrix("love")


def test_nobody_has_no_ties() -> None:
    nothing = np.array([], np.int32)
    empty = Projection(np.array([], np.str_), "0", nothing, nothing, {"last_at": nothing})
    assert empty.undirected(None).shape == (0, 0)
    assert empty.positions([]).tolist() == []
    assert empty.last_at_us == 0
    with pytest.raises(NotFound):
        empty.positions(["ann"])
