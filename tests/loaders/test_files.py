"""Which files a load reads, as which table, and what is shown of their names."""

import os
from pathlib import Path

import pytest

from graph.errors import SourceError
from loaders.files import find_files
from loaders.mapping import Source, read_source
from tests.loaders.tables_of import HEADER, KEY

RECORDS = b"interaction,direction,correspondent_id,datetime,call_duration,antenna_id\n"
ANTENNAS = b"antenna_id,latitude,longitude\n"


@pytest.fixture
def copenhagen() -> Source:
    return read_source("copenhagen")


@pytest.fixture
def bandicoot() -> Source:
    return read_source("bandicoot")


def test_a_folder_gives_its_direct_files_sorted(copenhagen: Source, tmp_path: Path) -> None:
    (tmp_path / "sms.csv").write_bytes(b"timestamp,sender,recipient\n")
    (tmp_path / "calls.csv").write_bytes(HEADER)
    (tmp_path / "README").write_text("About this folder, and more.\n")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "calls.csv").write_bytes(HEADER)
    found = find_files(copenhagen, [tmp_path], KEY)
    assert [(file.label, file.table) for file in found.files] == [
        ("calls.csv", "calls"),
        ("sms.csv", "sms"),
    ]
    assert found.skipped == (
        f"{tmp_path}/README: its first line names no column that copenhagen knows",
        f"{tmp_path}/empty.txt: is empty: not even a header",
    )


def test_a_file_of_another_name_is_known_by_its_header(copenhagen: Source, tmp_path: Path) -> None:
    path = tmp_path / "2014-02.txt"
    path.write_bytes(b"timestamp,sender,recipient\n")
    (file,) = find_files(copenhagen, [path], KEY).files
    assert (file.table, file.shown) == ("sms", str(path))


def test_a_header_may_be_quoted_and_padded(copenhagen: Source, tmp_path: Path) -> None:
    path = tmp_path / "friends.csv"
    path.write_bytes(b'\xef\xbb\xbf "user_a" , user_b,"a ""third"""\r\n')
    assert find_files(copenhagen, [path], KEY).files[0].table == "fb_friends"


def test_a_glob_and_a_path_given_twice_find_each_file_once(
    copenhagen: Source, tmp_path: Path
) -> None:
    for name in ("calls.csv", "calls.csv.1"):
        (tmp_path / name).write_bytes(HEADER)
    paths: list[Path | str] = [str(tmp_path / "calls*"), tmp_path / "calls.csv", tmp_path]
    found = find_files(copenhagen, paths, KEY)
    assert [file.path.name for file in found.files] == ["calls.csv", "calls.csv.1"]


@pytest.mark.parametrize("name", ["missing.csv", "*.nothing", "calls.csv/below"])
def test_a_path_to_nothing_is_an_error(name: str, copenhagen: Source, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_bytes(HEADER)
    with pytest.raises(SourceError, match=r"there is no such file|no file has such a name"):
        find_files(copenhagen, [str(tmp_path / name)], KEY)


def test_a_folder_of_nothing_is_an_error(copenhagen: Source, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no file that copenhagen can be read from"):
        find_files(copenhagen, [tmp_path], KEY)


def test_a_pipe_is_no_file(copenhagen: Source, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "calls.csv")
    with pytest.raises(SourceError, match="is not a regular file"):
        find_files(copenhagen, [tmp_path / "calls.csv"], KEY)


def test_a_file_in_a_folder_that_is_named_right_must_fit(
    copenhagen: Source, tmp_path: Path
) -> None:
    (tmp_path / "calls.csv").write_bytes(b"timestamp,caller,callee\n")
    (tmp_path / "sms.csv").write_bytes(b"timestamp,sender,recipient\n")
    with pytest.raises(SourceError, match=r"calls\.csv: column 'duration' is missing"):
        find_files(copenhagen, [tmp_path], KEY)


def test_the_table_may_be_said(copenhagen: Source, tmp_path: Path) -> None:
    path = tmp_path / "both.csv"
    path.write_bytes(b"timestamp,caller,callee,duration,sender,recipient\n")
    assert find_files(copenhagen, [path], KEY).files[0].table == "calls"
    assert find_files(copenhagen, [path], KEY, "sms").files[0].table == "sms"
    with pytest.raises(SourceError, match="copenhagen has no table 'text'; it has calls, sms"):
        find_files(copenhagen, [path], KEY, "text")


def test_a_name_that_is_an_identity_is_shown_only_to_who_typed_it(
    bandicoot: Source, tmp_path: Path
) -> None:
    for name, header in (("4511223344.csv", RECORDS), ("antennas.csv", ANTENNAS)):
        (tmp_path / name).write_bytes(header)
    (tmp_path / "4599887766.txt").write_text("nothing of ours\n")
    label = KEY.pseudonym("bandicoot", "4511223344")[:8] + ".csv"
    found = find_files(bandicoot, [tmp_path], KEY)
    assert [(file.label, file.shown) for file in found.files] == [
        (label, f"{tmp_path}/{label} (file 1 of 3)"),
        ("antennas.csv", f"{tmp_path}/antennas.csv"),
    ]
    other = KEY.pseudonym("bandicoot", "4599887766")[:8]
    (skipped,) = found.skipped
    assert skipped.startswith(f"{tmp_path}/{other}.txt (file 2 of 3): ")
    (file,) = find_files(bandicoot, [tmp_path / "4511223344.csv"], KEY).files
    assert (file.label, file.shown) == (label, str(tmp_path / "4511223344.csv"))


def test_an_error_never_shows_a_first_line_that_is_data(copenhagen: Source, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(b"1393744410,4511223344,4599887766,30\n")
    with pytest.raises(SourceError) as caught:
        find_files(copenhagen, [path], KEY)
    assert "4511223344" not in str(caught.value)
