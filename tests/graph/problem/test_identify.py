"""What is told apart on sums that are made by hand: own past, peers, levels, order of rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from graph.errors import BadInput
from graph.problem.delimit import delimit
from graph.problem.identify import Seen, identify
from graph.problem.position import Finding
from graph.problem.sums import Sums
from tests.graph.problem.handmade import CELLS, Row, seen_of, table_of


def _alarms(seen: list[Seen]) -> list[tuple[int, str, str]]:
    return [
        (window, found.kind, found.target)
        for window, day in enumerate(seen)
        for found in day.findings
        if found.is_certain
    ]


def test_nothing_is_found_where_nothing_is() -> None:
    for seed in range(5):
        assert _alarms(seen_of(lambda row: np.zeros(len(row["day"])), seed)) == []


def test_a_cell_that_falls_is_found_on_its_days_and_not_its_site() -> None:
    seen = seen_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] >= 6) & (row["day"] < 9)))
    assert _alarms(seen) == [(6, "cell", "4"), (7, "cell", "4"), (8, "cell", "4")]


def test_a_cell_that_is_ill_from_the_first_day_is_found_by_its_peers() -> None:
    seen = seen_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] < 2)))
    assert _alarms(seen) == [(0, "cell", "4"), (1, "cell", "4")]


def test_a_cell_that_falls_a_little_every_day_is_no_news() -> None:
    """Cells differ by a deviation of 4: the worst of 30 would be found but for that."""
    usual = np.random.default_rng(7).normal(0, 4, CELLS)
    seen = seen_of(lambda row: usual[row["cell"]])
    assert _alarms(seen) == []


def test_where_cells_differ_a_fall_below_ones_own_past_is_found() -> None:
    """The best of 30 cells falls to the mean of them: only its own past can tell."""
    usual = np.random.default_rng(7).normal(0, 4, CELLS)
    best = int(np.argmin(usual))
    depth = float(-usual[best])
    seen = seen_of(
        lambda row: usual[row["cell"]] + depth * ((row["cell"] == best) & (row["day"] >= 8))
    )
    assert {(kind, target) for _, kind, target in _alarms(seen)} == {("cell", str(best))}
    assert _alarms(seen)[0][0] in (8, 9)


def test_a_site_is_named_where_all_its_cells_fall_and_delay_alone_means_its_line() -> None:
    seen = seen_of(lambda row: 8.0 * ((row["cell"] // 3 == 2) & (row["day"] == 5)))
    assert _alarms(seen) == [(5, "site", "site 2")]
    evidence = delimit(seen[5], seen[5].findings[0])
    assert evidence.domain == "transport"
    assert evidence.kpis[0].name == "round_trip_ms"
    assert evidence.kpis[0].worth == pytest.approx(0.5)
    assert evidence.kpis[0].expected_worth == pytest.approx(0.9)


def test_a_device_an_app_and_a_cell_are_told_apart_on_one_day() -> None:
    def fall(row: Row) -> npt.NDArray[Any]:
        worst = np.maximum(10.0 * (row["device"] == 3), 9.0 * (row["app"] == 5))
        depth = np.maximum(worst, 20.0 * (row["cell"] == 8)) * (row["day"] == 7)
        return np.asarray(depth)

    found = {(kind, target) for _, kind, target in _alarms(seen_of(fall))}
    assert found == {("device", "3"), ("app", "5"), ("cell", "8")}


def test_a_service_that_falls_as_a_whole_is_found_by_its_own_past() -> None:
    seen = seen_of(lambda row: 6.0 * ((row["app"] % 3 == 1) & (row["day"] == 9)))
    assert _alarms(seen) == [(9, "service", "video")]
    assert delimit(seen[9], seen[9].findings[0]).domain == "service_provider"


def test_what_falls_everywhere_is_the_core() -> None:
    seen = seen_of(lambda row: 6.0 * (row["day"] == 9))
    assert _alarms(seen) == [(9, "network", "all")]
    assert delimit(seen[9], seen[9].findings[0]).domain == "core"


def test_neither_the_order_of_rows_nor_their_grouping_matters() -> None:
    table = table_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] == 6)))
    keys = ["window_start", "cell_id", "tac", "app_id", "service", "technology"]
    values = [name for name in table.column_names if name not in keys]
    grouped = table.group_by(keys).aggregate([(name, "sum") for name in values])
    grouped = grouped.rename_columns([*keys, *values])
    shuffled = grouped.take(np.random.default_rng(3).permutation(grouped.num_rows))

    def found(rows: pa.Table) -> list[Finding]:
        return [one for seen in identify(Sums.of(rows)) for one in seen.findings]

    once, again = found(table), found(shuffled)
    assert [(one.window, one.kind, one.target, one.samples) for one in once] == [
        (one.window, one.kind, one.target, one.samples) for one in again
    ]
    assert [one.fall for one in once] == pytest.approx([one.fall for one in again])


def test_chance_is_corrected_for_how_many_were_looked_at() -> None:
    """Five standard deviations are 2.87e-7 in one tail of the normal distribution."""
    finding = seen_of(lambda row: 15.0 * ((row["cell"] == 4) & (row["day"] == 0)))[0].findings[0]
    five = replace(finding, z=5.0, looked_at=100)
    assert five.chance == pytest.approx(2.866516e-5, rel=1e-6)


def test_a_table_without_what_is_needed_is_refused_by_name() -> None:
    table = table_of(lambda row: np.zeros(len(row["day"]))).drop_columns(["tac", "score_sq_sum"])
    with pytest.raises(BadInput, match="lack the columns tac, score_sq_sum"):
        Sums.of(table)
