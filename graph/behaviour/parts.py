"""One part of a build: the events of some subscribers, put in order, and what follows from them.

Parts are made in processes of their own, so nothing is imported here that they do not need.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.behaviour.arrays import Ints, runs
from graph.behaviour.events import SCHEMA, Events
from graph.behaviour.history import Part
from graph.behaviour.indicators import Behaviour
from graph.behaviour.usual import usual
from graph.footers import COMPRESSION, ROW_GROUP
from graph.kernels import pc


def write_part(number: int, file: Path, build: Path, cells: Path, time_zone: str) -> Part:
    """Write the histories and the usual indicators of the subscribers in a file, and delete it.

    Parameters
    ----------
    file : Path
        Arrow stream of reports as their subscribers saw them: the columns of ``SCHEMA`` without
        the position.
    cells : Path
        Parquet file of cell_id, lat_deg, lon_deg, a row a cell.
    """
    with pa.OSFile(str(file)) as source:
        reports = pa.ipc.open_stream(source).read_all()
    file.unlink()
    events = _located(_merged(_encoded(reports)), pq.read_table(cells))
    behaviour = Behaviour(Events.of(events), time_zone)
    ids = behaviour.events.subscriber_ids
    part = Part(
        number=number,
        first=ids[0].as_py(),
        last=ids[-1].as_py(),
        subscribers=len(ids),
        events=len(events),
    )
    options = {"row_group_size": ROW_GROUP, "compression": COMPRESSION, "store_schema": False}
    # A file would have all dictionaries in every group of its rows.
    pq.write_table(events.cast(SCHEMA), build / part.events_file, **options)
    pq.write_table(usual(behaviour), build / part.usual_file, use_dictionary=False, **options)
    return part


def _merged(reports: pa.RecordBatch) -> pa.RecordBatch:
    """Return every event once, by subscriber and instant, with the greatest cell reported."""
    at_us = reports["at"].cast(pa.int64()).to_numpy()
    owner = reports["subscriber_id"].indices.to_numpy().astype(np.int64)
    instant = owner * (int(at_us.max()) - int(at_us.min()) + 1) + at_us - at_us.min()
    order = np.argsort(instant)
    ordered = instant[order]
    is_tied = np.zeros(len(order), np.bool_)
    is_tied[1:] = ordered[1:] == ordered[:-1]
    is_tied[:-1] |= is_tied[1:]
    rows = order[is_tied]
    tied = reports.take(pa.array(rows))
    columns = [
        instant[rows],
        _ranks(tied["counterpart_id"].dictionary_decode()),
        tied["is_call"].to_numpy(zero_copy_only=False).astype(np.int64),
        tied["is_outgoing"].to_numpy(zero_copy_only=False).astype(np.int64),
        tied["duration_s"].fill_null(-1).to_numpy(),
    ]
    within = np.lexsort((-_ranks(tied["cell_id"].dictionary_decode()), *columns[::-1]))
    order[is_tied] = rows[within]
    is_first = np.ones(len(order), np.bool_)
    is_first_tied = np.zeros(len(rows), np.bool_)
    is_first_tied[runs(*(column[within] for column in columns))[1]] = True
    is_first[is_tied] = is_first_tied
    return reports.take(pa.array(order[is_first]))


def _ranks(texts: pa.Array) -> Ints:
    """Return where every text stands among the distinct ones; 0: there is none."""
    coded = texts.dictionary_encode()
    rank = np.empty(len(coded.dictionary), np.int64)
    rank[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(1, len(rank) + 1)
    return np.asarray(np.append(rank, 0)[coded.indices.fill_null(-1).to_numpy()])


def _encoded(reports: pa.Table) -> pa.RecordBatch:
    """Return texts as numbers of a dictionary, which for subscribers is sorted."""
    columns = {name: reports[name].combine_chunks() for name in reports.column_names}
    for name in ("counterpart_id", "cell_id"):
        columns[name] = columns[name].dictionary_encode()
    ranks = _ranks(columns["subscriber_id"]) - 1
    distinct = columns["subscriber_id"].unique()
    ordered_ids = distinct.take(pc.sort_indices(distinct))
    columns["subscriber_id"] = pa.DictionaryArray.from_arrays(ranks.astype(np.int32), ordered_ids)
    return pa.RecordBatch.from_pydict(columns)


def _located(events: pa.RecordBatch, cells: pa.Table) -> pa.Table:
    """Return the events with the position of their cell, in the columns of ``SCHEMA``."""
    seen_at = events["cell_id"]
    at = pc.index_in(seen_at.dictionary, cells["cell_id"].combine_chunks())
    columns = {name: events[name] for name in events.schema.names}
    for name in ("lat_deg", "lon_deg"):
        columns[name] = cells[name].combine_chunks().take(at).take(seen_at.indices)
    return pa.table(columns).select(SCHEMA.names)
