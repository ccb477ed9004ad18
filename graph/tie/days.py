"""The ties of each day, from which those of any window of time are summed without the records.

::

    days.json                    which days there are, and in which files; replaced at once
    keys-….parquet               the subscribers' keys: a number stands for the key in that row
    days/<day>-….parquet         a row a tie: caller, callee (numbers), and ``MEASURES``

A file is never changed. A day that has other records than before gets a new file.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from graph.errors import BadInput, NotAnalysed
from graph.kernels import pc
from graph.projection import Ints, Projection
from graph.tie.strength import StrengthWeights, reciprocity, strengths

MANIFEST = "days.json"
DAYS = "days"
#: Sums of a day. By the local clock, at night is from 19 to 7 o'clock, at the weekend Saturday and
#: Sunday, in office hours Monday to Friday from 9 to 17.
SUMS = ("calls", "missed", "messages", "duration_s", "night", "weekend", "office")
MEASURES = (*SUMS, "first_at", "last_at")
_ATTEMPTS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoredDay(BaseModel):
    """One day's ties.

    Attributes
    ----------
    state : str
        Digest of what was in the record store then of this day.
    """

    model_config = ConfigDict(frozen=True)

    state: str
    file: str
    ties: int


class Manifest(BaseModel):
    """Which days are stored.

    Attributes
    ----------
    keys : str
        The file of keys.
    time_zone : str
        Of the local clock.
    """

    model_config = ConfigDict(frozen=True)

    as_of: datetime
    keys: str
    people: int
    time_zone: str
    days: Mapping[date, StoredDay]


def read_manifest(folder: Path) -> Manifest:
    """Return which days are stored.

    Raises
    ------
    NotAnalysed
        None yet.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotAnalysed(
            "the ties of single days have not been computed yet: run `tiegraph analyse ties`"
        ) from error
    return Manifest.model_validate_json(text)


def ties_between(
    folder: Path,
    everybody: Projection,
    since: date | None = None,
    until: date | None = None,
    weights: StrengthWeights | None = None,
) -> Projection:
    """Return the ties of a half-open window of days, among the subscribers of a projection.

    The columns are those of the projection, and ``night``, ``weekend`` and ``office``: events at
    such times. Strengths are as of the window's end, or of the last event before it.

    Raises
    ------
    NotAnalysed
        The days' ties have not been computed yet.
    BadInput
        The window ends before it begins.
    """
    if since and until and until <= since:
        raise BadInput("the window must end after it begins")
    manifest, rows, keys = _stored(folder, since, until)
    version = days_version(everybody, manifest, since, until)
    ties = replace(_summed(rows, _placed(keys, everybody)), keys=everybody.keys, version=version)
    until_us = None
    if until:
        end = datetime(until.year, until.month, until.day, tzinfo=UTC)
        until_us = min((end - _EPOCH) // timedelta(microseconds=1), everybody.last_at_us)
    told = {"strength": strengths(ties, weights, until_us), "reciprocity": reciprocity(ties)}
    return replace(ties, columns={**ties.columns, **told})


def days_version(
    everybody: Projection,
    manifest: Manifest,
    since: date | None = None,
    until: date | None = None,
) -> str:
    """Return the version of the ties of a window."""
    return f"{everybody.version}/{manifest.as_of.isoformat()}/{since}/{until}"


def _stored(
    folder: Path, since: date | None, until: date | None
) -> tuple[Manifest, pa.Table, pa.Array]:
    """Return the days of a window; a day that is computed anew meanwhile has another file then."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _stored_now(folder, since, until)
        except FileNotFoundError:
            continue
    return _stored_now(folder, since, until)


def _stored_now(
    folder: Path, since: date | None, until: date | None
) -> tuple[Manifest, pa.Table, pa.Array]:
    manifest = read_manifest(folder)
    rows = _rows(folder, manifest, since, until)
    keys = pq.read_table(folder / manifest.keys)["key"].combine_chunks()
    return manifest, rows, keys


def _rows(folder: Path, manifest: Manifest, since: date | None, until: date | None) -> pa.Table:
    files = [
        str(folder / DAYS / day.file)
        for on, day in sorted(manifest.days.items())
        if (since is None or since <= on) and (until is None or on < until) and day.ties
    ]
    if not files:
        return schema().empty_table()
    return pads.dataset(files, schema=schema()).to_table()


def schema() -> pa.Schema:
    """Return the columns of a day's file."""
    ends = [("caller", pa.int32()), ("callee", pa.int32())]
    return pa.schema([*ends, *((name, pa.int64()) for name in MEASURES)])


def _placed(keys: pa.Array, everybody: Projection) -> Ints:
    """Return the position of each number in a projection; -1: it is not there."""
    known = pa.array(everybody.keys.tolist(), pa.string())
    found = pc.fill_null(pc.index_in(keys, known), -1)
    return np.asarray(found.to_numpy(), np.int64)


def _summed(rows: pa.Table, place: Ints) -> Projection:
    """Return each tie once, in order of both ends."""
    people = len(place) + 1
    caller, callee = place[rows["caller"].to_numpy()], place[rows["callee"].to_numpy()]
    span = max(people, int(place.max(initial=0)) + 1)
    is_known = (caller >= 0) & (callee >= 0)
    code = (caller * span + callee)[is_known]
    order = np.argsort(code, kind="stable")
    ordered = code[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    columns = {name: rows[name].to_numpy()[is_known][order] for name in MEASURES}
    summed = {name: _reduced(np.add, columns[name], first) for name in SUMS}
    summed["first_at"] = _reduced(np.minimum, columns["first_at"], first)
    summed["last_at"] = _reduced(np.maximum, columns["last_at"], first)
    summed["active_days"] = np.diff(first, append=len(ordered))
    ends = np.divmod(ordered[first], span)
    one, other = (np.asarray(end, np.int32) for end in ends)
    return Projection(np.array([], np.str_), "", one, other, summed)


def _reduced(how: np.ufunc, values: Ints, first: Ints) -> Ints:
    return np.asarray(how.reduceat(values, first) if len(first) else values[:0], np.int64)
