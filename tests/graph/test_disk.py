"""A disk that is full is named, whoever noticed it first and however they put it."""

import errno
import sqlite3
from pathlib import Path

import pytest

from graph.disk import free_bytes, require_room, told_when_full
from graph.errors import DiskFull


def test_room_is_that_of_the_folder_to_be_made(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") == pytest.approx(free_bytes(tmp_path), rel=0.01)


def test_too_little_room_is_refused_with_figures_and_remedy(tmp_path: Path) -> None:
    require_room(tmp_path, 1)
    with pytest.raises(DiskFull) as caught:
        require_room(tmp_path, 10**18)
    assert str(caught.value).startswith(f"the disk of {tmp_path} is full (")
    assert str(caught.value).endswith(
        " MB are free, 1000000000000.0 MB are needed): make room there and run the same command "
        "again; nothing that was stored is lost"
    )


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("IO Error: Could not write file: No space left on device"),
    ],
    ids=repr,
)
def test_whatever_tells_of_it_is_translated(error: Exception, tmp_path: Path) -> None:
    with pytest.raises(DiskFull), told_when_full(tmp_path):
        raise error


def test_also_what_lies_behind_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise ValueError("the writer is gone") from error

    with pytest.raises(DiskFull), told_when_full(tmp_path):
        fail()


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), told_when_full(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")
