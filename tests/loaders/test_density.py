"""Who was where in each hour, against a count by pandas of the same records."""

from pathlib import Path
from typing import Any

import h3
import numpy as np
import pandas as pd
import pyarrow.dataset as pads

from graph.density.stored import read_manifest, read_presences
from graph.settings import Settings
from loaders.density import analyse
from loaders.progress import Silence
from loaders.store import RecordStore
from tests.loaders.records_of import at, staged_of

CELLS = {"lab:a": (55.70, 12.50), "lab:b": (55.75, 12.55), "lab:c": (55.80, 12.60)}


def test_everybody_is_where_they_were_seen_last_in_each_hour(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    seen: list[dict[str, Any]] = []
    for person, cell, day, second in zip(
        random.integers(30, size=900),
        random.choice(list(CELLS), 900),
        random.integers(1, 4, size=900),
        random.integers(86_400, size=900),
        strict=True,
    ):
        when = at(*divmod(int(second) // 60, 60), int(second) % 60, day=int(day))
        seen.append({"subscriber_id": f"{person:032x}", "cell_id": str(cell), "seen_at": when})
    settings = Settings(home_dir=tmp_path)
    store = RecordStore(settings.records_folder)
    cells = [
        {"cell_id": cell, "lat_deg": lat, "lon_deg": lon} for cell, (lat, lon) in CELLS.items()
    ]
    store.append("cells", [staged_of(tmp_path, "cells", *cells)], "L1")
    sessions = [
        {"subscriber_id": row["subscriber_id"], "cell_id": row["cell_id"]}
        | {"started_at": row["seen_at"]}
        for row in seen[::2]
    ]
    store.append("sessions", [staged_of(tmp_path, "sessions", *sessions)], "L1")
    store.append("locations", [staged_of(tmp_path, "locations", *seen[1::2])], "L1")
    assert analyse(settings, Silence()).presences == len(_expected(seen))
    analyse(settings, Silence())  # what there was before goes
    folder = settings.density_folder
    manifest = read_manifest(folder)
    assert manifest
    assert [one.name for one in folder.iterdir() if one.is_dir()] == [manifest.build]
    rows = pads.dataset(folder / manifest.build).to_table().to_pandas()
    found = rows.set_index(["subscriber_id", "hour"]).h3.to_dict()
    assert found == _expected(seen)
    assert manifest.last_hour == rows.hour.max()
    (hour, place), people = next(iter(_by_place(_expected(seen)).items()))
    assert read_presences(folder, [hour], [place])[hour, place] == people


def _expected(seen: list[dict[str, Any]]) -> dict[tuple[str, pd.Timestamp], int]:
    table = pd.DataFrame(seen)
    table["hour"] = table.seen_at.dt.floor("h")
    table["h3"] = [h3.str_to_int(h3.latlng_to_cell(*CELLS[cell], 9)) for cell in table.cell_id]
    table = table.sort_values(["seen_at", "h3"], ascending=[False, True])
    last = table.drop_duplicates(["subscriber_id", "hour"])
    found: dict[tuple[str, pd.Timestamp], int] = last.set_index(
        ["subscriber_id", "hour"]
    ).h3.to_dict()
    return found


def _by_place(
    expected: dict[tuple[str, pd.Timestamp], int],
) -> dict[tuple[Any, int], set[str]]:
    found: dict[tuple[Any, int], set[str]] = {}
    for (subscriber_id, hour), place in expected.items():
        found.setdefault((hour.to_pydatetime(), place), set()).add(subscriber_id)
    return found
