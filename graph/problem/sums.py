"""What scores add up to: one row for each hour and group of like samples.

The table that scoring hands over::

    window_start       instant, UTC: the hour in which the samples began
    cell_id, tac, app_id, service, technology      text; null: not known
    subscriber_id                                  text; may be left out
    n, score_sum, score_sq_sum                     samples, sum of scores in [0, 100], of squares
    <kpi>__n, <kpi>__sum, <kpi>__contribution      samples that have the KPI, sum of its worth in
                                                   [0, 1], sum of its points in the scores

Rows of one hour and group may be many: they are added up wherever they are used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.errors import BadInput
from graph.kernels import floats, pc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Kind = Literal["cell", "site", "place", "device", "app", "service", "network", "subscriber"]

# Wider entities: of which kind their parts are, and to which one each part belongs.
Parents = Mapping[Kind, tuple[Kind, Mapping[str, str]]]

_COLUMNS: Mapping[Kind, str] = {
    "cell": "cell_id",
    "device": "tac",
    "app": "app_id",
    "service": "service",
    "subscriber": "subscriber_id",
}
_PERHAPS = ("subscriber_id",)  # whoever has no such column looks for no single subscribers
_TECHNOLOGY = "technology"
_NUMBERS = ("n", "score_sum", "score_sq_sum")
UNKNOWN = -1


@dataclass(frozen=True)
class Frame:
    """What there is to have sums of, so that the windows of one network number it alike.

    Attributes
    ----------
    names : Mapping[Kind, tuple[str, ...]]
        Entities of each kind, sorted.
    wholes : Mapping[Kind, tuple[Kind, Ints]]
        Of each wider kind: of which kind its parts are, and the number of each part's whole; the
        last one is that of ``UNKNOWN``.
    """

    names: Mapping[Kind, tuple[str, ...]]
    technologies: tuple[str, ...]
    wholes: Mapping[Kind, tuple[Kind, Ints]]

    @classmethod
    def of(cls, values: Mapping[str, Sequence[str]], parents: Parents | None = None) -> "Frame":
        """Return what the columns of keys name.

        Parameters
        ----------
        values
            By column, each value once, in order.
        parents
            Such as ``{"site": ("cell", {"2560001": "10000"})}``.
        """
        names: dict[Kind, tuple[str, ...]] = {
            kind: tuple(values[column]) for kind, column in _COLUMNS.items() if column in values
        }
        wholes: dict[Kind, tuple[Kind, Ints]] = {}
        for kind, (part, whole_of) in (parents or {}).items():
            found = [whole_of.get(name) for name in names[part]]
            names[kind] = tuple(sorted({name for name in found if name is not None}))
            position = {name: number for number, name in enumerate(names[kind])}
            codes = [UNKNOWN if name is None else position[name] for name in found]
            wholes[kind] = (part, np.array([*codes, UNKNOWN], np.int64))
        return cls(names, tuple(values[_TECHNOLOGY]), wholes)

    @property
    def strata(self) -> int:
        """How many pairs of service and technology there can be, unknown ones among them."""
        return (len(self.names["service"]) + 1) * (len(self.technologies) + 1)

    def sums(self, table: pa.Table) -> "Sums":
        """Return the sums of a table; what is not of the frame is not known.

        Raises
        ------
        BadInput
            The table lacks a column that is needed.
        """
        _check(table)
        codes: dict[Kind, Ints] = {
            kind: _encoded(table, column, self.names[kind])
            for kind, column in _COLUMNS.items()
            if kind in self.names
        }
        for kind, (part, whole) in self.wholes.items():
            codes[kind] = whole[codes[part]]
        technology = _encoded(table, _TECHNOLOGY, self.technologies)
        stratum = (codes["service"] + 1) * (len(self.technologies) + 1) + technology + 1
        kpis = tuple(name[:-3] for name in table.column_names if name.endswith("__n"))
        n, score, score_sq = (floats(table[name]) for name in _NUMBERS)
        parts = (_stacked(table, kpis, part) for part in ("n", "sum", "contribution"))
        kpi_n, kpi_sum, kpi_points = parts
        return Sums(
            self, _hours(table), stratum, codes, n, score, score_sq,
            kpis, kpi_n, kpi_sum, kpi_points,
        )  # fmt: skip


@dataclass(frozen=True)
class Sums:
    """Sums of scores in rows, groups as numbers.

    Attributes
    ----------
    hour : Ints
        Of each row, hours since 1970, UTC.
    stratum : Ints
        Of each row: its service and technology, which samples must share to be compared.
    codes : Mapping[Kind, Ints]
        Of each row and kind of entity, a position in ``names``; ``UNKNOWN``: none.
    kpi_n, kpi_sum, kpi_points : Floats
        By KPI and row.
    """

    frame: Frame
    hour: Ints
    stratum: Ints
    codes: Mapping[Kind, Ints]
    n: Floats
    score: Floats
    score_sq: Floats
    kpis: tuple[str, ...]
    kpi_n: Floats
    kpi_sum: Floats
    kpi_points: Floats

    @classmethod
    def of(cls, table: pa.Table, parents: Parents | None = None) -> "Sums":
        """Return the sums of a table that holds all windows.

        Raises
        ------
        BadInput
            The table lacks a column that is needed.
        """
        _check(table)
        keys = [*_COLUMNS.values(), _TECHNOLOGY]
        values = {key: _distinct(table, key) for key in keys if key in table.column_names}
        return Frame.of(values, parents).sums(table)

    def __len__(self) -> int:
        return len(self.hour)

    @property
    def names(self) -> Mapping[Kind, tuple[str, ...]]:
        """Entities of each kind."""
        return self.frame.names

    @property
    def strata(self) -> int:
        """How many strata there can be."""
        return self.frame.strata

    def of_rows(self, rows: Ints) -> "Sums":
        """Return some of the rows."""
        return Sums(
            self.frame, self.hour[rows], self.stratum[rows],
            {kind: code[rows] for kind, code in self.codes.items()},
            self.n[rows], self.score[rows], self.score_sq[rows], self.kpis,
            self.kpi_n[:, rows], self.kpi_sum[:, rows], self.kpi_points[:, rows],
        )  # fmt: skip


def added(group: Ints, size: int, values: Floats) -> Floats:
    """Return the sum of the values of each group; rows of group ``UNKNOWN`` count nowhere.

    Examples
    --------
    >>> added(np.array([0, 1, 0, -1]), 2, np.array([1.0, 2.0, 4.0, 8.0])).tolist()
    [5.0, 2.0]
    """
    return np.asarray(np.bincount(group + 1, values, minlength=size + 1)[1:], np.float64)


def quotient(above: Floats, below: Floats) -> Floats:
    """Return a quotient, 0 where the divisor is 0."""
    return np.divide(above, below, out=np.zeros(np.shape(below)), where=below > 0)


def _check(table: pa.Table) -> None:
    keys = [key for key in (*_COLUMNS.values(), _TECHNOLOGY) if key not in _PERHAPS]
    needed = ["window_start", *keys, *_NUMBERS]
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise BadInput(f"the sums of scores lack the columns {', '.join(missing)}")


def _distinct(table: pa.Table, column: str) -> tuple[str, ...]:
    names = table[column].cast(pa.string()).unique().to_pylist()
    return tuple(sorted(name for name in names if name is not None))


def _encoded(table: pa.Table, column: str, names: tuple[str, ...]) -> Ints:
    texts = table[column].cast(pa.string()).combine_chunks()
    codes = pc.index_in(texts, value_set=pa.array(names, pa.string()))
    return np.asarray(pc.fill_null(codes, UNKNOWN).to_numpy(zero_copy_only=False), np.int64)


def _hours(table: pa.Table) -> Ints:
    at: npt.NDArray[Any] = table["window_start"].to_numpy()
    return at.astype("datetime64[h]").astype(np.int64)


def _stacked(table: pa.Table, kpis: tuple[str, ...], part: str) -> Floats:
    columns = [floats(table[f"{kpi}__{part}"]) for kpi in kpis]
    return np.array(columns) if columns else np.zeros((0, table.num_rows))
