"""Planted problems show where, when and for whom they are, and nowhere else."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.generate.generate import generate
from loaders.generate.options import Options
from tests.loaders.generate.observed import Array, columns, seconds, table


@dataclass(frozen=True)
class _Seen:
    sessions: pa.Table
    at: Array

    def of(self, name: str) -> Array:
        values: Array = self.sessions[name].to_numpy()
        return values

    def rate(self, name: str, chosen: Array) -> float:
        return float(np.asarray(self.of(name), float)[chosen].mean())

    def median(self, name: str, chosen: Array) -> float:
        return float(np.nanmedian(self.of(name)[chosen].astype(float)))


@pytest.fixture(scope="module")
def seen(crowd: Path) -> _Seen:
    sessions = table(crowd, "sessions")
    return _Seen(sessions, seconds(sessions["started_at"].to_numpy()))


def _struck(crowd: Path, seen: _Seen, *scopes: str) -> Array:
    """Return which sessions a problem of these scopes strikes, by the truth alone."""
    struck = np.zeros(len(seen.at), bool)
    column = {"cell": "cell_id", "site": "cell_id", "device": "tac", "app": "app_id"}
    for row in table(crowd / "truth", "problems").to_pylist():
        if row["scope"] in scopes:
            target = seen.of(column[row["scope"]]).astype(str) == row["target_id"]
            began, ended = (row[name].timestamp() for name in ("began_at", "ended_at"))
            hour = seen.at // 3600 % 24
            is_hour = (hour >= row["first_hour"]) & (hour < row["last_hour"])
            struck |= target & (seen.at >= began) & (seen.at < ended) & is_hour
    return struck


def test_every_kind_of_problem_is_there(crowd: Path) -> None:
    """Six are asked for, of the four scopes in turn; a site is three cells."""
    scope, number = columns(crowd / "truth", "problems", "scope", "problem")
    assert scope.tolist() == ["cell", *["site"] * 3, "device", "app", "cell", *["site"] * 3]
    assert sorted(set(number.tolist())) == [1, 2, 3, 4, 5, 6]


def test_bad_cells_are_slow_and_fail_at_those_times_only(crowd: Path, seen: _Seen) -> None:
    struck = _struck(crowd, seen, "cell", "site")
    cells = np.isin(seen.of("cell_id"), seen.of("cell_id")[struck])
    same_cells, elsewhere = cells & ~struck, ~cells
    assert struck.sum() > 200
    assert seen.median("down_bps", struck) < 0.7 * seen.median("down_bps", elsewhere)
    assert seen.rate("is_set_up", struck) < 0.96
    for calm in (same_cells, elsewhere):
        assert seen.rate("is_set_up", calm) > 0.99
    assert seen.median("loss_ratio", struck) > 10 * seen.median("loss_ratio", elsewhere)
    assert seen.median("loss_ratio", same_cells) < 0.002


def test_every_cell_with_far_more_loss_is_a_planted_one(crowd: Path, seen: _Seen) -> None:
    """Blind search by cell, day and busy hours, and the truth, name the same cells."""
    cell, lost = seen.of("cell_id"), seen.of("loss_ratio").astype(float)
    day, hour = seen.at // 86_400, seen.at // 3600 % 24
    is_busy = (hour >= 17) & (hour < 22) & ~np.isnan(lost)
    key = cell[is_busy] * 10**6 + day[is_busy]
    keys, number, count = np.unique(key, return_inverse=True, return_counts=True)
    mean = np.bincount(number, lost[is_busy]) / count
    found = set((keys[(mean > 0.012) & (count >= 8)] // 10**6).tolist())
    struck = _struck(crowd, seen, "cell", "site")
    busy = set(cell[is_busy][np.isin(number, np.flatnonzero(count >= 8))].tolist())
    assert found == set(cell[struck].tolist()) & busy
    assert found


def test_a_bad_device_breaks_sessions_everywhere(crowd: Path, seen: _Seen) -> None:
    struck = _struck(crowd, seen, "device") & ~_struck(crowd, seen, "cell", "site")
    others = seen.of("tac") != seen.of("tac")[struck][0]
    assert len(set(seen.of("tac")[struck].tolist())) == 1
    assert seen.rate("is_dropped", struck) > 5 * seen.rate("is_dropped", others)
    assert seen.median("down_bps", struck) == pytest.approx(
        seen.median("down_bps", ~struck), rel=0.5
    )


def test_a_bad_app_is_slow_and_the_radio_is_not(crowd: Path, seen: _Seen) -> None:
    """What is streamed starts late, anything else responds late."""
    struck = _struck(crowd, seen, "app") & ~_struck(crowd, seen, "cell", "site")
    (name,) = set(seen.of("app_id")[struck].tolist())
    before = (seen.of("app_id") == name) & ~struck
    is_streamed = seen.of("service")[struck][0] in ("video", "audio")
    waited = "initial_delay_ms" if is_streamed else "response_ms"
    assert seen.median(waited, struck) > 3 * seen.median(waited, before)
    assert seen.median("round_trip_ms", struck) == pytest.approx(
        seen.median("round_trip_ms", before), rel=0.15
    )


def test_people_rate_what_they_lived(crowd: Path, seen: _Seen) -> None:
    """Opinions on struck sessions are lower by far; each is about a session of the same person."""
    who, kind, score, about = columns(
        crowd, "surveys", "subscriber_id", "kind", "score", "session_id"
    )
    traced = seen.of("session_id")
    is_traced = ~np.isnan(traced)
    is_mos = kind == "mos"
    assert sorted(about[is_mos].tolist()) <= sorted(traced[is_traced].tolist())
    order = np.argsort(traced[is_traced])
    row = np.flatnonzero(is_traced)[order][np.searchsorted(traced[is_traced][order], about[is_mos])]
    assert (seen.of("subscriber_id")[row] == who[is_mos]).all()
    struck = _struck(crowd, seen, "cell", "site", "device", "app")[row]
    assert score[is_mos][struck].mean() < score[is_mos][~struck].mean() - 1
    assert score[~is_mos].min() >= 0
    assert score[~is_mos].max() == 10


def test_counters_are_the_sums_of_the_sessions(crowd: Path, seen: _Seen) -> None:
    cell, started, name, value = columns(
        crowd, "counters", "cell_id", "started_at", "name", "value"
    )
    counted = dict(zip(zip(cell, seconds(started), name, strict=True), value.tolist(), strict=True))
    key = seen.of("cell_id") * 10**10 + seen.at // 21_600 * 21_600
    keys, number = np.unique(key, return_inverse=True)
    sums = {
        "session_attempts": np.bincount(number),
        "session_failures": np.bincount(number, ~seen.of("is_set_up").astype(bool)),
        "volume_down_bytes": np.bincount(number, seen.of("volume_down_bytes")),
    }
    expected = {
        (one // 10**10, one % 10**10, name): int(total)
        for name, totals in sums.items()
        for one, total in zip(keys.tolist(), totals, strict=True)
    }
    assert counted == expected


def test_calls_of_a_cell_break_alone_twice_and_one_person_is_ill_wherever(tmp_path: Path) -> None:
    """Two episodes of three or four days, four days apart."""
    scopes = ("voice", "subscriber")
    options = Options(
        2_000, 14, 3, problems=2, scopes=scopes, episodes=2, records=300_000, file_format="parquet"
    )
    generate(tmp_path / "two", options)
    truth = pq.read_table(tmp_path / "two" / "truth" / "problems.parquet").to_pylist()
    calls, sessions = (
        pa.concat_tables(map(pq.read_table, sorted((tmp_path / "two").glob(f"{kind}-*"))))
        for kind in ("calls", "sessions")
    )
    assert [(row["scope"], row["episode"]) for row in truth] == [
        (scope, episode) for scope in scopes for episode in (1, 2)
    ]
    for first, again in (truth[:2], truth[2:]):
        began, ended = (date.fromisoformat(first[at][:10]) for at in ("began_at", "ended_at"))
        assert 3 <= (ended - began).days <= 4
        assert (date.fromisoformat(again["began_at"][:10]) - ended).days == 4
    voice, person = truth[0]["target_id"], truth[2]["target_id"]
    sides = [_texts(calls[name]) == voice for name in ("caller_cell_id", "callee_cell_id")]
    assert _failed(calls, sides[0] | sides[1], truth[:2]) > 0.08
    assert _failed(calls, ~(sides[0] | sides[1]), truth[:2]) < 0.01
    assert _failed(sessions, _texts(sessions["cell_id"]) == voice, truth[:2]) < 0.015
    assert _failed(sessions, _texts(sessions["subscriber_id"]) == person, truth[2:]) > 0.05


def _failed(records: pa.Table, chosen: Array, episodes: list[dict[str, Any]]) -> float:
    """Return the share that could not be set up while a problem lasted."""
    at = records["started_at"].to_numpy().astype("datetime64[D]")
    lasts = np.zeros(len(at), bool)
    for row in episodes:
        began, ended = (np.datetime64(row[name][:10]) for name in ("began_at", "ended_at"))
        lasts |= (at >= began) & (at < ended)
    return 1 - float(np.asarray(records["is_set_up"].to_numpy())[chosen & lasts].mean())


def _texts(column: pa.ChunkedArray) -> Array:
    return np.asarray(column.cast(pa.string()).to_numpy()).astype(str)
