"""The engine that records are worked on with: DuckDB in this process, or Spark for many machines.

All that is computed is Ibis expressions, which both run. The few things that Ibis does not say for
both alike are here: to begin, to read stored files, and to keep a result that others build on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from graph.footers import COMPRESSION, ROW_GROUP
from graph.settings import Settings
from loaders.emptiness import is_empty

MEMORY_MIB = 768

# Either engine takes selects of selects for one itself; for Ibis to do it took a fifth of what a
# small increment computes.
ibis.options.sql.fuse_selects = False


def connect(spill: Path | None = None) -> Backend:
    """Return a DuckDB engine of its own, in memory, whose clock is UTC.

    Parameters
    ----------
    spill : Path, optional
        Folder for what does not fit into its 768 MiB of memory; unset: then it must fit.
    """
    bounds = {"memory_limit": f"{MEMORY_MIB}MiB", "temp_directory": str(spill)} if spill else {}
    # Rows have no order of their own, and keeping one would cost memory.
    return ibis.duckdb.connect(preserve_insertion_order=False, **bounds)


@contextmanager
def working(settings: Settings, spill: Path) -> Iterator[BaseBackend]:
    """Have the engine that the settings name while the block runs.

    Parameters
    ----------
    spill : Path
        Folder for what the engine must lay aside; the caller clears it away.

    Raises
    ------
    RuntimeFault
        Spark is not installed, or does not start.
    """
    if settings.engine == "duckdb":
        yield connect(spill)
        return
    from loaders import spark

    engine = spark.connect(settings, spill)
    try:
        yield engine
    finally:
        spark.stop(engine)


def read_files(engine: BaseBackend, files: Sequence[str], name: str) -> Table:
    """Return Parquet files as one table; a column that only some have is null in the others."""
    if isinstance(engine, Backend):
        return engine.read_parquet(list(files), table_name=name, union_by_name=True)
    from loaders import spark

    return spark.read_files(engine, files, name)


def keep(engine: BaseBackend, name: str, table: Table) -> Table:
    """Compute a table once and return what was computed."""
    if isinstance(engine, Backend):
        return engine.create_table(name, table, temp=True)
    from loaders import spark

    return spark.keep(engine, name, table)


def count(table: Table) -> int:
    """Return the number of a table's rows."""
    return 0 if is_empty(table.op()) else int(table.count().to_pyarrow().as_py())


def is_one_process(engine: BaseBackend) -> bool:
    """Tell whether all rows are in one place, so that they can be numbered."""
    return isinstance(engine, Backend)


def as_given_back(engine: BaseBackend, table: Table) -> Table:
    """Return a table with the types that the engine has: Spark's instants have no zone, but UTC."""
    if isinstance(engine, Backend):
        return table
    instants = [name for name, kind in table.schema().items() if kind.is_timestamp()]
    return table.cast(dict.fromkeys(instants, "timestamp"))


def write_parquet(
    engine: BaseBackend, table: Table, folder: Path, sorted_by: Sequence[str] = ()
) -> None:
    """Write a table's rows to Parquet files in a folder, which is made.

    Parameters
    ----------
    sorted_by : sequence
        Columns in whose order the rows stand, for readers of few values (``graph.footers``).
    """
    table = table.order_by(list(sorted_by)) if sorted_by else table
    if isinstance(engine, Backend):
        folder.mkdir()
        options: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
        if sorted_by:
            options = {"compression": COMPRESSION, "row_group_size": ROW_GROUP}
        engine.to_parquet(table, folder / "part-0.parquet", **options)
        return
    from loaders import spark

    spark.write_parquet(engine, table, folder)
