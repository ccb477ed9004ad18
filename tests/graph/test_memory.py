"""When Python searches for garbage is changed while it is asked for, and no longer."""

import gc

from graph.memory import settled_memory


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
