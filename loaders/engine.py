"""The engine that records are worked on with: DuckDB in this process, its memory bounded."""

from pathlib import Path

import ibis
from ibis.backends.duckdb import Backend

MEMORY_MIB = 1024


def connect(spill: Path | None = None) -> Backend:
    """Return a DuckDB engine of its own, in memory, whose clock is UTC.

    Parameters
    ----------
    spill : Path, optional
        Folder for what does not fit into its 1 GiB of memory; unset: then it must fit.
    """
    bounds = {"memory_limit": f"{MEMORY_MIB}MiB", "temp_directory": str(spill)} if spill else {}
    # Rows have no order of their own, and keeping one would cost memory.
    return ibis.duckdb.connect(preserve_insertion_order=False, **bounds)
