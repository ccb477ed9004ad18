"""Class archives: made once, checked, and never a reason to fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from graph.database.archive import Archives
from graph.database.jars import locked_jars
from graph.database.server import leased, start, stop
from graph.settings import Settings

pytestmark = pytest.mark.database


@pytest.fixture
def settings(tmp_path: Path, settings_of: Callable[..., Settings]) -> Settings:
    """Return settings with jars in a folder of their own: links to those that all share."""
    settings = settings_of(home_dir=tmp_path / "home")
    assert settings.jars_dir
    (tmp_path / "jars").mkdir()
    for jar in locked_jars():
        shared = settings.jars_dir.resolve() / jar.file_name
        (tmp_path / "jars" / jar.file_name).symlink_to(shared)
    return settings.model_copy(update={"jars_dir": tmp_path / "jars"})


def jars(settings: Settings) -> list[Path]:
    return [settings.jars_folder / jar.file_name for jar in locked_jars()]


def test_an_archive_is_made_used_and_given_up_when_broken(settings: Settings) -> None:
    archives = Archives.of(jars(settings))
    with leased(settings):
        assert archives.base.is_file()
    (draft,) = archives.folder.glob("*.draft")
    with leased(settings):
        assert archives.top.is_file(), "what the first server left was taken over"
    assert not draft.exists()
    archives.top.chmod(0o600)
    archives.top.write_bytes(archives.top.read_bytes()[:1_000_000])
    start(settings)
    assert stop(settings), "a broken archive only costs time"


def test_a_half_written_archive_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "made.jar").touch()
    archives = Archives.of([tmp_path / "made.jar"])
    archives.folder.mkdir()
    draft = archives.folder / "left.draft"
    draft.write_bytes(b"half")
    options = archives.options([tmp_path / "made.jar"])
    assert not draft.exists()
    assert not archives.top.exists()
    assert options[-1].startswith("-XX:ArchiveClassesAtExit=")


def test_other_jars_have_another_archive(tmp_path: Path) -> None:
    jar = tmp_path / "made.jar"
    jar.write_bytes(b"1")
    before = Archives.of([jar]).folder
    jar.write_bytes(b"22")
    assert Archives.of([jar]).folder != before


def test_where_nothing_can_be_written_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "made.jar").touch()
    archives = Archives.of([tmp_path / "made.jar"])
    archives.folder.touch()  # a file where the folder should be
    assert archives.options([tmp_path / "made.jar"]) == []
