"""Calls among 50,000 people along 500,000 ties, some of them hubs with thousands."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

PEOPLE, TIES, HUBS, TIES_OF_A_HUB = 50_000, 500_000, 20, 2_000
_WINDOW_S = 28 * 86_400


def write_ties(folder: Path, seed: int = 1) -> None:
    """Write `calls.csv` in the layout of the Copenhagen set: two calls a tie, distinct ties."""
    rng = np.random.default_rng(seed)
    hubs = np.repeat(np.arange(HUBS), TIES_OF_A_HUB)
    callers = np.concatenate([hubs, rng.integers(0, PEOPLE, 2 * TIES)])
    callees = rng.integers(0, PEOPLE, len(callers))
    pairs = np.column_stack([callers, callees])[callers != callees]
    _, first = np.unique(pairs[:, 0] * PEOPLE + pairs[:, 1], return_index=True)
    ties = pairs[np.sort(first)[:TIES]]  # in the order drawn: the hubs come whole
    calls = np.repeat(ties, 2, axis=0)
    columns = {
        "timestamp": np.sort(rng.integers(0, _WINDOW_S, len(calls))),
        "caller": calls[:, 0],
        "callee": calls[:, 1],
        "duration": rng.exponential(120, len(calls)).astype(np.int64),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "calls.csv"
    csv.write_csv(pa.table(columns), path, csv.WriteOptions(quoting_style="none"))
