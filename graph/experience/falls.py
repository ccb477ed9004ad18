"""Subscribers whose experience fell, and who have not asked for help since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads
from anyio.to_thread import run_sync

from cypher import statement
from graph.database.session import Row
from graph.experience.model import Model
from graph.experience.stored import Part, read_manifest, read_parts
from graph.experience.tally import MILLION, margin_of
from graph.experience.worth import amounts_of, influences_of, values_of
from graph.kernels import pc
from graph.reader import Reader

_WITHOUT_HELP = statement("subscriber/without_help_since")
_RECENT_D, _EARLIER_D, _PAID_D = 7, 28, 30
_SUMS = ("weight", "score", "square", "weight_square")


@dataclass(frozen=True)
class Fall:
    """How a subscriber's experience fell.

    Attributes
    ----------
    before, now : float
        CEI of the four weeks before the last one, and of the last, in [0, 100].
    margin : float
        Half the width, in points, of an interval around ``drop``; less than it.
    value, influence : float
        What they bring in and whom they reach, by the mean of all who fell (``worth``).
    rank : float
        ``drop`` times value times influence: who can least be spared comes first.
    """

    subscriber: Row
    before: float
    now: float
    margin: float
    value: float
    influence: float

    @property
    def drop(self) -> float:
        """By how many points."""
        return self.before - self.now

    @property
    def rank(self) -> float:
        """What they are ordered by."""
        return self.drop * self.value * self.influence


async def falls(reader: Reader, folder: Path, model: Model, limit: int) -> list[Fall]:
    """Return whose CEI of the last scored week is below that of the four weeks before.

    By more than ``sqrt(a² + b²)`` of the two margins; without those who left or had a touchpoint
    for help since the week began. The greatest drop times value times influence comes first.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    manifest = await run_sync(read_manifest, folder, model.version)
    if not manifest.days:
        return []
    since = datetime.combine(max(manifest.days), time(), UTC) - timedelta(days=_RECENT_D - 1)
    found = {each[0]: each[1:] for each in await run_sync(_fallen, folder, model, since)}
    until = since + timedelta(days=_RECENT_D)
    rows = await reader.read(
        _WITHOUT_HELP, keys=list(found), since=since, on=max(manifest.days),
        paid_since=until - timedelta(days=_PAID_D), paid_until=until,
    )  # fmt: skip
    values = values_of([amounts_of(row) for row in rows])
    influences = influences_of([row["node"] for row in rows])
    fallen = [
        Fall(row["node"], *found[row["key"]], *worth)
        for row, *worth in zip(rows, values, influences, strict=True)
    ]
    return sorted(fallen, key=lambda each: (-each.rank, each.subscriber["subscriber_id"]))[:limit]


def _fallen(folder: Path, model: Model, since: datetime) -> list[tuple[str, float, float, float]]:
    """Return subscribers with both scores and the margin of their difference."""
    earlier = means(folder, model, since - timedelta(days=_EARLIER_D), _EARLIER_D)
    recent = means(folder, model, since, _RECENT_D)
    both = earlier.join(recent, "subscriber_id", join_type="inner", right_suffix="_now")
    before, now = both["mean"].to_numpy(), both["mean_now"].to_numpy()
    margin = np.hypot(both["margin"].to_numpy(), both["margin_now"].to_numpy())
    fell = np.flatnonzero(before - now > margin)
    keys = both["subscriber_id"].take(pa.array(fell)).to_pylist()
    return list(
        zip(keys, before[fell].tolist(), now[fell].tolist(), margin[fell].tolist(), strict=True)
    )


def means(folder: Path, model: Model, first: datetime, days: int) -> pa.Table:
    """Return the CEI of each subscriber over some days, and its margin."""
    starts = [first + timedelta(days=number) for number in range(days)]
    total = _added([sums_of_day(folder, model, start) for start in starts])
    weight, score, square, squares = (total[name].to_numpy() for name in _SUMS)
    known = weight > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = score / weight
        margin = margin_of(mean, square / weight, weight**2 / squares)
    columns = {"subscriber_id": total["subscriber_id"], "mean": 100 * mean, "margin": margin}
    return pa.table(columns).filter(pa.array(known))


def sums_of_day(folder: Path, model: Model, start: datetime) -> pa.Table:
    """Return each subscriber's sums over a day's services, weighed by importance.

    The CEI is 100 times ``score`` by ``weight``.
    """
    everybody = Part("subscribers", pads.field("service").is_valid(), ("subscriber_id",))
    _, rows = read_parts(folder, model, everybody, (start, start + timedelta(days=1)))
    names = list(model.services)
    importance = pa.array([model.services[name].importance for name in names], pa.float64())
    weights = pc.take(importance, pc.index_in(rows["service"], pa.array(names, pa.string())))
    parts = [name for name in rows.column_names if name.endswith("__contribution")]
    score = sum((rows[name].to_numpy() for name in parts), start=np.zeros(len(rows)))
    each, scored = weights.to_numpy(), rows["scored"].to_numpy()
    sums = {
        "weight": each * scored,
        "score": each * score / MILLION,
        "square": each * rows["square"].to_numpy() / MILLION,
        "weight_square": each**2 * scored,
    }
    return _added([pa.table({"subscriber_id": rows["subscriber_id"], **sums})])


def _added(tables: Sequence[pa.Table]) -> pa.Table:
    grouped = pa.concat_tables(tables).group_by("subscriber_id")
    added = grouped.aggregate([(name, "sum") for name in _SUMS])
    return added.rename_columns({f"{name}_sum": name for name in _SUMS})
