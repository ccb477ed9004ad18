"""Single subscribers: who has become worse is named, and hardly anybody else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from graph.problem.identify import Seen, identify
from graph.problem.sums import Sums

Row = dict[str, npt.NDArray[Any]]
_PEOPLE, _DAYS, _EACH = 1_000, 12, 6
_START = np.datetime64("2026-01-05", "s")


def _seen(fall: Callable[[Row], npt.NDArray[Any]], seed: int = 1) -> list[Seen]:
    """Look at 1,000 people with 6 samples a day.

    People differ by a deviation of 3 points. Scores are skewed: one sample in fifty fails and
    scores 0, which makes sums of few samples far from normal.
    """
    rng = np.random.default_rng(seed)
    count = _PEOPLE * _DAYS * _EACH
    row = {
        "day": np.repeat(np.arange(_DAYS), _PEOPLE * _EACH),
        "who": np.tile(np.repeat(np.arange(_PEOPLE), _EACH), _DAYS),
    }
    usual = rng.normal(0, 3, _PEOPLE)[row["who"]]
    score = np.clip(75 + usual + rng.normal(0, 8, count) - fall(row), 0, 100)
    score = np.where(rng.random(count) < 0.02, 0.0, score)
    hour = rng.integers(0, 24, count)
    columns = {name: rng.integers(0, 20, count).astype(str) for name in ("cell_id", "tac")}
    table = pa.table(
        {
            "window_start": _START + (row["day"] * 24 + hour) * np.timedelta64(3600, "s"),
            **columns,
            "app_id": rng.integers(0, 12, count).astype(str),
            "subscriber_id": np.char.zfill(row["who"].astype(str), 4),
            "service": np.full(count, "web"),
            "technology": np.full(count, "4G"),
            "n": np.ones(count),
            "score_sum": score,
            "score_sq_sum": score**2,
        }
    )
    return list(identify(Sums.of(table)))


def _named(seen: list[Seen]) -> list[tuple[int, str]]:
    return [
        (day, found.target)
        for day, one in enumerate(seen)
        for found in one.findings
        if found.kind == "subscriber"
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_thousands_of_healthy_ones_nobody_is_named(seed: int) -> None:
    """The procedure allows that anybody is, wrongly, in one window in twenty: 12 windows here."""
    assert _named(_seen(lambda row: np.zeros(len(row["day"])), seed)) == []


def test_who_falls_by_25_points_is_named_in_five_days_and_no_more_when_well() -> None:
    """Ten fall on days 3 to 8, by what is told of them on the average to 6 points."""
    seen = _seen(lambda row: 25.0 * ((row["who"] < 10) & (row["day"] > 2) & (row["day"] < 9)))
    named = _named(seen)
    ill = {f"{number:04}" for number in range(10)}
    assert {who for _, who in named} == ill
    assert max(min(day for day, who in named if who == one) for one in ill) <= 7
    assert min(day for day, _ in named) >= 3
    assert {day for day, _ in named if day > 8} <= {9}  # a failure may make the first good day bad
    assert sum(day == 9 for day, _ in named) <= 3
    falls = [one.fall for day in seen for one in day.findings if one.kind == "subscriber"]
    assert falls == pytest.approx([25] * len(falls), abs=8)
    assert np.mean(falls) == pytest.approx(25, abs=6)
    assert max(one.chance for day in seen for one in day.findings) < 0.05


def test_who_is_always_a_little_below_others_is_no_news() -> None:
    seen = _seen(lambda row: 7.0 * (row["who"] < 10))
    assert _named(seen) == []
    own = seen[-1].own
    assert own is not None
    assert own.stray == pytest.approx(9, rel=0.35)
    assert np.mean(own.usual[:10]) < -3
