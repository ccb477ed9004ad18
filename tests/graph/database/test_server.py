"""The embedded server: who starts it, who stops it, and what survives a kill."""

import fcntl
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError
from pydantic import AnyUrl, SecretStr

from graph.database.home import DatabaseHome, ServerState
from graph.database.server import leased, locate, start, status, stop
from graph.errors import BadInput, DatabaseUnavailable, RuntimeFault
from graph.settings import Settings

ROOT = Path(__file__).parent.parent.parent.parent
COMMAND = """
import sys
from graph.database.server import leased
from graph.settings import Settings
with leased(Settings()) as locate:
    print(locate().uri, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def settings(
    tmp_path_factory: pytest.TempPathFactory, settings_of: Callable[..., Settings]
) -> Iterator[Settings]:
    """Give a home of its own, whose name holds a space; its data stays from test to test."""
    settings = settings_of(home_dir=tmp_path_factory.mktemp("a home") / "not there yet")
    yield settings
    stop(settings)


@contextmanager
def another_command(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Run a command that leases the database until it reads a line or is killed."""
    names = ("home_dir", "jars_dir", "heap_mb", "page_cache_mb")
    environ = {f"TIEGRAPH_{name.upper()}": str(getattr(settings, name)) for name in names}
    environ["TIEGRAPH_JAVA_OPTIONS"] = json.dumps(settings.java_options)
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
    ) as process:
        yield process
        process.kill()


def leased_by(process: subprocess.Popen[str]) -> str:
    """Wait until the command has its lease, and return the database's address."""
    assert process.stdout
    return process.stdout.readline().strip()


def running(settings: Settings) -> list[int]:
    """Return every process that works in this home, found without the code under test."""
    mark = str(settings.home_dir.resolve())
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if "java" in "".join((process.info["cmdline"] or [])[:1])
        and any(mark in word for word in process.info["cmdline"])
    ]


@pytest.mark.database
def test_a_lease_starts_the_server_and_its_end_stops_it(settings: Settings) -> None:
    assert status(settings) is None
    with pytest.raises(DatabaseUnavailable):
        locate(settings)
    with leased(settings) as where:
        state = status(settings)
        assert state
        assert running(settings) == [state.process_id]
        assert where().uri == state.uri == f"bolt://127.0.0.1:{state.port}"
        assert not state.is_kept
        assert_private(settings, state)
    assert status(settings) is None
    assert running(settings) == []


def assert_private(settings: Settings, state: ServerState) -> None:
    """No other user may read the password, use a default one, or come over the network."""
    endpoint = locate(settings)
    key = settings.keys_folder / "neo4j.password"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    for folder in (settings.home_dir, settings.keys_folder, settings.home_dir / "database"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    process = state.process()
    assert process
    assert endpoint.password not in " ".join(process.cmdline())
    assert set(settings.java_options) < set(process.cmdline())
    assert endpoint.password not in repr(endpoint)
    listening = [c for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    addresses = {
        (address.ip.removeprefix("::ffff:"), address.port)
        for address in (connection.laddr for connection in listening)
        if address
    }
    assert addresses == {("127.0.0.1", state.port)}
    for password in ("neo4j", "", "wrong"):
        with (
            GraphDatabase.driver(endpoint.uri, auth=("neo4j", password)) as driver,
            pytest.raises(AuthError),
        ):
            driver.verify_connectivity()
    written = [path for path in settings.home_dir.rglob("*.log") if path.is_file()]
    assert written
    assert not any(endpoint.password in path.read_text(errors="replace") for path in written)


@pytest.mark.database
def test_the_last_to_leave_stops_it(settings: Settings) -> None:
    with another_command(settings) as other:
        uri = leased_by(other)
        with leased(settings) as where:
            assert where().uri == uri
        assert locate(settings).uri == uri, "the other command still uses it"
        other.communicate("\n")
        assert other.returncode == 0
    assert running(settings) == []


@pytest.mark.database
def test_a_server_that_was_started_to_stay_stays(settings: Settings) -> None:
    with leased(settings):
        state = start(settings)
        assert state.is_kept
    assert status(settings) == state
    assert start(settings) == state
    assert stop(settings)
    assert not stop(settings)
    assert running(settings) == []
    assert start(settings).port == state.port, "the port is kept"
    assert stop(settings)


@pytest.mark.database
def test_a_server_outlives_a_killed_command_and_is_taken_over(settings: Settings) -> None:
    with another_command(settings) as other:
        leased_by(other)
        state = status(settings)
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert state
    assert status(settings) == state
    with leased(settings):
        assert status(settings) == state
    assert running(settings) == []


@pytest.mark.database
def test_a_command_killed_while_it_starts_the_server_harms_nobody(settings: Settings) -> None:
    """Its half-started server is found by its command line, even without a state file."""
    home = DatabaseHome.of(settings)
    with another_command(settings) as other:
        while not running(settings):
            time.sleep(0.01)
        other.send_signal(signal.SIGKILL)
        other.wait()
    home.state.unlink(missing_ok=True)
    (process_id,) = running(settings)
    with leased(settings):
        state = status(settings)
        assert state
        assert state.process_id == process_id
    assert running(settings) == []


@pytest.mark.database
def test_a_killed_server_is_started_again(settings: Settings) -> None:
    killed = start(settings)
    os.kill(killed.process_id, signal.SIGKILL)
    again = start(settings)
    assert again.process_id != killed.process_id
    assert running(settings) == [again.process_id]
    os.kill(again.process_id, signal.SIGSTOP)
    assert stop(settings), "also a frozen server is stopped"
    assert running(settings) == []


@pytest.mark.database
def test_who_waits_for_another_command_says_so(settings: Settings) -> None:
    DatabaseHome.of(settings).make()
    with DatabaseHome.of(settings).mutex.open("a") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        with another_command(settings) as other:
            assert other.stderr
            assert other.stderr.readline() == (
                "Waiting for another command that starts or stops the database.\n"
            )
            fcntl.flock(mutex, fcntl.LOCK_UN)
            assert leased_by(other).startswith("bolt://127.0.0.1:")
            other.communicate("\n")
    assert running(settings) == []


@pytest.mark.database
def test_ports(settings: Settings) -> None:
    """A port of ours is changed when somebody has taken it, one of the user's is not."""
    kept = start(settings).port
    stop(settings)
    with socket.create_server(("127.0.0.1", kept)):
        other = start(settings).port
        assert other != kept
        stop(settings)
        with pytest.raises(RuntimeFault) as caught:
            start(settings.model_copy(update={"bolt_port": kept}))
    mine = f"{psutil.Process().name()} (process {os.getpid()})"
    assert str(caught.value).startswith(f"port {kept} is taken by {mine}: ")
    assert status(settings) is None
    assert start(settings.model_copy(update={"bolt_port": kept})).port == kept
    stop(settings)


@pytest.mark.database
def test_a_lost_password_is_named(settings: Settings) -> None:
    file = settings.keys_folder / "neo4j.password"
    password = file.read_bytes()
    try:
        file.unlink()
        with pytest.raises(RuntimeFault, match=r"neo4j\.password is gone"):
            start(settings)
        assert not file.exists(), "a new one would only hide what happened"
        file.write_bytes(b"another")
        with pytest.raises(RuntimeFault, match="refuses the password in the keys folder"):
            start(settings)
        assert running(settings) == []
        file.unlink()
        for kind in ("databases", "transactions"):
            shutil.rmtree(DatabaseHome.of(settings).server / "data" / kind / "system")
        with leased(settings):
            assert file.read_bytes() != password, "as docs/operations.md says under Recovery"
    finally:
        if not file.exists():
            file.write_bytes(password)


def test_the_number_of_a_dead_server_given_to_another_process(
    tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    """Our own process lives, but did not begin in 2001."""
    settings = settings_of(home_dir=tmp_path)
    home = DatabaseHome.of(settings)
    home.make()
    home.write_state(
        ServerState(process_id=os.getpid(), process_started_s=1_000_000_000.0, port=7687)
    )
    assert status(settings) is None
    with pytest.raises(DatabaseUnavailable):
        locate(settings)
    assert not stop(settings)


def test_a_torn_state_file_counts_as_none(
    tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    settings = settings_of(home_dir=tmp_path)
    DatabaseHome.of(settings).make()
    DatabaseHome.of(settings).state.write_text('{"process_id": 1')
    assert status(settings) is None


def test_a_first_start_that_fails_leaves_the_graph_that_was_built(tmp_path: Path) -> None:
    """Neo4j's layout, as its manual has it: a folder a database below two others."""
    home = DatabaseHome(tmp_path)
    data = home.server / "data"
    for name in ("databases/neo4j", "databases/system", "transactions/neo4j", "dbms"):
        (data / name).mkdir(parents=True)
    assert home.has_data()
    assert home.has_graph("neo4j")
    home.clear("neo4j")
    left = {str(path.relative_to(data)) for path in data.glob("*/*")}
    assert left == {"databases/neo4j", "transactions/neo4j"}
    home.clear(None)
    assert not home.has_graph("neo4j")


def test_a_home_that_cannot_be(tmp_path: Path, settings_of: Callable[..., Settings]) -> None:
    (tmp_path / "file").touch()
    settings = settings_of(home_dir=tmp_path / "file" / "home")
    with (
        pytest.raises(RuntimeFault, match="cannot be used: Not a directory"),
        leased(settings),
    ):
        pytest.fail("there is no database")
    assert status(settings) is None
    assert not stop(settings)


def test_another_server_is_used_and_nothing_started(
    tmp_path: Path, settings_of: Callable[..., Settings]
) -> None:
    settings = settings_of(
        home_dir=tmp_path / "home",
        neo4j_uri=AnyUrl("neo4j+s://graph.example:7687"),
        neo4j_user="reader",
        neo4j_password=SecretStr("of the test"),
        neo4j_database="people",
    )
    with leased(settings) as where:
        endpoint = where()
    assert repr(endpoint) == (
        "Endpoint('neo4j+s://graph.example:7687', 'reader', database='people')"
    )
    assert endpoint.password == "of the test"
    assert not settings.home_dir.exists()
    for command in (start, stop):
        with pytest.raises(BadInput, match="not ours to start or stop"):
            command(settings)


@pytest.mark.parametrize(
    ("uri", "password", "complaint"),
    [
        ("bolt://graph.example", None, "TIEGRAPH_NEO4J_PASSWORD is not"),
        ("bolt://a:hidden@graph.example", "b", "holds a user or password"),
        ("https://graph.example", "b", "must begin with one of bolt,"),
    ],
)
def test_half_a_configuration_is_refused(
    settings_of: Callable[..., Settings], uri: str, password: str | None, complaint: str
) -> None:
    settings = settings_of(
        home_dir=Path("unused"),
        neo4j_uri=AnyUrl(uri),
        neo4j_password=SecretStr(password) if password else None,
    )
    with pytest.raises(BadInput, match=complaint) as caught, leased(settings):
        pytest.fail("there is no database")
    assert "hidden" not in str(caught.value)


@pytest.mark.database
def test_a_server_that_falls_silent_is_not_waited_for_long(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    state = start(settings)
    capsys.readouterr()  # a slow start says that it is waited for, too
    os.kill(state.process_id, signal.SIGSTOP)
    try:
        began_s = time.monotonic()
        with pytest.raises(RuntimeFault) as caught, leased(settings):
            pass
        assert time.monotonic() - began_s < 25
        assert f"because it is frozen: wake it with `kill -CONT {state.process_id}`" in str(
            caught.value
        )
        assert capsys.readouterr().err == (
            f"Waiting for the database (process {state.process_id}) to answer.\n"
        )
    finally:
        os.kill(state.process_id, signal.SIGCONT)
    with leased(settings) as locate:
        assert locate().uri == state.uri
    assert stop(settings)
