"""The network as the operator has it on file: sites, versions of cells; and venues nearby."""

import numpy as np
import pyarrow as pa

from graph.kernels import pc
from loaders.generate.catalogue import VENUES
from loaders.generate.draws import Array
from loaders.generate.files import Folder, instants, words
from loaders.generate.place import SECTORS, TECHNOLOGIES, cell_id, site_id
from loaders.generate.population import Population
from loaders.generate.rhythm import DAY_S

_IN_SERVICE_DAYS = 700  # before the start
_TURNED_DEG = 25
_BESIDE_DEG = 0.002  # some 200 m


def write_network(folder: Folder, population: Population) -> None:
    """Write sites, venues, and cells: two versions of those whose antenna is turned."""
    country, options = population.country, population.options
    site = np.arange(country.sites)
    folder.write(
        "sites",
        {
            "site_id": site_id(site),
            "lat_deg": country.lat_deg,
            "lon_deg": country.lon_deg,
        },
    )
    _write_venues(folder, population)
    is_turned = (country.turned_on >= 0) & (country.turned_on < options.days)
    before, after = np.arange(country.cells), np.flatnonzero(is_turned)
    cell = np.concatenate([before, after])
    is_after = np.arange(len(cell)) >= len(before)
    turned_s = options.start_s + country.turned_on[cell] * DAY_S
    first_s = options.start_s - _IN_SERVICE_DAYS * DAY_S
    folder.write(
        "cells",
        {
            "cell_id": cell_id(cell),
            "site_id": site_id(cell // SECTORS),
            "lat_deg": country.lat_deg[cell // SECTORS],
            "lon_deg": country.lon_deg[cell // SECTORS],
            "technology": words(TECHNOLOGIES, country.technology[cell]),
            "azimuth_deg": _azimuth(country.azimuth_deg[cell], is_after),
            "beam_deg": np.full(len(cell), 120),
            "range_m": country.range_m[cell],
            "valid_from": instants(np.where(is_after, turned_s, first_s)),
            "valid_to": _ends(turned_s, is_turned[cell] & ~is_after),
        },
    )


def _write_venues(folder: Folder, population: Population) -> None:
    """Write a venue beside each site; nobody goes there on purpose."""
    country = population.country
    site = np.arange(country.sites)
    folder.write(
        "venues",
        {
            "venue_id": [f"venue.{number}" for number in site_id(site).tolist()],
            "category": words(VENUES, site % len(VENUES)),
            "lat_deg": np.round(country.lat_deg + _BESIDE_DEG, 6),
            "lon_deg": country.lon_deg,
        },
    )


def _azimuth(azimuth_deg: Array, is_after: Array) -> Array:
    turned: Array = (azimuth_deg + _TURNED_DEG * is_after) % 360
    return turned


def _ends(seconds: Array, does_end: Array) -> object:
    return pc.if_else(pa.array(does_end), instants(seconds), None)
