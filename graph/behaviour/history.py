"""The stored histories that all indicators are made from: one build, never changed.

::

    manifest.json                 which build counts; replaced at once, last
    <build>/events-00000.parquet  whole subscribers, sorted by subscriber and instant
    <build>/usual-00000.parquet   the same subscribers' usual indicators, a row each
    <build>/sessions.parquet      everybody's data sessions, by subscriber

A reader that meets a build in the moment of its replacement looks into the manifest again.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from graph.behaviour.events import SCHEMA
from graph.errors import NotAnalysed
from graph.footers import among, dataset

MANIFEST = "manifest.json"
SESSIONS_FILE = "sessions.parquet"
SESSIONS = pa.schema(
    [
        ("subscriber_id", pa.string()),
        ("at", pa.timestamp("us", "UTC")),
        ("lat_deg", pa.float64()),
        ("lon_deg", pa.float64()),
    ]
)
_ATTEMPTS = 3


class Part(BaseModel):
    """Some subscribers' files, from the first pseudonym to the last."""

    model_config = ConfigDict(frozen=True)

    number: int
    first: str
    last: str
    subscribers: int
    events: int

    @property
    def events_file(self) -> str:
        """Name of the file with columns ``SCHEMA``."""
        return f"events-{self.number:05d}.parquet"

    @property
    def usual_file(self) -> str:
        """Name of the file with the usual indicators."""
        return f"usual-{self.number:05d}.parquet"


class Manifest(BaseModel):
    """What a build holds.

    Attributes
    ----------
    load_id : str or None
        The last load that had begun before; None: there was none.
    """

    model_config = ConfigDict(frozen=True)

    build: str
    as_of: datetime
    load_id: str | None
    time_zone: str
    parts: tuple[Part, ...]


def read_manifest(folder: Path) -> Manifest:
    """Return which build counts.

    Raises
    ------
    NotAnalysed
        There is none yet.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotAnalysed(
            "behaviour has not been computed yet: run `tiegraph analyse behaviour`"
        ) from error
    return Manifest.model_validate_json(text)


def read_events(folder: Path, subscriber_ids: Sequence[str]) -> tuple[Manifest, pa.Table]:
    """Return the events of some subscribers, sorted by subscriber and instant.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    manifest, tables = _read(folder, subscriber_ids, "events_file")
    return manifest, pa.concat_tables([SCHEMA.empty_table(), *tables])


def read_usual(folder: Path, subscriber_ids: Sequence[str]) -> tuple[Manifest, pa.Table | None]:
    """Return the usual indicators of some subscribers, a row each; None: of nobody.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    manifest, tables = _read(folder, subscriber_ids, "usual_file")
    return manifest, pa.concat_tables(tables) if tables else None


def read_sessions(folder: Path, manifest: Manifest, subscriber_id: str) -> pa.Table:
    """Return when the data sessions of somebody began, with the position of their cell.

    Raises
    ------
    NotAnalysed
        The build has none, or is not the one that counts any more.
    """
    file = folder / manifest.build / SESSIONS_FILE
    try:
        found = _of(file, [subscriber_id], SESSIONS.names)
    except FileNotFoundError as error:
        raise NotAnalysed(
            "habits have not been computed yet: run `tiegraph analyse behaviour`"
        ) from error
    return found.cast(SESSIONS)


def _read(
    folder: Path, subscriber_ids: Sequence[str], file: str
) -> tuple[Manifest, list[pa.Table]]:
    for attempt in range(1, _ATTEMPTS + 1):
        manifest = read_manifest(folder)
        parts = manifest.parts
        lasts = [part.last for part in parts]
        wanted: dict[int, list[str]] = {}
        for subscriber_id in sorted(set(subscriber_ids)):
            wanted.setdefault(bisect_left(lasts, subscriber_id), []).append(subscriber_id)
        wanted.pop(len(lasts), None)
        try:
            return manifest, [
                _of(folder / manifest.build / getattr(parts[index], file), ids)
                for index, ids in wanted.items()
            ]
        except FileNotFoundError:  # another build has just taken its place
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError


def _of(file: Path, subscriber_ids: Sequence[str], columns: list[str] | None = None) -> pa.Table:
    wanted = among("subscriber_id", subscriber_ids)
    # Of few people, for whom threads of their own would be in the others' way.
    return dataset([file]).to_table(columns, wanted, use_threads=False)
