"""The stored sums of scores that all answers about experience are made from.

::

    <version>/manifest.json           which days there are, and in which files; replaced at once
    <version>/<grain>/<day>-…/        a row a group and service: keys, and ``tally.sum_names``

A file is never changed. A day that is computed anew gets new files.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.dataset as pads
from pydantic import BaseModel, ConfigDict

from graph.errors import NotAnalysed
from graph.experience.model import Model
from graph.experience.tally import slots, sum_names
from graph.footers import dataset

MANIFEST = "manifest.json"
_ATTEMPTS = 3


@dataclass(frozen=True)
class Grain:
    """What one set of sums is about: its keys, and how long the windows are (column ``at``).

    Attributes
    ----------
    base : str or None
        The grain whose sums it adds up; None: it is made of the samples themselves.
    """

    keys: tuple[str, ...]
    window: Literal["hour", "day"]
    base: str | None = None


FINEST = "samples"

#: Of these, all groups are made that scores are asked for: people by ``subscribers``; cells, and by
#: what cells cover places, by ``cells``; what was measured at a place by ``places``; devices and
#: apps, anywhere or at a cell, by ``samples``, from which problems are told as well; segments, as
#: people's are known now, by ``segments``. Only the finest is made of samples.
GRAINS: Mapping[str, Grain] = {
    "subscribers": Grain(("subscriber_id",), "day", base=FINEST),
    "cells": Grain(("cell_id",), "hour", base=FINEST),
    "places": Grain(("h3",), "hour", base=FINEST),
    FINEST: Grain(("subscriber_id", "cell_id", "h3", "tac", "app_id", "technology"), "hour"),
    "segments": Grain(("segment",), "day", base="subscribers"),
}


class ScoredDay(BaseModel):
    """One day that was scored.

    Attributes
    ----------
    state : str
        Digest of what was in the record store then of this day.
    people : str
        Digest of what was in it of subscribers; empty where nobody had asked for segments yet.
    files : dict
        By grain, the folder of its files.
    """

    model_config = ConfigDict(frozen=True)

    state: str
    people: str = ""
    samples: int
    files: dict[str, str]


class Manifest(BaseModel):
    """What is stored of one version of the model.

    Attributes
    ----------
    model : str
        Digest of the model.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    model: str
    as_of: datetime
    days: dict[date, ScoredDay]


def read_manifest(folder: Path, version: str) -> Manifest:
    """Return what there is of a version.

    Raises
    ------
    NotAnalysed
        Nothing.
    """
    try:
        text = (folder / version / MANIFEST).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotAnalysed(
            f"experience has not been computed yet by the model {version}: run `tiegraph analyse "
            "experience`"
        ) from error
    return Manifest.model_validate_json(text)


def digest_of(model: Model) -> str:
    """Return what a model is known by, whatever its version says."""
    return hashlib.sha256(model.model_dump_json().encode()).hexdigest()


def is_scored(folder: Path, model: Model) -> bool:
    """Tell whether scores have been computed by a model as it is now."""
    try:
        return read_manifest(folder, model.version).model == digest_of(model)
    except NotAnalysed:
        return False


@dataclass(frozen=True)
class Part:
    """Some rows of a grain.

    Attributes
    ----------
    wanted : Any
        Arrow's expression over the grain's columns.
    keys : tuple[str, ...]
        Which of the grain's keys are told of each row.
    is_small : bool
        Whether there are few: where many such are read at once, threads of each would be in the
        others' way.
    """

    grain: str
    wanted: Any
    keys: tuple[str, ...] = ()
    is_small: bool = False


def read_parts(
    folder: Path, model: Model, part: Part, span: tuple[datetime | None, datetime | None]
) -> tuple[datetime, pa.Table]:
    """Return when a version was last computed, and rows of it within a half-open time.

    The columns are the part's keys, ``at``, ``service`` and ``sum_names``. A reader that meets a
    day in the moment of its replacement looks into the manifest again.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet, or by what the model was before.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        manifest = read_manifest(folder, model.version)
        if manifest.model != digest_of(model):
            raise NotAnalysed(
                f"the model {model.version} is another since experience was computed: run "
                "`tiegraph analyse experience` again"
            )
        try:
            return manifest.as_of, _rows(folder, manifest, model, part, span)
        except FileNotFoundError:  # the day has just been scored anew
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError


def key_values(
    folder: Path, model: Model, grain: str, keys: Sequence[str], days: Sequence[date]
) -> dict[str, list[str]]:
    """Return what a grain's keys, or its services, are called on some days, sorted.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    found: dict[str, set[str]] = {key: set() for key in keys}
    scored = read_manifest(folder, model.version).days
    for day in days:
        path = folder / model.version / grain / _named(scored[day], grain)
        rows = dataset(_files(path)).to_table(columns=list(keys))
        for key in keys:
            found[key].update(rows[key].drop_null().unique().to_pylist())
    return {key: sorted(values) for key, values in found.items()}


def _rows(
    folder: Path,
    manifest: Manifest,
    model: Model,
    part: Part,
    span: tuple[datetime | None, datetime | None],
) -> pa.Table:
    since, until = span
    wanted = part.wanted
    if since:
        wanted = wanted & (pads.field("at") >= pa.scalar(since))
    if until:
        wanted = wanted & (pads.field("at") < pa.scalar(until))
    files = [
        path
        for on, day in sorted(manifest.days.items())
        if (since is None or since.date() <= on) and (until is None or on <= until.date())
        for path in _files(folder / manifest.version / part.grain / _named(day, part.grain))
    ]
    schema = _schema(model, part.keys)
    if not files:
        return schema.empty_table()
    found = dataset(files).to_table(schema.names, wanted, use_threads=not part.is_small)
    return found if found.schema == schema else found.cast(schema)


def _named(day: ScoredDay, grain: str) -> str:
    if grain not in day.files:  # an earlier version scored it
        raise NotAnalysed(f"{grain} have not been scored yet: run `tiegraph analyse experience`")
    return day.files[grain]


def _files(folder: Path) -> list[Path]:
    """Return the files of a day.

    Raises
    ------
    FileNotFoundError
        The folder is gone.
    """
    return [path for path in sorted(folder.iterdir()) if path.suffix == ".parquet"]


def _schema(model: Model, keys: tuple[str, ...]) -> pa.Schema:
    types = [(key, pa.int64() if key == "h3" else pa.string()) for key in keys]
    numbers = [(name, pa.int64()) for name in sum_names(slots(model))]
    at = ("at", pa.timestamp("us", tz="UTC"))
    return pa.schema([*types, at, ("service", pa.string()), *numbers])
