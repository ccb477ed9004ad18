"""Positions to places of the finest resolution."""

import h3.api.basic_int as h3
import numpy as np
import pyarrow as pa

from graph.raster import FINEST_RESOLUTION


def places(lat_deg: pa.Array, lon_deg: pa.Array) -> pa.Array:
    """Return the H3 index of each position, as an integer; null where there is none.

    Examples
    --------
    >>> h3.int_to_str(places(pa.array([58.38]), pa.array([26.72]))[0].as_py())
    '891136a719bffff'
    """
    lat, lon = (each.to_numpy(zero_copy_only=False) for each in (lat_deg, lon_deg))
    is_there = np.isfinite(lat) & np.isfinite(lon)
    indexes = np.zeros(len(lat), np.int64)
    indexes[is_there] = [
        h3.latlng_to_cell(*position, FINEST_RESOLUTION)
        for position in zip(lat[is_there].tolist(), lon[is_there].tolist(), strict=True)
    ]
    return pa.array(indexes, mask=~is_there)
