"""Everybody's customer experience index at once, for those who look at groups of people."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.errors import NotAnalysed
from graph.experience.falls import means
from graph.experience.model import Model
from graph.experience.stored import read_manifest
from graph.kernels import pc

DAYS = 28


def mean_cei(
    folder: Path, model: Model, subscriber_ids: npt.NDArray[np.str_]
) -> npt.NDArray[np.float64]:
    """Return the CEI of subscribers over the last four scored weeks, 0 to 100; NaN: not known.

    Where nothing has been computed yet, nobody's is known.
    """
    unknown = np.full(len(subscriber_ids), np.nan)
    try:
        days = read_manifest(folder, model.version).days
        if not days:
            return unknown
        first = datetime.combine(max(days), time(), UTC) - timedelta(days=DAYS - 1)
        found = means(folder, model, first, DAYS)
    except NotAnalysed:
        return unknown
    at = pc.index_in(pa.array(subscriber_ids.tolist(), pa.string()), found["subscriber_id"])
    cei = found["mean"].combine_chunks().take(at)
    return np.asarray(pc.fill_null(cei, np.nan).to_numpy(zero_copy_only=False), np.float64)
