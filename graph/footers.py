"""Parquet files that never change, whose footers are therefore kept.

Whoever writes such a file for readers of few rows sorts it by what these are asked for by, in small
groups, which unpack fast: then the footer tells Arrow which few of them to look at.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pads
from pyarrow.fs import LocalFileSystem

ROW_GROUP = 2_048  # rows; as many as DuckDB writes at least
COMPRESSION = "lz4_raw"  # of few rows, unpacking Zstandard takes most of the time
_FOOTERS = 64  # each may have some megabytes
_FORMAT, _DISK = pads.ParquetFileFormat(), LocalFileSystem()


def dataset(files: Sequence[Path]) -> pads.Dataset:
    """Return files of the first one's schema, to be read from as a whole.

    Parameters
    ----------
    files : sequence of Path
        At least one; never another file by the same name.

    Raises
    ------
    FileNotFoundError
        One is gone; also when it is read from.
    """
    fragments = [_fragment(file) for file in files]
    return pads.FileSystemDataset(fragments, fragments[0].physical_schema, _FORMAT, _DISK)


def among(column: str, values: Sequence[str]) -> pads.Expression:
    """Return what holds of rows with one of some values."""
    return pads.field(column).isin(pa.array(values, pa.string()))


@lru_cache(_FOOTERS)
def _fragment(file: Path) -> pads.ParquetFileFragment:
    fragment = _FORMAT.make_fragment(str(file), _DISK)
    fragment.ensure_complete_metadata()
    return fragment
