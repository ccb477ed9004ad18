"""How many cases the fuzzing tests try: few in a usual run, as many as are asked for in a long one.

``TIEGRAPH_FUZZ_CASES=10000 pytest tests/loaders -k fuzz`` shares 10,000 cases among the tests.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from graph.errors import TiegraphError
from tests.loaders.tables_of import Read, read

_TESTS = 12
_CASES = int(os.environ.get("TIEGRAPH_FUZZ_CASES", "600"))

FUZZ = settings(
    max_examples=max(1, -(-_CASES // _TESTS)),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read_bytes(content: bytes) -> Read | None:
    """Stage a file of calls in the layout of the Copenhagen study; None where that is an error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(content)
        try:
            return read("copenhagen", [path], Path(folder))
        except TiegraphError:  # any other exception fails the test
            return None


def adds_up(result: Read) -> list[int]:
    """Check the counts of a file, and return the lines of its rows in order."""
    (count,) = result.staged.files
    calls = result.records.get("calls", [])
    assert count.rows_read == len(calls) + len(result.rejected)
    assert count.rows_rejected == len(result.rejected)
    assert count.rows_rejected == sum(row.rows for row in result.staged.rejections)
    lines = [*result.lines, *(line for line, _, _ in result.faults)]
    assert len(set(lines)) == len(lines)
    return sorted(int(str(line)) for line in lines)
