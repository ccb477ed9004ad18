"""Rows of few keys, against Arrow's own filter over the whole file."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.footers import rows_of
from graph.kernels import pc


@pytest.mark.parametrize("is_sorted", [True, False])
@pytest.mark.parametrize("statistics", [True, False])
def test_found_rows_are_those_of_a_filter(
    tmp_path: Path, is_sorted: bool, statistics: bool
) -> None:
    rng = np.random.default_rng(5)
    keys = [f"{number:02x}" for number in rng.integers(0, 200, 1_000)]
    told = pa.array([*keys, None])
    table = pa.table({"at": np.arange(1_001), "key": told, "sum": np.arange(1_001) * 2})
    table = table.sort_by("key") if is_sorted else table
    file = tmp_path / "some.parquet"
    pq.write_table(table, file, row_group_size=50, write_statistics=statistics)
    for wanted in ([], ["00"], ["07", "c7", "zz"], sorted(set(keys[:300]))):
        expected = table.filter(pc.is_in(table["key"], value_set=pa.array(wanted, pa.string())))
        assert rows_of(file, "key", wanted) == expected
        assert rows_of(file, "key", wanted, ["sum", "at"]) == expected.select(["sum", "at"])


def test_a_file_that_is_gone_is_not_answered_from_its_footer(tmp_path: Path) -> None:
    file = tmp_path / "some.parquet"
    pq.write_table(pa.table({"key": ["a"]}), file)
    rows_of(file, "key", ["a"])
    file.unlink()
    with pytest.raises(FileNotFoundError):
        rows_of(file, "key", ["b"])
