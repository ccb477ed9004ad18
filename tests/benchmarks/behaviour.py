"""Everybody's behaviour against bandicoot, which does one subscriber after another.

bandicoot 0.6.0 runs in an environment of its own that is made here: on Python 3.10 where uv finds
one, else on the present Python with the two functions of ``inspect`` that bandicoot misses since
3.11. Both take the same people, ours all of them, bandicoot some hundred. Two things are compared:
computing alone, in one process, from what has been read; and the whole way from files, which for us
is the command: it reads the record store, divides, sorts and computes it in parallel, and writes
histories and indicators. bandicoot reads a file a person, and writes nothing.
"""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from graph.behaviour.events import Events
from graph.behaviour.history import read_manifest
from graph.behaviour.indicators import Behaviour
from graph.behaviour.usual import usual
from graph.identity import IdentityKey
from graph.kernels import pc
from graph.settings import Settings
from loaders.behaviour import analyse
from loaders.files import find_files
from loaders.generate.generate import generate
from loaders.generate.options import Options
from loaders.mapping import read_source
from loaders.progress import Silence
from loaders.staging import stage
from loaders.store import RecordStore
from tests.benchmarks.timing import Comparison

PEOPLE, RECORDS, DAYS = 200_000, 4_000_000, 28
SAMPLE, ROUNDS = 300, 3

_RUNNER = Path(__file__).parent / "bandicoot_runner.py"


@dataclass
class PerSubscriber(Comparison):
    """Times a subscriber, of which bandicoot's are many times ours."""

    our_name: str = "Tiegraph"
    peer_name: str = "bandicoot 0.6.0"
    unit: str = "µs a subscriber"
    units_a_second: float = 1e6

    def verdict(self) -> str:
        """Return how many times as long bandicoot took."""
        ratios = [peer / ours for ours, peer in zip(self.our_s, self.peer_s, strict=True)]
        return (
            f"{statistics.median(ratios):.0f} times as fast, in {len(ratios)} rounds "
            f"from {min(ratios):.0f} to {max(ratios):.0f}"
        )


def compare(folder: Path) -> str:
    """Time both, in turn, on a generated population."""
    settings = Settings(home_dir=folder / "behaviour")
    store_population(settings, folder / "generated", PEOPLE, RECORDS)
    return compare_stored(settings, folder)


def compare_stored(settings: Settings, folder: Path) -> str:
    """Time both, in turn, on what a record store holds."""
    done = analyse(settings, Silence())
    people = write_people(settings, folder / "people", SAMPLE)
    python = make_environment(folder / "bandicoot")
    of_whom = f"of {done.subscribers:,} subscribers with {done.events:,} events"
    alone = PerSubscriber(f"Compute the usual indicators {of_whom}, one process")
    whole = PerSubscriber(f"Read the records and compute the usual indicators {of_whom}")
    version = ""
    for _ in range(ROUNDS):
        told = run_bandicoot(python, people)
        version = told["python"]
        alone.our_s.append(computed_s(settings) / done.subscribers)
        alone.peer_s.append(told["computed_s"] / SAMPLE)
        whole.our_s.append(analyse(settings, Silence()).lasted_s / done.subscribers)
        whole.peer_s.append((told["read_s"] + told["computed_s"]) / SAMPLE)
    return f"{alone}\n{whole}\n  bandicoot ran on Python {version}"


def computed_s(settings: Settings) -> float:
    """Return how long everybody's usual indicators take from their histories in memory."""
    manifest = read_manifest(settings.behaviour_folder)
    took_s = 0.0
    for part in manifest.parts:
        events = pq.read_table(settings.behaviour_folder / manifest.build / part.events_file)
        began_s = time.perf_counter()
        usual(Behaviour(Events.of(events), manifest.time_zone))
        took_s += time.perf_counter() - began_s
    return took_s


def store_population(settings: Settings, folder: Path, people: int, records: int) -> None:
    """Generate a population and store its records; no graph is needed for their behaviour."""
    generate(folder, Options(people=people, days=DAYS, seed=1, records=records))
    source, key = read_source("generated"), IdentityKey.of(settings)
    staged = stage(
        find_files(source, [str(folder)], key, None),
        source,
        key,
        settings.home_dir / "staging",
        lambda _bytes: None,
    )
    store = RecordStore(settings.records_folder)
    for kind in ("calls", "messages", "cells"):
        store.append(kind, staged.records[kind], "benchmark")


def write_people(settings: Settings, folder: Path, number: int) -> Path:
    """Write the events of some subscribers as bandicoot reads them, spread over the parts."""
    manifest = read_manifest(settings.behaviour_folder)
    folder.mkdir()
    antennas: list[pa.Table] = []
    for part in manifest.parts:
        events = pq.read_table(settings.behaviour_folder / manifest.build / part.events_file)
        antennas.append(events.select(["cell_id", "lat_deg", "lon_deg"]))
        ids = events["subscriber_id"].unique()
        for one in ids[:: max(1, len(ids) * len(manifest.parts) // number)]:
            if len(list(folder.iterdir())) < number:
                own = events.filter(pc.equal(events["subscriber_id"], one))
                csv.write_csv(_in_bandicoots_layout(own), folder / f"{one.as_py()}.csv")
    places = (
        pa.concat_tables(antennas)
        .group_by("cell_id")
        .aggregate([("lat_deg", "min"), ("lon_deg", "min")])
    )
    named = places.drop_null().rename_columns(["antenna_id", "latitude", "longitude"])
    csv.write_csv(named, folder.with_suffix(".antennas"))
    return folder


def make_environment(folder: Path) -> Path:
    """Return the interpreter of a new environment with bandicoot."""
    uv = Path(sys.executable).parent / "uv"
    python = folder / "bin" / "python"
    made = subprocess.run([uv, "venv", "--python", "3.10", folder], capture_output=True)
    if made.returncode:
        subprocess.run([uv, "venv", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "--python", python, "bandicoot==0.6.0"], check=True)
    return python


def run_bandicoot(python: Path, people: Path) -> dict[str, Any]:
    """Return how long bandicoot took for all of them, and its Python."""
    antennas = people.with_suffix(".antennas")
    arguments = [str(path) for path in (python, "-W", "ignore", _RUNNER, people, antennas)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _in_bandicoots_layout(own: pa.Table) -> pa.Table:
    at = own["at"].cast(pa.timestamp("s", "UTC"), safe=False)
    return pa.table(
        {
            "interaction": pc.if_else(own["is_call"], "call", "text"),
            "direction": pc.if_else(own["is_outgoing"], "out", "in"),
            "correspondent_id": own["counterpart_id"],
            "datetime": pc.strftime(at, "%Y-%m-%d %H:%M:%S"),
            # A call that nobody took has no duration with us; bandicoot would drop the record.
            "call_duration": pc.if_else(own["is_call"], pc.fill_null(own["duration_s"], 0), None),
            "antenna_id": own["cell_id"],
        }
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="tiegraph bench ") as name:
        print(compare(Path(name)))  # noqa: T201 (its answer)
