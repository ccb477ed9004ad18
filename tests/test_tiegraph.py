"""The command line as a user meets it: exit status, standard output, standard error."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from graph.database.server import leased, start, status, stop
from graph.database.session import Endpoint
from graph.settings import Settings
from tests.lab import Lab

pytestmark = pytest.mark.database

SAMPLES = Path(__file__).parent.parent / "loaders" / "samples" / "copenhagen"
ANSWER_WITHIN_S = 2.0
RECOVER_WITHIN_S = 15.0


@pytest.fixture
def lab(tmp_path: Path, empty_graph: Endpoint) -> Lab:
    return Lab(tmp_path / "home", empty_graph)


def test_query_prints_one_json_document_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    document = tmp_path / "question.graphql"
    document.write_text("query ($first: Int) { subscribers(first: $first) { totalCount } }")
    done = lab.run("query", document, "--variables", '{"first": 1}')
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["data"] == {"subscribers": {"totalCount": 0}}
    assert answer.keys() == {"data", "extensions"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["load", "copenhagen", "nowhere.csv"], "nowhere.csv: there is no such file or folder"),
        (["load", "nothing", "x.csv"], "there is no source 'nothing'"),
        (["query", "nowhere.graphql"], "nowhere.graphql: neither GraphQL nor a readable file"),
        (
            ["query", "{ viewer { role } }", "--variables", "[1]"],
            "--variables is not a JSON object",
        ),
    ],
)
def test_a_failure_is_one_line_and_status_1(lab: Lab, arguments: list[str], line: str) -> None:
    done = lab.run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"tiegraph: {line}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["load"], ["nonsense"], ["token", "--role", "king"]])
def test_wrong_usage_is_status_2(lab: Lab, arguments: list[str]) -> None:
    assert lab.run(*arguments).returncode == 2


def test_names_are_shown_as_they_are(lab: Lab, tmp_path: Path) -> None:
    """Brackets in names are no marks of the terminal's; a byte that is not UTF-8 is a number."""
    text = (SAMPLES.parents[1] / "sources" / "copenhagen.yaml").read_text()
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(text.replace("  genders:\n", '  "a[/b]":\n'))
    file = tmp_path / os.fsdecode(b"genders.csv[i]\xe9")
    file.write_text("user,female\n512,1\n")
    done = lab.run("load", mapping, file)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"genders\.csv\[i\]\\xe9 +│ a\[/b\] ", done.stdout)
    done = lab.run("load", "copenhagen", tmp_path / os.fsdecode(b"\xe9.csv"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize("imported", ["typer", "neo4j", "pydantic_settings"])
def test_interrupted_while_it_is_being_imported_it_says_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, imported: str
) -> None:
    """Python tells on standard error what it has imported; nothing else is said there."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with lab.start("query", "{ viewer { role } }") as process:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        assert any(line.rstrip().endswith(f" {imported}") for line in lines)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if not line.startswith("import time:")] == []


def test_a_wrong_setting_is_named(lab: Lab) -> None:
    done = Lab(lab.home, lab.endpoint, {"batch_rows": "many"}).run("sources")
    assert done.returncode == 0
    done = Lab(lab.home, lab.endpoint, {"batch_rows": "many"}).run("query", "{ viewer { role } }")
    assert done.returncode == 1
    assert done.stderr.startswith("tiegraph: setting TIEGRAPH_BATCH_ROWS: ")


def test_serve_listens_by_ipv6_as_well(lab: Lab) -> None:
    with lab.serving("serve", "--host", "::1") as (_, address):
        assert address.startswith("http://[::1]:")
        assert httpx.post(address, json={"query": "{ viewer { role } }"}).status_code == 401


def test_serve_asks_for_a_token(lab: Lab) -> None:
    question = {"query": "{ viewer { role subject } }"}
    with lab.serving("serve") as (_, address):
        assert httpx.post(address, json=question, timeout=60).status_code == 401
        token = lab.run("token", "--role", "care", "--subject", "asha").stdout.strip()
        answer = httpx.post(
            address, json=question, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
        assert answer.json()["data"] == {"viewer": {"role": "CARE", "subject": "asha"}}


def test_demo_on_a_server_of_somebody_else_asks_for_a_token(lab: Lab) -> None:
    """What that server holds beside the bundled data, or will hold, nobody here knows."""
    with lab.serving("demo") as (_, address):
        assert httpx.post(address, json={"query": "{ viewer { role } }"}).status_code == 401


def test_demo_asks_for_no_token_until_other_data_comes(
    tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """Private rows under the demo's own source, loaded while it runs: the same file name, even."""
    own = Lab.embedded(tmp_path / "home", settings_of)
    question = {"query": "{ viewer { role } subscribers { totalCount } }"}
    with own.serving("demo") as (_, address):
        answer = httpx.post(address, json=question, timeout=60)
        expected = {"viewer": {"role": "ANALYST"}, "subscribers": {"totalCount": 844}}
        assert answer.json()["data"] == expected
        private = tmp_path / "genders.csv"
        private.write_text("user,female\n512,1\n")
        assert own.run("load", "copenhagen", private).returncode == 0
        assert httpx.post(address, json=question, timeout=60).status_code == 401
    with own.serving("demo", ends_by=signal.SIGTERM) as (_, address):
        assert httpx.post(address, json=question, timeout=60).status_code == 401
    assert status(settings_of(home_dir=own.home)) is None, "its database has ended, too"


def test_serve_answers_through_the_absence_of_its_database(
    tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """Stopped, then started anew: an error with a code within two seconds, then answers again."""
    settings = settings_of(home_dir=tmp_path / "home", anonymous_role="analyst")
    with leased(settings) as locate:
        lab = Lab(settings.home_dir, locate(), {"anonymous_role": "analyst"})
        lab.load("copenhagen", SAMPLES / "genders.csv")
        question = {"query": "{ subscribers { totalCount } }"}
        own = Lab.embedded(lab.home, settings_of, anonymous_role="analyst")
        with own.serving("serve") as (_, address):
            # The first answer may wait for Neo4j's planner; how long is not what is tested here.
            assert httpx.post(address, json=question, timeout=60).json()["data"]["subscribers"]
            stop(settings)
            asked_s = time.monotonic()
            answer = httpx.post(address, json=question, timeout=10)
            assert time.monotonic() - asked_s < ANSWER_WITHIN_S
            assert answer.status_code == 503
            assert answer.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
            start(settings)
            deadline_s = time.monotonic() + RECOVER_WITHIN_S
            while (answer := httpx.post(address, json=question, timeout=10)).status_code != 200:
                assert time.monotonic() < deadline_s
            assert answer.json()["data"] == {"subscribers": {"totalCount": 787}}
            stop(settings)
    assert status(settings) is None
