"""The files as a whole: same seed, same bytes; as many as asked for; nothing else there."""

import hashlib
import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from pyarrow import csv, parquet

from graph.errors import BadInput
from loaders.generate.generate import Generated, generate
from loaders.generate.options import Options
from tests.lab import TIEGRAPH

SMALL = Options(people=2_000, days=2, seed=1)


def _digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    generate(tmp_path / "one", SMALL)
    generate(tmp_path / "other", SMALL)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "other")


def test_other_seed_other_bytes(tmp_path: Path) -> None:
    """Every file with people, places or their doings differs; the catalogues are the same."""
    generate(tmp_path / "one", SMALL)
    generate(tmp_path / "other", replace(SMALL, seed=2))
    one, other = _digests(tmp_path / "one"), _digests(tmp_path / "other")
    assert {name for name in one if one[name] == other.get(name)} == {
        "apps.csv",
        "devices.csv",
        "packages.csv",
    }


def test_days_do_not_depend_on_those_that_follow(tmp_path: Path) -> None:
    """Whatever has a day in its name is the same; the truth about who leaves grows."""
    generate(tmp_path / "two", SMALL)
    generate(tmp_path / "three", replace(SMALL, days=3, problems=0))
    generate(tmp_path / "two without problems", replace(SMALL, problems=0))
    three = _digests(tmp_path / "three")
    two = _digests(tmp_path / "two without problems")
    days = {name for name in two if "2026-01-0" in name}
    assert len(days) == 18
    assert {name: three[name] for name in days} == {name: two[name] for name in days}
    assert _digests(tmp_path / "two")["ties.csv"] == two["ties.csv"]


@pytest.mark.parametrize(("people", "days", "records"), [(5_000, 7, 60_000), (8_000, 3, 300_000)])
def test_about_as_many_records_as_asked_for(
    people: int, days: int, records: int, tmp_path: Path
) -> None:
    """Counted in the files: lines without the headers."""
    generate(tmp_path / "f", Options(people=people, days=days, seed=3, records=records))
    written = sum(
        len(path.read_bytes().splitlines()) - 1 for path in (tmp_path / "f").glob("*.csv")
    )
    assert written == pytest.approx(records, rel=0.03)


def test_it_says_what_it_wrote(tmp_path: Path) -> None:
    """Counted in the files: lines without the headers; the truth is not counted."""
    days: list[int] = []
    generated = generate(tmp_path / "f", SMALL, days.append)
    assert isinstance(generated, Generated)
    for kind, rows in generated.rows.items():
        paths = [*(tmp_path / "f").glob(f"{kind}.csv"), *(tmp_path / "f").glob(f"{kind}-2*.csv")]
        assert rows == sum(len(path.read_bytes().splitlines()) - 1 for path in paths), kind
    churned = (tmp_path / "f" / "truth" / "churn.csv").read_bytes().splitlines()
    assert generated.churned == len(churned) - 1
    assert days == [1, 2]


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    generate(tmp_path / "csv", SMALL)
    generate(tmp_path / "parquet", replace(SMALL, file_format="parquet"))
    for path in (tmp_path / "csv").glob("*.csv"):
        read = parquet.read_table(tmp_path / "parquet" / f"{path.stem}.parquet")
        types = csv.ConvertOptions(column_types=read.schema, strings_can_be_null=True)
        assert csv.read_csv(path, convert_options=types).equals(read), path.name


def test_the_first_day_can_be_any_day(tmp_path: Path) -> None:
    generate(tmp_path / "f", replace(SMALL, start=date(2024, 2, 29)))
    days = {path.stem.removeprefix("calls-") for path in (tmp_path / "f").glob("calls-*.csv")}
    assert days == {"2024-02-29", "2024-03-01"}


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a\n1\n")
    with pytest.raises(BadInput, match="is not empty; name a new folder"):
        generate(tmp_path, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_too_few_records_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"2,000 people in 2 days make at least \d,\d+ records"):
        generate(tmp_path / "f", replace(SMALL, records=2_000))
    assert generate(tmp_path / "f", SMALL).rows["ownerships"] == 2_000


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"people": 1}, "people is not between 10 and 100,000,000"),
        ({"days": 0}, "days is not between 1 and 3,660"),
        ({"seed": -1}, "seed is not between 0 and"),
        ({"homophily": 1.5}, "homophily is not between 0 and 1"),
        ({"contagion": -0.1}, "contagion is not between 0 and 10"),
        ({"contagion": float("nan")}, "contagion is not between 0 and 10"),
        ({"start": date(1970, 1, 1)}, "start is not between 1990-01-01 and 2080-01-01"),
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        replace(SMALL, **wrong)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("people", [10, 57])
def test_a_handful_of_people_is_enough(people: int, tmp_path: Path) -> None:
    generated = generate(tmp_path / "f", Options(people=people, days=1, seed=1))
    assert generated.rows["ownerships"] == people


def test_the_command_writes_and_then_refuses(tmp_path: Path) -> None:
    folder = str(tmp_path / "f")
    arguments = [str(TIEGRAPH), "generate", folder, "--people", "50", "--days", "1", "--seed", "9"]
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"tiegraph load generated {folder}" in done.stdout
    written = _digests(tmp_path / "f")
    again = subprocess.run(arguments, capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stderr == f"tiegraph: {folder}: is not empty; name a new folder\n"
    assert _digests(tmp_path / "f") == written


def test_every_option_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "generate.md").read_text()
    several = {"scopes": "scope"}  # given one by one
    names = {field.name.removeprefix("file_") for field in fields(Options)}
    names = {several.get(name, name) for name in names}
    assert {name for name in names if f"| `--{name}` |" not in page} == set()


def test_memory_does_not_grow_with_days(tmp_path: Path) -> None:
    """Ten times the days, in a process of its own each: the greatest resident size, in KiB."""
    peaks = [_peak_kib(tmp_path / str(days), days) for days in (3, 30)]
    assert peaks[1] < peaks[0] + 40 * 1024


def _peak_kib(folder: Path, days: int) -> int:
    script = (
        "import resource, sys; from pathlib import Path; "
        "from loaders.generate.generate import generate; "
        "from loaders.generate.options import Options; "
        "generate(Path(sys.argv[1]), Options(people=3_000, days=int(sys.argv[2]), seed=1)); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    arguments = [sys.executable, "-c", script, str(folder), str(days)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return int(done.stdout)
