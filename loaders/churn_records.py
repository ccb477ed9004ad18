"""Who leaves next, learned from the record store and written into the graph."""
# Ibis types every ``table.column`` as a plain Column, whatever the column holds.
# pyright: reportAttributeAccessIssue=false, reportOperatorIssue=false

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from graph.churn.records import Daily, Floats, Records, Ties
from graph.errors import BadInput, NotAnalysed
from graph.experience.falls import sums_of_day
from graph.experience.model import Model
from graph.experience.stored import read_manifest
from graph.kernels import floats, pc
from loaders.engine import keep
from loaders.progress import Watch
from loaders.store import RecordStore
from loaders.transforms import churn as transforms

_DAY = timedelta(days=1)
_KINDS = ("subscribers", "calls", "messages", "sessions", "touchpoints", "payments")
_WORDS = ("plan", "segment", "gender")
_FEWEST_STATED = 10


def read_records(
    engine: BaseBackend, store: RecordStore, experience: tuple[Path, Model], watch: Watch
) -> tuple[Records, date]:
    """Return what the store knows of subscribers day by day, and the first day.

    Where fewer than ten are said to have left at a known time, whoever is silent counts as gone.

    Parameters
    ----------
    experience : (Path, Model)
        Where scores are stored, and the model that they are of; without any, experience is unknown.

    Raises
    ------
    BadInput
        There is no call, message or session.
    """
    watch.begin("Reading records", len(_KINDS))
    tables = {kind: store.table(engine, kind) for kind in _KINDS}
    everybody = keep(engine, "everybody", transforms.numbered(tables))
    read = _Reader(engine, tables, everybody, watch)
    ties, sessions = read.rows("ties"), read.rows("sessions")
    touchpoints, payments = read.rows("touchpoints"), read.rows("payments")
    facts = read.rows("facts")
    first, days = _span(ties, sessions)
    counts = {
        name: _daily(rows, name, first)
        for rows, names in (
            (sessions, ("sessions", "volume_bytes")),
            (touchpoints, ("touchpoints", "help_requests")),
            (payments, ("payments",)),
        )
        for name in names
    }
    keys = np.array(facts["subscriber_id"].to_pylist(), dtype=np.str_)
    counts |= _experience(keys, first, days, *experience)
    stated = _stated(facts, first)
    is_stated = np.count_nonzero((stated >= 0) & (stated < days)) >= _FEWEST_STATED
    known = facts["is_known"].fill_null(False).to_numpy()
    values, words = _facts(facts, first)
    records = Records(
        keys=keys,
        days=days,
        definition="status" if is_stated else "silence",
        stated=stated,
        is_known=known if known.any() else np.ones(len(keys), bool),
        ties=_ties(ties, first),
        counts=counts,
        facts=values,
        words=words,
    )
    return records, first


class _Reader:
    """Reads one transform after the other."""

    def __init__(
        self, engine: BaseBackend, tables: Mapping[str, Table], everybody: Table, watch: Watch
    ) -> None:
        self._engine = engine
        self._tables = tables
        self._everybody = everybody
        self._watch = watch

    def rows(self, name: str) -> pa.Table:
        """Return the rows of a transform of ``loaders.transforms.churn``."""
        expression: Table = getattr(transforms, name)(self._tables, self._everybody)
        found = self._engine.to_pyarrow(expression)
        self._watch.advance(1)
        return found


def _span(ties: pa.Table, sessions: pa.Table) -> tuple[date, int]:
    spans = [pc.min_max(rows["day"]).as_py() for rows in (ties, sessions) if rows.num_rows]
    if not spans:
        raise BadInput("there is no call, message or data session to learn churn from")
    first, last = min(span["min"] for span in spans), max(span["max"] for span in spans)
    return first, (last - first).days + 1


def _days(column: pa.ChunkedArray, first: date) -> np.ndarray:
    since_1970 = pc.cast(pc.cast(column, pa.date32()), pa.int32()).to_numpy()
    days: np.ndarray = since_1970.astype(np.int64) - (first - date(1970, 1, 1)).days
    return days


def _daily(rows: pa.Table, name: str, first: date) -> Daily:
    who = rows["position"].to_numpy().astype(np.int64)
    return Daily(who, _days(rows["day"], first), floats(rows[name]))


def _ties(rows: pa.Table, first: date) -> Ties:
    return Ties(
        caller=rows["caller"].to_numpy().astype(np.int64),
        callee=rows["callee"].to_numpy().astype(np.int64),
        day=_days(rows["day"], first),
        events=floats(rows["events"]),
        last_d=_since(rows["last_at"], first),
    )


def _since(instants: pa.ChunkedArray, first: date) -> Floats:
    """Return instants in days since the first; NaN: none."""
    start_us = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp() * 1e6)
    since_us = floats(pc.cast(pc.cast(instants, pa.timestamp("us")), pa.int64())) - start_us
    since_d: Floats = since_us / (86_400 * 1e6)
    return since_d


def _stated(facts: pa.Table, first: date) -> Floats:
    """Return when each left; before all days where it is not known when."""
    gone = facts["is_churned"].fill_null(False).to_numpy()
    left_d = np.nan_to_num(_since(facts["churned_at"], first), nan=-1.0)
    return np.where(gone, left_d, np.nan)


def _facts(facts: pa.Table, first: date) -> tuple[dict[str, Floats], dict[str, list[str]]]:
    values = {"birth_year": floats(facts["birth_year"])}
    joined = pc.cast(facts["joined_on"], pa.date32())
    values["joined_d"] = floats(pc.cast(joined, pa.int32())) - (first - date(1970, 1, 1)).days
    words = {}
    for name in _WORDS:
        texts = sorted(text for text in facts[name].unique().to_pylist() if text is not None)
        values[name] = floats(pc.index_in(facts[name], pa.array(texts, pa.string())))
        words[name] = texts
    return values, words


def _experience(
    keys: np.ndarray, first: date, days: int, folder: Path, model: Model
) -> dict[str, Daily]:
    """Return the sums that a CEI is made of, of the days that were scored."""
    try:
        scored = read_manifest(folder, model.version).days
    except NotAnalysed:
        return {}
    who, on, weight, score = [], [], [], []
    for day in range(days):
        if (at := first + day * _DAY) not in scored:
            continue
        sums = sums_of_day(folder, model, datetime(at.year, at.month, at.day, tzinfo=UTC))
        names = np.array(sums["subscriber_id"].to_pylist(), dtype=np.str_)
        found = np.minimum(np.searchsorted(keys, names), len(keys) - 1)
        same = keys[found] == names
        who.append(found[same])
        on.append(np.full(int(same.sum()), day))
        weight.append(sums["weight"].to_numpy()[same])
        score.append(sums["score"].to_numpy()[same])
    if not who:
        return {}
    positions, at_day = np.concatenate(who), np.concatenate(on)
    return {
        "experience_weight": Daily(positions, at_day, np.concatenate(weight)),
        "experience_score": Daily(positions, at_day, np.concatenate(score)),
    }
