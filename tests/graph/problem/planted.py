"""Generated sessions as sums of a stand-in score, and the truth about what was planted.

The stand-in is the plain mean of what each KPI of a session is worth, 0 where it was not set up. It
is no model of experience: it only has to fall where a KPI does.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import h3
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from graph.problem.sums import Kind, Parents, Sums
from loaders.generate.generate import generate
from loaders.generate.options import Options

Floats = npt.NDArray[np.float64]
DAY_S = 86_400
_LIMITS = {  # what is worth nothing, and what is worth most; on a logarithmic scale
    "setup_ms": (2_000.0, 100.0),
    "round_trip_ms": (2_000.0, 15.0),
    "loss_ratio": (0.1, 0.001),
    "down_bps": (1e4, 5e7),
    "response_ms": (20_000.0, 300.0),
    "initial_delay_ms": (20_000.0, 300.0),
}
KPIS = (*_LIMITS, "stalls", "is_dropped", "is_set_up")


@dataclass(frozen=True)
class Planted:
    """One planted problem.

    Attributes
    ----------
    kind, target : Kind, str
        As a finding names it; a site by its identifier.
    first_day, last_day : int
        From the start, both inclusive, within the days that there are.
    struck_a_day : float
        Sessions of the target in the hours of the problem, on a mean day of it.
    """

    kind: Kind
    target: str
    first_day: int
    last_day: int
    severity: float
    struck_a_day: float


@dataclass(frozen=True)
class Lab:
    """Sums by hour, and what was planted."""

    sums: Sums
    planted: list[Planted]
    places: int
    days: int
    sessions: int


def lab(
    folder: Path, people: int, days: int, seed: int, problems: int, records: int | None = None
) -> Lab:
    """Generate a population and add up its sessions."""
    options = Options(people, days, seed, records=records, problems=problems, file_format="parquet")
    generate(folder, options)
    sessions = pa.concat_tables(
        pq.read_table(file) for file in sorted(folder.glob("sessions-*.parquet"))
    )
    cells = pq.read_table(folder / "cells.parquet")
    site_of = dict(zip(_texts(cells["cell_id"]), _texts(cells["site_id"]), strict=True))
    place_of = dict(zip(_texts(cells["cell_id"]), _places(cells), strict=True))
    parents: Parents = {"site": ("cell", site_of), "place": ("cell", place_of)}
    sums = Sums.of(sums_of(sessions), parents)
    planted = _planted(folder, options, sessions, site_of) if problems else []
    return Lab(sums, planted, len(set(place_of.values())), days, sessions.num_rows)


def _places(cells: pa.Table) -> list[str]:
    """Return where each cell stands, in H3 cells of resolution 8."""
    lat, lon = _column(cells, "lat_deg").tolist(), _column(cells, "lon_deg").tolist()
    return [h3.latlng_to_cell(*at, 8) for at in zip(lat, lon, strict=True)]


def sums_of(sessions: pa.Table) -> pa.Table:
    """Return sums by hour, cell, model of device, app, service and technology."""
    worth = _worth(sessions)
    known = {name: ~np.isnan(value) for name, value in worth.items()}
    count = np.sum(list(known.values()), axis=0)
    is_set_up = _column(sessions, "is_set_up") > 0
    share = {name: 100 * np.nan_to_num(worth[name]) * is_set_up / count for name in KPIS}
    score = np.sum(list(share.values()), axis=0)
    columns = {
        "window_start": sessions["started_at"]
        .to_numpy()
        .astype("datetime64[h]")
        .astype("datetime64[s]"),
        "cell_id": _texts(sessions["cell_id"]),
        "tac": _texts(sessions["tac"]),
        "app_id": _texts(sessions["app_id"]),
        "service": _texts(sessions["service"]),
        "technology": _texts(sessions["technology"]),
        "n": np.ones(len(score)),
        "score_sum": score,
        "score_sq_sum": score**2,
    }
    for name in KPIS:
        columns[f"{name}__n"] = known[name].astype(float)
        columns[f"{name}__sum"] = np.nan_to_num(worth[name])
        columns[f"{name}__contribution"] = share[name]
    keys = ["window_start", "cell_id", "tac", "app_id", "service", "technology"]
    values = [name for name in columns if name not in keys]
    added = pa.table(columns).group_by(keys).aggregate([(name, "sum") for name in values])
    return added.rename_columns([*keys, *values])


def _worth(sessions: pa.Table) -> dict[str, Floats]:
    worth = {}
    for name, (worst, best) in _LIMITS.items():
        value = np.maximum(_column(sessions, name), 1e-9)
        level = (np.log(value) - np.log(worst)) / (np.log(best) - np.log(worst))
        worth[name] = np.clip(level, 0, 1)
    worth["stalls"] = np.exp(-0.5 * _column(sessions, "stalls"))
    worth["is_dropped"] = 1 - _column(sessions, "is_dropped")
    worth["is_set_up"] = _column(sessions, "is_set_up")
    return worth


def _planted(
    folder: Path, options: Options, sessions: pa.Table, site_of: dict[str, str]
) -> list[Planted]:
    rows = pq.read_table(folder / "truth" / "problems.parquet").to_pylist()
    start = np.datetime64(options.start, "D")
    at = sessions["started_at"].to_numpy().astype("datetime64[h]")
    day, hour = (at.astype("datetime64[D]") - start).astype(int), at.astype(int) % 24
    column = {"cell": "cell_id", "site": "cell_id", "device": "tac", "app": "app_id"}
    found = []
    for number in sorted({row["problem"] for row in rows}):
        mine = [row for row in rows if row["problem"] == number]
        first, last = (_day(mine[0][name], options.start) for name in ("began_at", "ended_at"))
        last = min(last, options.days) - 1
        scope, targets = mine[0]["scope"], [row["target_id"] for row in mine]
        is_struck = np.isin(_texts(sessions[column[scope]]), targets)
        is_struck &= (day >= first) & (day <= last)
        is_struck &= (hour >= mine[0]["first_hour"]) & (hour < mine[0]["last_hour"])
        target = site_of[targets[0]] if scope == "site" else targets[0]
        a_day = float(is_struck.sum()) / (last - first + 1)
        found.append(Planted(scope, target, first, last, mine[0]["severity"], a_day))
    return found


def _day(at: object, start: date) -> int:
    return int((np.datetime64(str(at)[:10], "D") - np.datetime64(start, "D")).astype(int))


def _texts(column: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    return np.asarray(column.cast(pa.string()).to_numpy()).astype(str)


def _column(table: pa.Table, name: str) -> Floats:
    column = table[name]
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.asarray(column.cast(pa.float64()).to_numpy())
