"""Instants come back as they were from what DuckDB computes with."""

from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa

from loaders.engine import connect
from loaders.instants import plain, zoned
from loaders.records import EARLIEST, END


def test_instants_are_the_same_again_to_the_microsecond() -> None:
    told = [EARLIEST, None, datetime(2026, 3, 29, 1, 0, 0, 1, UTC), END - timedelta(microseconds=1)]
    given = ibis.memtable(
        pa.table({"at": pa.array(told, pa.timestamp("us", "UTC")), "n": range(4)})
    )
    engine = connect()
    quick = plain(engine, given)
    assert quick.schema()["at"] == dt.Timestamp(scale=6)
    assert quick.schema()["n"] == given.schema()["n"]
    rows = engine.to_pyarrow(quick.order_by("n")).to_pylist()
    assert [row["at"] for row in rows] == [at and at.replace(tzinfo=None) for at in told]
    back = zoned(engine, quick)
    assert back.schema()["at"] == dt.Timestamp(timezone="UTC", scale=6)
    assert engine.to_pyarrow(back.order_by("n"))["at"].to_pylist() == told
