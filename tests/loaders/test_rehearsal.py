"""A dry run says what a load then does, and changes nothing."""

import os
from pathlib import Path

import pytest

from graph.database.session import Endpoint
from graph.errors import SourceError
from graph.settings import Settings
from loaders.progress import Silence
from loaders.rehearsal import rehearse
from tests.lab import Lab
from tests.loaders.tables_of import HEADER

CALLS = b"60,5,6,30\n60,5,6,30\n61,5,5,30\n62,7,8,30\n"


def _everything_in(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_nothing_is_made_where_nothing_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows 2 and 3 are the same call, row 4 is with oneself."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    (tmp_path / "calls.csv").write_bytes(HEADER + CALLS)
    settings = Settings(home_dir=tmp_path / "home")
    report = rehearse("copenhagen", [str(tmp_path / "calls.csv")], settings, Silence()).report
    (count,) = report.records
    assert (count.made, count.loaded, count.duplicate, count.known) == (3, 2, 1, 0)
    assert [(file.rows_read, file.rows_rejected) for file in report.files] == [(4, 1)]
    assert [(row.reason, row.rows) for row in report.rejections] == [("contact with oneself", 1)]
    assert not (tmp_path / "home").exists()
    assert os.listdir(temporary) == []  # noqa: PTH208  # the folder itself must be there


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_bytes(b"timestamp,caller\n")
    settings = Settings(home_dir=tmp_path / "home")
    with pytest.raises(SourceError, match="'callee', 'duration' are missing"):
        rehearse("copenhagen", [str(tmp_path / "calls.csv")], settings, Silence())


@pytest.mark.database
def test_it_says_what_the_load_then_does(tmp_path: Path, empty_graph: Endpoint) -> None:
    lab = Lab(tmp_path / "home", empty_graph)
    first, second = tmp_path / "calls.csv", tmp_path / "calls.csv.2"
    first.write_bytes(HEADER + b"60,5,6,30\n")
    second.write_bytes(HEADER + CALLS)
    lab.load("copenhagen", first)
    before = _everything_in(lab.home), lab.digest()
    done = lab.run("load", "copenhagen", second, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Dry run: nothing was changed" in done.stdout
    report = rehearse("copenhagen", [str(second)], lab.settings, Silence()).report
    assert (_everything_in(lab.home), lab.digest()) == before
    loaded = lab.load("copenhagen", second).report
    assert report == loaded.model_copy(update={"quality": None})  # is of what was stored
    (count,) = loaded.records
    assert (count.made, count.loaded, count.duplicate, count.known) == (3, 1, 1, 1)
