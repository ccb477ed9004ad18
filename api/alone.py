"""Of several processes with one home folder, one does what must not be done twice."""

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import sleep

from graph.database.home import is_locked

_EVERY_S = 2.0


@asynccontextmanager
async def alone(lock: Path) -> AsyncIterator[None]:
    """Wait until no other process is in a block with the same lock; then run this one."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as file:
        while not is_locked(file, fcntl.LOCK_EX):  # noqa: ASYNC110 - the kernel tells nobody
            await sleep(_EVERY_S)
        yield
