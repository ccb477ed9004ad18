"""Who was where in each hour, as it was computed from the records.

::

    manifest.json               which build counts; replaced at once
    <build>/part-….parquet      a row a subscriber and hour: ``PRESENCES``

Everybody is in an hour once: at the place where they were seen last in it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as pads
from pydantic import BaseModel, ConfigDict

MANIFEST = "manifest.json"
PRESENCES = pa.schema(
    [("hour", pa.timestamp("us", "UTC")), ("h3", pa.int64()), ("subscriber_id", pa.string())]
)
_ATTEMPTS = 3


class Manifest(BaseModel):
    """What is stored.

    Attributes
    ----------
    last_hour : datetime, optional
        Beginning of the last hour with anybody in it; none: nobody was seen ever.
    """

    model_config = ConfigDict(frozen=True)

    build: str
    as_of: datetime
    last_hour: datetime | None


def read_manifest(folder: Path) -> Manifest | None:
    """Return what is stored; none where nothing has been computed yet."""
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Manifest.model_validate_json(text)


def read_presences(
    folder: Path, hours: Collection[datetime], places: Collection[int]
) -> Mapping[tuple[datetime, int], set[str]]:
    """Return who was at which places in which hours, by both.

    A reader that meets a build in the moment of its replacement looks into the manifest again.
    """
    found: dict[tuple[datetime, int], set[str]] = defaultdict(set)
    rows = _rows(folder, hours, places)
    columns = (rows[name].to_pylist() for name in PRESENCES.names)
    for hour, place, subscriber_id in zip(*columns, strict=True):
        found[hour, place].add(subscriber_id)
    return found


def _rows(folder: Path, hours: Collection[datetime], places: Collection[int]) -> pa.Table:
    wanted = pads.field("hour").isin(pa.array(sorted(hours), PRESENCES.field("hour").type))
    wanted = wanted & pads.field("h3").isin(pa.array(sorted(places), pa.int64()))
    for attempt in range(1, _ATTEMPTS + 1):
        manifest = read_manifest(folder)
        if manifest is None:
            break
        try:
            build = pads.dataset(folder / manifest.build, PRESENCES, format="parquet")
            return build.to_table(filter=wanted)
        except FileNotFoundError:
            if attempt == _ATTEMPTS:
                raise
    return PRESENCES.empty_table()
