"""Threads and processes take the same blocks apart in the same way."""

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from graph.errors import SourceError
from graph.suppression import NOBODY
from loaders import lines, workers
from loaders.mapping import read_source
from tests.loaders.tables_of import HEADER, KEY, Read, read

T = TypeVar("T")
ROWS = [f"{60 + number},{number % 7},{number % 5 + 7},{number - 3}\n" for number in range(5_000)]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two files of several blocks each, with rows that are rejected."""
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1 << 14)
    paths = [tmp_path / name for name in ("calls.csv", "calls_of_later.csv")]
    for path, rows in zip(paths, (ROWS, ROWS * 9), strict=True):
        path.write_bytes(HEADER + "".join(rows).encode())
    return paths


def told(found: Read) -> object:
    """All that may not depend on who did the work, nor on the ciphers, which are random."""
    rejected = [{**row, "row_sealed": None} for row in found.rejected]
    return found.records, found.staged.files, found.staged.rejections, rejected


def test_processes_stage_the_rows_that_threads_stage(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 5,000 rows, those with -3 and -2 seconds are rejected, and -1 is a missed call."""
    by_threads = read("copenhagen", files, tmp_path / "threads", table="calls")
    monkeypatch.setattr(workers, "LARGE_BYTES", 0)
    by_processes = read("copenhagen", files, tmp_path / "processes", table="calls")
    assert told(by_processes) == told(by_threads)
    assert [(file.rows_read, file.rows_rejected) for file in by_processes.staged.files] == [
        (5_000, 2),
        (45_000, 18),
    ]


def test_a_large_load_gets_processes_and_they_tell_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LARGE_BYTES", 0)
    path = tmp_path / "calls.csv"
    path.write_bytes(HEADER + b"60,5,5,30\n")
    with workers.workers(read_source("copenhagen"), KEY, NOBODY, 1) as pool:
        assert isinstance(pool, ProcessPoolExecutor)
    with pytest.raises(SourceError, match="every one of its 1 rows was rejected; line 2"):
        read("copenhagen", [path], tmp_path)


def test_an_error_and_the_key_come_through_to_another_process() -> None:
    error = _sent(SourceError("calls.csv: broken"))
    assert (type(error), str(error)) == (SourceError, "calls.csv: broken")
    assert _sent(KEY).fingerprint() == KEY.fingerprint()


def _sent(value: T) -> T:
    """Return what arrives in another process."""
    arrived: T = pickle.loads(pickle.dumps(value))  # noqa: S301 - made in this very line
    return arrived


_WORK = """
import os, sys, time
from graph.identity import IdentityKey
from graph.suppression import NOBODY
from loaders.mapping import read_source
from loaders.workers import LARGE_BYTES, workers
if __name__ == "__main__":
    pool = workers(read_source("copenhagen"), IdentityKey(bytes(32)), NOBODY, LARGE_BYTES)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_workers_end_with_a_load_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(_WORK)
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as load:
        assert load.stdout is not None
        worker = int(load.stdout.readline())
        load.send_signal(signal.SIGKILL)
    deadline_s = time.monotonic() + 10
    while psutil.pid_exists(worker) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not psutil.pid_exists(worker)


def test_workers_begin_without_the_engines() -> None:
    """Ibis and DuckDB take seconds and a hundred MiB to import, and no block needs them."""
    command = "import sys; import loaders.workers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, check=True)
    imported = set(done.stdout.decode().split())
    assert "loaders.tables" in imported
    assert not imported & {"ibis", "duckdb", "pyspark"}
