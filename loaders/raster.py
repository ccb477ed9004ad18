"""Rows for the raster: the places that cells cover and that people were at."""

from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.basic_int as h3
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from graph.kernels import pc
from graph.raster import COARSEST_RESOLUTION, FINEST_RESOLUTION
from loaders.coverage.cells import covers, with_neighbours
from loaders.coverage.versions import last_versions, spans

_PLACES = pa.schema(
    [
        ("h3", pa.string()),
        ("resolution", pa.int64()),
        ("lat_deg", pa.float64()),
        ("lon_deg", pa.float64()),
        ("parent", pa.string()),
    ]
)
_NAMES = pa.schema([("number", pa.int64()), ("h3", pa.string())])


@dataclass(frozen=True)
class Ground:
    """What the cells say, once for all that build on it.

    Attributes
    ----------
    spans : Table
        Which place stands for which cell from when to when, for all cells.
    cells : Table
        The last version of the cells whose ground new records have a say in.
    covers : Table
        The places that these cover.
    """

    spans: pa.Table
    cells: pa.Table
    covers: pa.Table

    @classmethod
    def of(cls, versions: pa.Table, moved: pa.Array) -> "Ground":
        """Return what all versions of all cells say, of which some cells are new or changed."""
        last = last_versions(versions)
        told = with_neighbours(versions, moved)
        cells = last.filter(pc.is_in(last["cell_id"], told))
        return cls(spans(versions), cells, covers(last, told))


def places(numbers: Sequence[int]) -> Table:
    """Return places with all their parents, the coarsest and so every parent first."""
    rows = []
    for resolution in range(COARSEST_RESOLUTION, FINEST_RESOLUTION + 1):
        finer = (number for number in numbers if h3.get_resolution(number) >= resolution)
        for number in sorted({h3.cell_to_parent(each, resolution) for each in finer}):
            lat_deg, lon_deg = h3.cell_to_latlng(number)
            is_top = resolution == COARSEST_RESOLUTION
            parent = None if is_top else h3.int_to_str(h3.cell_to_parent(number))
            rows.append((h3.int_to_str(number), resolution, lat_deg, lon_deg, parent))
    named = [dict(zip(_PLACES.names, row, strict=True)) for row in rows]
    return ibis.memtable(pa.Table.from_pylist(named, schema=_PLACES))


def spelt(rows: Table, numbers: Sequence[int]) -> Table:
    """Return rows with their places as they are spelt in the graph; null stays null."""
    texts = pa.array([h3.int_to_str(number) for number in numbers], pa.string())
    columns = [pa.array(numbers, pa.int64()), texts]
    names = ibis.memtable(pa.Table.from_arrays(columns, schema=_NAMES))
    return rows.rename(number="h3").left_join(names, "number").drop("number", "number_right")
