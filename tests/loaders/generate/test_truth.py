"""The truth is whole, lies beside the data, and cannot be read off them."""

from pathlib import Path

import numpy as np
from pyarrow import parquet

from loaders.files import find_files
from loaders.generate.generate import generate
from loaders.generate.options import FileFormat, Options
from loaders.mapping import read_source
from loaders.staging import stage
from tests.loaders.generate.observed import columns, table
from tests.loaders.tables_of import KEY

FORMATS: tuple[FileFormat, ...] = ("csv", "parquet")
SECRETS = ("cause", "because_of_id", "household", "circle", "team", "workplace", "town", "taste")


def test_the_truth_is_whole(crowd: Path) -> None:
    """Everybody, everyone who left with the instant, and every problem."""
    (people,) = columns(crowd / "truth", "people", "subscriber_id")
    who, as_of, status = columns(crowd, "subscribers", "subscriber_id", "as_of", "status")
    assert sorted(people.tolist()) == sorted(who[status == "active"].tolist())
    left, at = columns(crowd / "truth", "churn", "subscriber_id", "churned_at")
    is_gone = status == "churned"
    assert dict(zip(left.tolist(), at.tolist(), strict=True)) == dict(
        zip(who[is_gone].tolist(), as_of[is_gone].tolist(), strict=True)
    )
    assert len(set(left.tolist())) == len(left)


def test_no_column_of_the_data_tells_it(crowd: Path) -> None:
    names = {
        name
        for path in crowd.glob("*.csv")
        for name in path.read_text().partition("\n")[0].split(",")
    }
    assert not {name.strip('"') for name in names} & {*SECRETS, "proneness", "severity"}


def test_neither_numbers_nor_the_order_of_rows_tell_it(crowd: Path) -> None:
    """Neighbours in a file share a household, or a town, no more often than any two people."""
    (who,) = columns(crowd, "ownerships", "subscriber_id")
    people, household, town = columns(
        crowd / "truth", "people", "subscriber_id", "household", "town"
    )
    assert (who == people).all()
    assert (np.diff(people) > 0).all()
    assert (household[1:] == household[:-1]).sum() < 10
    shares = np.bincount(town) / len(town)
    assert abs((town[1:] == town[:-1]).mean() - (shares**2).sum()) < 0.02


def test_every_row_is_accepted_and_the_truth_is_not_read(tmp_path: Path) -> None:
    """Rows are counted in the files: lines without the headers."""
    folder = tmp_path / "f"
    generate(folder, Options(people=3_000, days=3, seed=2))
    source = read_source("generated")
    found = find_files(source, [folder], KEY)
    assert found.skipped == ()
    assert {file.path for file in found.files} == set(folder.glob("*.csv"))
    staged = stage(found, source, KEY, tmp_path / "staged", lambda _: None)
    assert staged.rejections == ()
    read = {file.file: (file.rows_read, file.rows_rejected) for file in staged.files}
    assert read == {
        path.name: (len(path.read_bytes().splitlines()) - 1, 0) for path in folder.glob("*.csv")
    }


def test_both_formats_become_the_same_records(tmp_path: Path) -> None:
    read = []
    for file_format in FORMATS:
        folder = tmp_path / file_format
        generate(folder, Options(people=500, days=2, seed=2, file_format=file_format))
        source = read_source("generated")
        found = find_files(source, [folder], KEY)
        staged = stage(found, source, KEY, folder / "staged", lambda _: None)
        read.append({kind: _rows(paths) for kind, paths in staged.records.items()})
    assert len(read[0]) == 18
    assert read[0] == read[1]


def _rows(paths: list[Path]) -> list[str]:
    tables = [parquet.read_table(path).drop_columns(["file", "line"]) for path in paths]
    return sorted(str(row) for table in tables for row in table.to_pylist())


def test_nobody_has_such_a_number(crowd: Path) -> None:
    """The country code 210 is not assigned; nor are TACs that begin with 00 but for tests."""
    rows = table(crowd, "ownerships")
    numbers = [str(number) for number in rows["subscriber_id"].to_pylist()]
    assert {number[:3] for number in numbers} == {"210"}
    assert {len(number) for number in numbers} == {12}
    imeis = rows["device_id"].to_pylist()
    assert len(set(imeis)) == len(imeis)
    assert {imei[:2] for imei in imeis} == {"00"}
    assert all(
        imei.startswith(tac) for imei, tac in zip(imeis, rows["tac"].to_pylist(), strict=True)
    )
    assert all(_is_luhn(imei) for imei in imeis)


def _is_luhn(digits: str) -> bool:
    """Tell whether the check digit of ISO/IEC 7812-1 is right."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(digits[::-1])]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0
