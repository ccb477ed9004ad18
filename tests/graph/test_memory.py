"""When Python searches for garbage is changed while it is asked for, and no longer."""

import gc
from collections.abc import Iterator

import pytest

from graph.memory import settle_memory, settled_memory


@pytest.fixture(autouse=True)
def unsettled() -> Iterator[None]:
    """Have Python search as it does by itself, whatever the run of the tests has settled."""
    before = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    yield
    gc.freeze()
    gc.set_threshold(*before)


def test_what_was_there_is_left_alone_until_the_block_ends() -> None:
    frozen, before = gc.get_freeze_count(), gc.get_threshold()
    with settled_memory():
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold()[0] > before[0]
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


def test_garbage_that_the_block_makes_is_found() -> None:
    """A list that holds itself is freed by a search alone."""
    with settled_memory():
        itself: list[object] = []
        itself.append(itself)
        del itself
        assert gc.collect() > 0


def test_a_process_that_is_settled_stays_so() -> None:
    settle_memory()
    frozen, before = gc.get_freeze_count(), gc.get_threshold()
    with settled_memory():
        assert gc.get_threshold() == before
    assert gc.get_freeze_count() == frozen > 0
    assert gc.get_threshold() == before
