"""Records of a made-up population, in the layout of the Copenhagen set."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

WINDOW_S = 28 * 86_400


def write_population(folder: Path, people: int, calls: int, messages: int, seed: int = 1) -> None:
    """Write `calls.csv` and `sms.csv`; people call the same few others, some far more than most."""
    rng = np.random.default_rng(seed)
    circles = rng.integers(0, people, size=(people, 12))

    def pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
        callers = np.minimum(rng.pareto(1.5, count) * people / 50, people - 1).astype(np.int64)
        callees = circles[callers, rng.integers(0, 12, count)]
        return callers, np.where(callees == callers, (callees + 1) % people, callees)

    callers, callees = pairs(calls)
    durations = np.where(rng.random(calls) < 0.1, -1, rng.exponential(120, calls).astype(np.int64))
    times = np.sort(rng.integers(0, WINDOW_S, calls))
    _write(
        folder / "calls.csv", timestamp=times, caller=callers, callee=callees, duration=durations
    )
    senders, recipients = pairs(messages)
    times = np.sort(rng.integers(0, WINDOW_S, messages))
    _write(folder / "sms.csv", timestamp=times, sender=senders, recipient=recipients)


def _write(path: Path, **columns: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    csv.write_csv(pa.table(columns), path, csv.WriteOptions(quoting_style="none"))
