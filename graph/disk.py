"""Room on the disk: asked for before work begins, and named where it runs out.

Every library says it in its own way when a disk is full, or fails in a way that does not tell, so
that the disk itself is asked.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.errors import DiskFull

START_BYTES = 16 << 20  # twice of what a database with a small graph takes
_FULL_BYTES = 256 << 10
_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
DISK_FULL_SIGNS = ("No space left on device", "Disk quota exceeded", "disk is full")


def free_bytes(folder: Path) -> int:
    """Return what is free on the disk of a folder, or on that where it would be made."""
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def is_full(folder: Path) -> bool:
    """Tell whether nothing of any size can be written to the disk of a folder."""
    return free_bytes(folder) < _FULL_BYTES


def require_room(folder: Path, wanted_bytes: int) -> None:
    """Check that there is room for what will be written.

    Raises
    ------
    DiskFull
        There is less.
    """
    if free_bytes(folder) < wanted_bytes:
        raise disk_full(folder, wanted_bytes)


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Turn whatever goes wrong on a full disk into an error that says so.

    Raises
    ------
    DiskFull
        Something failed in the block, and it or the disk tells that the disk is full.
    """
    try:
        yield
    except DiskFull:
        raise
    except Exception as error:
        if not (_tells(error) or is_full(folder)):
            raise
        raise disk_full(folder) from error


def disk_full(folder: Path, wanted_bytes: int | None = None) -> DiskFull:
    """Return the error that says so, and what to do."""
    found = f"{free_bytes(folder) / 1e6:.1f} MB are free"
    if wanted_bytes:
        found += f", {wanted_bytes / 1e6:.1f} MB are needed"
    return DiskFull(
        f"the disk of {folder.resolve()} is full ({found}): make room there and run the same "
        "command again; nothing that was stored is lost"
    )


def _tells(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _NUMBERS:
            return True
        if any(sign in str(error) for sign in DISK_FULL_SIGNS):
            return True
        error = error.__cause__ or error.__context__
    return False
