"""Rows of few keys by kept footers, against a filter over the table that was written."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from graph.footers import dataset
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
        values = pa.array(wanted, pa.string())
        expected = table.filter(pc.is_in(table["key"], value_set=values))
        among = pads.field("key").isin(values)
        assert dataset([file]).to_table(filter=among) == expected
        columns = ["sum", "at"]
        assert dataset([file]).to_table(columns, filter=among) == expected.select(columns)


def test_a_file_that_is_gone_is_not_answered_from_its_footer(tmp_path: Path) -> None:
    file = tmp_path / "some.parquet"
    pq.write_table(pa.table({"key": ["a"]}), file)
    dataset([file]).to_table()
    file.unlink()
    with pytest.raises(FileNotFoundError):
        dataset([file]).to_table()
