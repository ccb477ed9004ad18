"""A disk that is full, for real: a small one in memory, filled up at the worst moments."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from cypher import statement
from graph.database.home import DatabaseHome
from graph.database.server import start, stop
from graph.database.session import Endpoint
from graph.errors import DiskFull
from graph.settings import Settings
from loaders.load import load
from loaders.progress import Silence
from tests.lab import Lab

pytestmark = pytest.mark.database

SAMPLES = Path(__file__).parent.parent / "loaders" / "samples" / "copenhagen"
SAID_WITHIN_S = 15.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 40 MB; skip where we may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    leave = ["umount", "--lazy", str(folder)]
    command = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is for root alone")
    yield folder
    subprocess.run(leave, check=True)


def fill(disk: Path) -> None:
    """Leave no byte free."""
    try:
        with (disk / "filler").open("ab", buffering=0) as filler:
            for size in (1 << 20, 1 << 12, 1):
                while filler.write(bytes(size)) == size:
                    pass
    except OSError:
        return


def make_room(disk: Path) -> None:
    (disk / "filler").unlink()


class Filling(Silence):
    """Fills the disk up when a step begins."""

    def __init__(self, disk: Path, step: str) -> None:
        self._disk = disk
        self._step = step

    def begin(self, step: str, total: int | None) -> None:
        """Fill the disk up at our step."""
        if step == self._step:
            fill(self._disk)


@pytest.mark.parametrize("step", ["Reading bytes", "Storing records", "Writing contacts"])
def test_a_load_says_so_and_completes_when_there_is_room(
    disk: Path, tmp_path: Path, empty_graph: Endpoint, step: str
) -> None:
    """The graph is then that of a load that was never disturbed, to the last property."""
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    lab = Lab(disk / "home", empty_graph, {"identity_key_file": key})
    began_s = time.monotonic()
    with pytest.raises(DiskFull, match="make room there and run the same command again"):
        load("copenhagen", [str(SAMPLES)], lab.settings, lambda: empty_graph, Filling(disk, step))
    assert time.monotonic() - began_s < SAID_WITHIN_S
    make_room(disk)
    lab.load("copenhagen", SAMPLES)
    completed = lab.digest()
    undisturbed = Lab(tmp_path / "other", empty_graph, {"identity_key_file": key})
    wipe(empty_graph)
    undisturbed.load("copenhagen", SAMPLES)
    assert completed == undisturbed.digest()


def test_a_first_start_that_found_no_room_can_be_repeated(
    disk: Path, settings_of: Callable[..., Settings]
) -> None:
    """It leaves half a database behind, which Neo4j could not recover."""
    settings = settings_of(home_dir=disk / "home")
    home = DatabaseHome.of(settings)

    def fill_soon() -> None:
        while not home.has_data():
            time.sleep(0.01)
        fill(disk)

    threading.Thread(target=fill_soon, daemon=True).start()
    with pytest.raises(DiskFull):
        start(settings)
    make_room(disk)
    start(settings)
    assert stop(settings)


def test_too_small_a_disk_is_refused_at_once(disk: Path, empty_graph: Endpoint) -> None:
    fill(disk)
    began_s = time.monotonic()
    done = Lab(disk / "home", empty_graph).run("load", "copenhagen", SAMPLES)
    assert time.monotonic() - began_s < SAID_WITHIN_S
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("tiegraph: ")
    assert str(disk / "home") in done.stderr


def wipe(graph: Endpoint) -> None:
    with GraphDatabase.driver(graph.uri, auth=(graph.user, graph.password)) as driver:
        driver.execute_query(statement("database/wipe").text)
