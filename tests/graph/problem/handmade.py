"""Samples made by hand: cells that are alike, but for what a test takes off their scores."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.problem.identify import Seen, identify
from graph.problem.sums import Sums

Row = dict[str, npt.NDArray[Any]]
Fall = Callable[[Row], npt.NDArray[Any]]
DAYS, CELLS, EACH = 12, 30, 60
_START = np.datetime64("2026-01-05", "s")


def table_of(fall: Fall, seed: int = 1) -> pa.Table:
    """Return a sample a row: 30 cells at 10 sites, 60 samples a day, 3 services of 4 apps each.

    Scores are normal around 80 with a deviation of 8, less what ``fall`` says.
    """
    rng = np.random.default_rng(seed)
    count = DAYS * CELLS * EACH
    row = {
        "day": np.repeat(np.arange(DAYS), CELLS * EACH),
        "cell": np.tile(np.repeat(np.arange(CELLS), EACH), DAYS),
        "hour": rng.integers(0, 24, count),
        "app": rng.integers(0, 12, count),
        "device": rng.integers(0, 12, count),
    }
    score = 80 + rng.normal(0, 8, count) - fall(row)
    lost = np.where(fall(row) > 0, 0.5, 0.9)
    return pa.table(
        {
            "window_start": _START + (row["day"] * 24 + row["hour"]) * np.timedelta64(3600, "s"),
            "cell_id": row["cell"].astype(str),
            "tac": row["device"].astype(str),
            "app_id": row["app"].astype(str),
            "service": np.array(["web", "video", "gaming"])[row["app"] % 3],
            "technology": np.full(count, "4G"),
            "n": np.ones(count),
            "score_sum": score,
            "score_sq_sum": score**2,
            "round_trip_ms__n": np.ones(count),
            "round_trip_ms__sum": lost,
            "round_trip_ms__contribution": score,
        }
    )


def seen_of(fall: Fall, seed: int = 1) -> list[Seen]:
    sites = {str(cell): f"site {cell // 3}" for cell in range(CELLS)}
    return list(identify(Sums.of(table_of(fall, seed), {"site": ("cell", sites)})))
