"""Arrow's compute functions; Arrow makes them when it is imported, where no type checker looks."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute


def floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """Return a column of numbers, or of truths as 1 and 0; NaN stands for null.

    Examples
    --------
    >>> floats(pa.chunked_array([[True, None]])).tolist()
    [1.0, nan]
    """
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(), np.float64)
