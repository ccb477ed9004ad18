"""Times spelt as most systems do are read by position, as the standard library reads them."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.times import read_times

SECONDS = st.integers(-30_000_000_000, 250_000_000_000)  # since 1970: from 1019 to 9892


@given(st.lists(SECONDS, min_size=1), st.sampled_from(["T", " "]), st.sampled_from([None, "UTC"]))
def test_they_are_what_the_standard_library_says(
    seconds: list[int], mark: str, zone: str | None
) -> None:
    instants = [datetime.fromtimestamp(each, UTC) for each in seconds]
    texts = pa.array([at.strftime(f"%Y-%m-%d{mark}%H:%M:%SZ") for at in instants])
    read = read_times(texts, "iso", zone)
    expected = [each * 1_000_000 for each in seconds]
    assert read.micros.tolist() == expected
    assert not read.is_impossible.any()
    assert not read.is_skipped.any()
    assert read_times(texts.slice(1), "iso", zone).micros.tolist() == expected[1:]


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 00:00:00Z",
        "2026-01-01 24:00:00Z",
        "2026-01-01 00:60:00Z",
        "2026/01/01 00:00:00Z",
        "2026-01-01_00:00:00Z",
        "2026-01-01 00:00:0-Z",
        "2026-01-01 00:00:0:Z",
        "2O26-01-01 00:00:00Z",
        "2026-01-01 00:00:00X",
        "2026-01-01T00:00:00",
        "T026-01-01 00:00:00Z",
    ],
)
def test_what_is_no_time_is_none_beside_others_and_alone(text: str) -> None:
    good = "2026-01-01 00:00:01Z"
    for texts in ([text], [good, text], [text, good]):
        read = read_times(pa.array(texts), "iso", None)
        assert read.is_impossible.tolist() == [each == text for each in texts]
