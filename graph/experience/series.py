"""Scores over time: of one subscriber, cell, place, model of device, app or service.

A series is what is stored of a group, a row a window of the grain and service. Rows of a time add
up to its score, so any split of a series merges to the whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.dataset as pads

from graph.errors import BadInput
from graph.experience.model import Model
from graph.experience.stored import GRAINS, Part, read_parts
from graph.experience.tally import (
    Score,
    StageScore,
    Sums,
    cei_names,
    cei_of,
    score_of,
    slots,
    smoothed,
    stages_of,
    sum_names,
    weight_of,
)
from graph.footers import among
from graph.kernels import pc
from graph.raster import finest_within
from graph.span import instant

Window = Literal["hour", "day", "week", "month"]
Span = tuple[datetime | None, datetime | None]

MOST_WINDOWS = 1_000
_LARGE_ROWS = 100_000


@dataclass(frozen=True)
class Series:
    """What is stored of a group.

    Attributes
    ----------
    table : pa.Table
        Columns ``at``, ``service`` and ``sum_names``; several rows may be of one window.
    span : tuple
        The half-open time that was asked for; None: no bound.
    """

    model: Model
    grain: str
    as_of: datetime
    span: Span
    table: pa.Table

    @cached_property
    def score(self) -> Score:
        """The score of the whole time."""
        return score_of(self.model, self._sums)

    def stages(self) -> tuple[StageScore, ...]:
        """Return the scores of the stages of the journey over the whole time."""
        return stages_of(self.model, self._sums, self.score)

    @cached_property
    def _sums(self) -> dict[str, Sums]:
        names = sum_names(slots(self.model))
        return _by_service(_grouped(self.table, [], names).to_pylist())

    def trend(self) -> float | None:
        """Return the mean over days of which one counts half as much as one a week later.

        Each day counts besides by what was scored on it; None where nothing was.
        """
        days: list[date] = []
        means: list[float] = []
        weights: list[float] = []
        for begins, sums in self._sums_by("day", cei_names(slots(self.model))):
            cei = cei_of(self.model, sums)
            if cei is not None:
                days.append(begins.date())
                means.append(cei)
                weights.append(weight_of(self.model, sums))
        return smoothed(days, means, weights, days[-1]) if days else None

    def windows(self, by: Window) -> list[tuple[datetime, datetime, Score]]:
        """Return the score of each window that has samples: begin, end and score.

        Windows are half-open and UTC; weeks begin on Mondays. The first and the last are cut to
        the time that was asked for.

        Raises
        ------
        BadInput
            Hours of a grain by days, or more than ``MOST_WINDOWS``.
        """
        if by == "hour" and GRAINS[self.grain].window == "day":
            raise BadInput("this is scored by days: ask for windows of a DAY, a WEEK or a MONTH")
        found = list(self._sums_by(by, sum_names(slots(self.model))))
        if len(found) > MOST_WINDOWS:
            raise BadInput(f"that is more than {MOST_WINDOWS:,} windows: ask for a shorter time")
        since, until = self.span
        return [
            (
                max(begins, since or begins),
                min(window_end(begins, by), until or window_end(begins, by)),
                score_of(self.model, sums),
            )
            for begins, sums in found
        ]

    def _sums_by(
        self, by: Window, names: Sequence[str]
    ) -> Iterator[tuple[datetime, dict[str, Sums]]]:
        begins = pc.floor_temporal(self.table["at"], unit=by)
        grouped = _grouped(self.table.append_column("begins", begins), ["begins"], names)
        by_window: dict[datetime, list[dict[str, Any]]] = {}
        for row in grouped.to_pylist():
            by_window.setdefault(row["begins"].astimezone(UTC), []).append(row)
        for window in sorted(by_window):
            yield window, _by_service(by_window[window])


def checked_span(grain: str, since: datetime | None, until: datetime | None) -> Span:
    """Return a half-open time in UTC.

    Raises
    ------
    BadInput
        A bound has no zone or is not at a window's border, or nothing lies between them.
    """
    window = GRAINS[grain].window
    span = (_border(since, window), _border(until, window))
    if span[0] and span[1] and span[0] >= span[1]:
        raise BadInput("since must be before until")
    return span


def series_of(
    folder: Path, model: Model, grain: str, key: str, values: Sequence[str], span: Span
) -> dict[str, Series]:
    """Return the series of each value of a grain's key; of what has none, none.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    wanted = among(key, values)
    part = Part(grain, wanted, (key,), is_small=key == "subscriber_id")
    as_of, table = read_parts(folder, model, part, span)
    found = {}
    for value in pc.unique(table[key]).to_pylist():
        mine = table.filter(pc.equal(table[key], value)).drop_columns([key])
        found[value] = Series(model, grain, as_of, span, mine)
    return found


def series_by_segment(folder: Path, model: Model, span: Span) -> list[tuple[str | None, Series]]:
    """Return the series of each segment by its name, and last of those whose segment is unknown.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    everybody = Part("segments", pads.field("service").is_valid(), ("segment",))
    as_of, table = read_parts(folder, model, everybody, span)
    found: list[tuple[str | None, Series]] = []
    told = table["segment"]
    for name in sorted(pc.unique(told).to_pylist(), key=lambda each: (each is None, each or "")):
        mine = table.filter(pc.is_null(told) if name is None else pc.equal(told, name))
        series = Series(model, "segments", as_of, span, mine.drop_columns(["segment"]))
        found.append((name, series))
    return found


def series_of_service(folder: Path, model: Model, service: str, span: Span) -> Series | None:
    """Return the series of all subscribers' sessions of a service, which they name themselves.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    names = [name for name, each in model.services.items() if each.where == {"service": service}]
    part = Part("subscribers", among("service", names))
    as_of, table = read_parts(folder, model, part, span)
    return Series(model, "subscribers", as_of, span, table) if len(table) else None


def series_of_place(
    folder: Path, model: Model, place: str, shares: Mapping[str, float], span: Span
) -> Series | None:
    """Return the series of a place of any size: what was measured there, and its cells' parts.

    Parameters
    ----------
    place : str
        H3 index.
    shares : mapping
        By cell, which part of it lies in the place; so much of its sums counts. Measurements are
        left out of these: they have places of their own.

    Raises
    ------
    NotAnalysed
        Nothing has been computed yet.
    """
    low, high = finest_within(place)
    measured = Part("places", (pads.field("h3") >= low) & (pads.field("h3") <= high))
    as_of, table = read_parts(folder, model, measured, span)
    used = [name for name, each in model.services.items() if each.records != "measurements"]
    cells = among("cell_id", sorted(shares)) & among("service", used)
    _, shared = read_parts(folder, model, Part("cells", cells, ("cell_id",)), span)
    both = pa.concat_tables([_in_floats(model, table), _weighed(model, shared, shares)])
    return Series(model, "cells", as_of, span, both) if len(both) else None


def _border(at: datetime | None, window: Literal["hour", "day"]) -> datetime | None:
    if at is None:
        return None
    utc = instant(at)
    whole = utc.replace(minute=0, second=0, microsecond=0)
    if window == "day":
        whole = whole.replace(hour=0)
    if utc != whole:
        raise BadInput(f"since and until must each be the beginning of a {window}, UTC")
    return utc


def window_end(begins: datetime, by: Window) -> datetime:
    """Return the first instant behind a window."""
    if by == "month":
        return (begins + timedelta(days=31)).replace(day=1)
    return begins + {"hour": timedelta(hours=1), "day": timedelta(1), "week": timedelta(7)}[by]


def _in_floats(model: Model, table: pa.Table) -> pa.Table:
    names = sum_names(slots(model))
    return pa.table(
        {
            "at": table["at"],
            "service": table["service"],
            **{name: table[name].cast(pa.float64()) for name in names},
        }
    )


def _weighed(model: Model, table: pa.Table, shares: Mapping[str, float]) -> pa.Table:
    cells = sorted(shares)
    positions = pc.index_in(table["cell_id"], pa.array(cells, pa.string()))
    weights = pc.take(pa.array([shares[cell] for cell in cells], pa.float64()), positions)
    plain = _in_floats(model, table)
    for name in sum_names(slots(model)):
        at = plain.column_names.index(name)
        plain = plain.set_column(at, name, pc.multiply(plain[name], weights))
    return plain


def _grouped(table: pa.Table, keys: list[str], names: Sequence[str]) -> pa.Table:
    # Where many small tables are asked for at once, threads of each would be in the others' way.
    is_large = len(table) > _LARGE_ROWS
    grouped = table.group_by([*keys, "service"], use_threads=is_large).aggregate(
        [(name, "sum") for name in names]
    )
    return grouped.rename_columns({f"{name}_sum": name for name in names})


def _by_service(rows: Sequence[dict[str, Any]]) -> dict[str, Sums]:
    return {row["service"]: row for row in rows}
