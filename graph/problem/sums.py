"""What scores add up to: one row for each hour and group of like samples.

The table that scoring hands over::

    window_start       instant, UTC: the hour in which the samples began
    cell_id, tac, app_id, service, technology      text; null: not known
    n, score_sum, score_sq_sum                     samples, sum of scores in [0, 100], of squares
    <kpi>__n, <kpi>__sum, <kpi>__contribution      samples that have the KPI, sum of its worth in
                                                   [0, 1], sum of its points in the scores

Rows of one hour and group may be many: they are added up wherever they are used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Kind = Literal["cell", "site", "place", "device", "app", "service", "network"]

# Wider entities: of which kind their parts are, and to which one each part belongs.
Parents = Mapping[Kind, tuple[Kind, Mapping[str, str]]]

_COLUMNS: Mapping[Kind, str] = {
    "cell": "cell_id",
    "device": "tac",
    "app": "app_id",
    "service": "service",
}
_TECHNOLOGY = "technology"
_NUMBERS = ("n", "score_sum", "score_sq_sum")
UNKNOWN = -1


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

    hour: Ints
    stratum: Ints
    strata: int
    codes: Mapping[Kind, Ints]
    names: Mapping[Kind, tuple[str, ...]]
    n: Floats
    score: Floats
    score_sq: Floats
    kpis: tuple[str, ...]
    kpi_n: Floats
    kpi_sum: Floats
    kpi_points: Floats

    @classmethod
    def of(cls, table: pa.Table, parents: Parents | None = None) -> "Sums":
        """Return the sums of a table.

        Parameters
        ----------
        parents
            Such as ``{"site": ("cell", {"2560001": "10000"})}``.

        Raises
        ------
        BadInput
            The table lacks a column that is needed.
        """
        _check(table)
        codes: dict[Kind, Ints] = {}
        names: dict[Kind, tuple[str, ...]] = {}
        for kind, column in _COLUMNS.items():
            codes[kind], names[kind] = _encoded(table, column)
        for kind, (part, whole_of) in (parents or {}).items():
            codes[kind], names[kind] = _widened(codes[part], names[part], whole_of)
        technology, technologies = _encoded(table, _TECHNOLOGY)
        pair = (codes["service"] + 1) * (len(technologies) + 1) + technology + 1
        found, stratum = np.unique(pair, return_inverse=True)
        kpis = tuple(name[:-3] for name in table.column_names if name.endswith("__n"))
        n, score, score_sq = (_floats(table, name) for name in _NUMBERS)
        parts = (_stacked(table, kpis, part) for part in ("n", "sum", "contribution"))
        kpi_n, kpi_sum, kpi_points = parts
        return cls(
            _hours(table), stratum, len(found), codes, names, n, score, score_sq,
            kpis, kpi_n, kpi_sum, kpi_points,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.hour)

    def of_rows(self, rows: Ints) -> "Sums":
        """Return some of the rows."""
        return Sums(
            self.hour[rows], self.stratum[rows], self.strata,
            {kind: code[rows] for kind, code in self.codes.items()}, self.names,
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
    needed = ["window_start", *_COLUMNS.values(), _TECHNOLOGY, *_NUMBERS]
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise BadInput(f"the sums of scores lack the columns {', '.join(missing)}")


def _encoded(table: pa.Table, column: str) -> tuple[Ints, tuple[str, ...]]:
    texts = table[column].cast(pa.string()).combine_chunks().dictionary_encode()
    names = texts.dictionary.to_pylist()
    codes = pc.fill_null(texts.indices, UNKNOWN).to_numpy(zero_copy_only=False).astype(np.int64)
    order = sorted(range(len(names)), key=names.__getitem__)  # so that no order of rows matters
    rank = np.empty(len(names) + 1, np.int64)
    rank[order], rank[UNKNOWN] = np.arange(len(names)), UNKNOWN
    return rank[codes], tuple(names[position] for position in order)


def _widened(
    codes: Ints, names: tuple[str, ...], whole_of: Mapping[str, str]
) -> tuple[Ints, tuple[str, ...]]:
    wholes = sorted({whole_of[name] for name in names if name in whole_of})
    position = {name: number for number, name in enumerate(wholes)}
    found = [position[whole_of[name]] if name in whole_of else UNKNOWN for name in names]
    return np.array([*found, UNKNOWN], np.int64)[codes], tuple(wholes)


def _hours(table: pa.Table) -> Ints:
    at: npt.NDArray[Any] = table["window_start"].to_numpy()
    return at.astype("datetime64[h]").astype(np.int64)


def _floats(table: pa.Table, column: str) -> Floats:
    return np.asarray(pc.cast(table[column], pa.float64()).to_numpy())


def _stacked(table: pa.Table, kpis: tuple[str, ...], part: str) -> Floats:
    columns = [_floats(table, f"{kpi}__{part}") for kpi in kpis]
    return np.array(columns) if columns else np.zeros((0, table.num_rows))
