"""One load at a time: whoever comes second waits for its turn."""

import fcntl
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.disk import told_when_full
from graph.settings import Settings


@contextmanager
def writing_turn(settings: Settings) -> Iterator[None]:
    """Wait until no other load runs in this home folder, and keep others waiting meanwhile.

    The lock is the kernel's and goes with the process, however that ends.
    """
    settings.home_dir.mkdir(parents=True, exist_ok=True)
    with (settings.home_dir / "load.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another load is running; this one waits for it.", file=sys.stderr)  # noqa: T201 (the one line that a waiting user needs)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def staging_folder(settings: Settings) -> Iterator[Path]:
    """Yield an empty folder for whoever has the turn, having cleared away what a killed one left.

    Raises
    ------
    DiskFull
        Something in the block failed for want of room.
    """
    staging = settings.home_dir / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True, mode=0o700)
    try:
        with told_when_full(staging):  # before there is room again
            yield Path(tempfile.mkdtemp(dir=staging))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
