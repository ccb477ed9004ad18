"""Rows of people who were erased are left out of a load, and counted."""

from pathlib import Path

import pytest

from graph.load import FileCount
from graph.suppression import NOBODY, Suppression
from loaders.files import find_files
from loaders.mapping import read_source
from loaders.staging import Staged, stage
from tests.loaders.tables_of import HEADER, KEY

GONE = Suppression(frozenset({KEY.pseudonym("copenhagen", "5")}))


def staged(source: str, path: Path, folder: Path, suppression: Suppression) -> Staged:
    """Stage one file."""
    mapping = read_source(source)
    found = find_files(mapping, [path], KEY, suppression=suppression)
    into = folder / "staged"
    return stage(found, mapping, KEY, into, lambda _: None, suppression=suppression)


def counts(file: FileCount) -> tuple[int, int, int]:
    """Return rows read, rejected and suppressed."""
    return file.rows_read, file.rows_rejected, file.rows_suppressed


@pytest.mark.parametrize(("suppression", "expected"), [(NOBODY, (7, 3, 0)), (GONE, (7, 1, 4))])
def test_every_row_is_accepted_rejected_or_suppressed(
    tmp_path: Path, suppression: Suppression, expected: tuple[int, int, int]
) -> None:
    """5 stands at either end of a good row, in a bad one, and in one that has too few fields."""
    rows = b"60,5,6,30\n60,6,5,30\n61,5,6,-7\n62,5,6\n62,7,8,30\n63,7,8,-7\n64,7,9,1\n"
    (tmp_path / "calls.csv").write_bytes(HEADER + rows)
    result = staged("copenhagen", tmp_path / "calls.csv", tmp_path, suppression)
    (file,) = result.files
    assert counts(file) == expected
    assert sum(rejection.rows for rejection in result.rejections) == file.rows_rejected


def test_a_file_of_nobody_else_is_no_error(tmp_path: Path) -> None:
    """A bad row beside them does not make it one of bad rows alone."""
    (tmp_path / "calls.csv").write_bytes(HEADER + b"60,5,6,30\n63,7,8,-7\n")
    result = staged("copenhagen", tmp_path / "calls.csv", tmp_path, GONE)
    (file,) = result.files
    assert counts(file) == (2, 1, 1)
    assert dict(result.records) == {}


def test_a_file_that_is_named_by_them_has_a_name_that_is_nobodys(
    tmp_path: Path, shared_data: Path
) -> None:
    """A.csv has 42 rows of A's, by `wc -l` less the header."""
    erased = Suppression(frozenset({KEY.pseudonym("bandicoot", "A")}))
    result = staged("bandicoot", shared_data / "bandicoot" / "A.csv", tmp_path, erased)
    (file,) = result.files
    assert file.file == "erased.csv"
    assert counts(file) == (42, 0, 42)
