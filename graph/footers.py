"""Rows of few keys in Parquet files that never change, whose footers are therefore kept.

Whoever writes such a file sorts it by the key, in small groups of rows: then the footer tells which
few of them a reader has to look at. Sorted or not, what is found is the same.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graph.kernels import pc

ROW_GROUP = 2_048  # rows; as many as DuckDB writes at least
_FOOTERS = 64  # each may have some megabytes


def rows_of(file: Path, key: str, values: Sequence[str], columns: Sequence[str] = ()) -> pa.Table:
    """Return the rows of a file whose text ``key`` is one of some values.

    Parameters
    ----------
    file : Path
        Never another file by this name.
    columns : sequence
        Those that are read; empty: all.

    Raises
    ------
    FileNotFoundError
        The file is gone.
    """
    with file.open("rb") as source:
        footer, bounds = _footer(file, key)
        groups = [
            number
            for number, (least, most) in enumerate(bounds)
            if any(least <= value <= most for value in values)
        ]
        parquet = pq.ParquetFile(source, metadata=footer)
        names = [*dict.fromkeys([key, *columns])] if columns else None
        found = parquet.read_row_groups(groups, names, use_threads=False)
    mine = pc.is_in(found[key], value_set=pa.array(values, pa.string()))
    return found.filter(mine).select(list(columns or found.column_names))


@lru_cache(_FOOTERS)
def _footer(file: Path, key: str) -> tuple[pq.FileMetaData, list[tuple[str, str]]]:
    """Return a footer, and of each group of rows between which values its keys are."""
    footer = pq.read_metadata(file)
    column = footer.schema.names.index(key)
    groups = map(footer.row_group, range(footer.num_row_groups))
    return footer, [_bounds(group.column(column).statistics) for group in groups]


def _bounds(told: pq.Statistics | None) -> tuple[str, str]:
    return (told.min, told.max) if told and told.has_min_max else ("", chr(0x10FFFF))
