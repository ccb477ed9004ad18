"""Which version of a cell was in force when."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa

from graph.kernels import pc
from loaders.coverage.cells import anchors
from loaders.records import EARLIEST, END

_INSTANT = pa.timestamp("us", "UTC")
SPANS = pa.schema(
    [("cell_id", pa.string()), ("h3", pa.int64()), ("since", _INSTANT), ("until", _INSTANT)]
)
_FIRST_US, _LAST_US = (int(instant.timestamp()) * 1_000_000 for instant in (EARLIEST, END))


def last_versions(versions: pa.Table) -> pa.Table:
    """Return each cell's last version.

    Parameters
    ----------
    versions : Table
        What ``transforms.place.cells`` returns: a cell's versions beside each other, oldest first.
    """
    return versions.take(pa.array(_ends(versions) - 1))


def spans(versions: pa.Table) -> pa.Table:
    """Return where to look for whom a cell saw, from instant to instant: ``SPANS``.

    A cell's spans follow each other without a gap from the first instant that a record can have
    to the last.
    """
    places = anchors(versions)
    ends = _ends(versions)
    starts = np.concatenate([[0], ends])[:-1].astype(np.int64)
    since, until = (
        pc.fill_null(versions[name].cast(pa.int64()), open_end).to_numpy()
        for name, open_end in (("valid_from", _FIRST_US), ("valid_to", _LAST_US))
    )
    told: list[tuple[int, int, int]] = []  # version, first and last instant
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start == 1:
            told.append((start, _FIRST_US, _LAST_US))
        else:
            times = list(zip(since[start:end].tolist(), until[start:end].tolist(), strict=True))
            for first, last, version in in_force(times, _FIRST_US, _LAST_US):
                told.append((start + version, first, last))
    columns = np.array(told, np.int64).reshape(-1, 3).T
    return pa.table(
        [
            versions["cell_id"].take(pa.array(columns[0])),
            places.take(pa.array(columns[0])),
            pa.array(columns[1]).cast(_INSTANT),
            pa.array(columns[2]).cast(_INSTANT),
        ],
        schema=SPANS,
    )


def in_force(
    versions: Sequence[tuple[int, int]], first: int, last: int
) -> Iterator[tuple[int, int, int]]:
    """Yield from when to when which version counts, over all of a time.

    The one that is in force does; of several the one that is last in order; outside all of them
    the one that is nearest in time, and halfway between two the later.

    Parameters
    ----------
    versions : sequence of (int, int)
        From when (inclusive) to when (exclusive) each is in force, oldest first.

    Examples
    --------
    >>> list(in_force([(10, 20), (30, 40)], 0, 100))
    [(0, 25, 0), (25, 100, 1)]
    >>> list(in_force([(0, 100), (30, 40)], 0, 100))
    [(0, 30, 0), (30, 40, 1), (40, 100, 0)]
    """
    turns = list(_turns(versions, first))
    since, version = turns[0]
    for turn, next_version in turns[1:]:
        if next_version != version:
            if turn > since:
                yield since, turn, version
            since, version = turn, next_version
    yield since, last, version


def _turns(versions: Sequence[tuple[int, int]], first: int) -> Iterator[tuple[int, int]]:
    """Yield instants at which another version may begin to count, and which."""
    bounds = sorted({bound for pair in versions for bound in pair})
    yield first, _last_of(since == bounds[0] for since, _ in versions)
    for start, end in pairwise(bounds):
        holding = [since <= start < until for since, until in versions]
        if any(holding):
            yield start, _last_of(holding)
        else:
            yield start, _last_of(until == start for _, until in versions)
            yield start + (end - start + 1) // 2, _last_of(since == end for since, _ in versions)
    yield bounds[-1], _last_of(until == bounds[-1] for _, until in versions)


def _last_of(conditions: Iterable[bool]) -> int:
    """Return the last index of which a condition holds."""
    return max(index for index, holds in enumerate(conditions) if holds)


def _ends(versions: pa.Table) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return behind which rows another cell begins."""
    cells = versions["cell_id"].combine_chunks()
    if not len(cells):
        return np.zeros(0, np.int64)
    is_last = pc.not_equal(cells.slice(0, len(cells) - 1), cells.slice(1))
    changes = np.flatnonzero(is_last.to_numpy(zero_copy_only=False)) + 1
    return np.append(changes, len(cells)).astype(np.int64)
