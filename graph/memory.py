"""When Python searches for garbage: seldom, where little of what is made is garbage.

A search goes through all that lives, and one follows however many objects are made, whether they
are needed or not.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_OBJECTS = 50_000  # made between two searches among the newest; Python's own is 700


def settle_memory() -> None:
    """Let Python search for garbage only among what is made from now on.

    What has been made so far, such as modules and the schema above all, stays; a search through
    all of it takes a tenth of a second, and who makes many objects would cause several. Requests
    and loads leave little garbage that has to be searched for, so that is done after more objects
    than usual.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS)


@contextmanager
def settled_memory() -> Iterator[None]:
    """Settle memory while the block runs, unless it is settled; then search as before."""
    if gc.get_freeze_count():
        yield
        return
    before = gc.get_threshold()
    settle_memory()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
