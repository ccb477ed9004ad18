"""Bringing one embedded server to life and back to rest: configuration, password, process."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from secrets import token_hex

import psutil
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError
from rich.console import Console

from cypher import statement
from graph.database.home import DatabaseHome, ServerState
from graph.database.jars import ensure_jars
from graph.database.java import command, environment
from graph.database.memory import plan
from graph.database.session import Endpoint
from graph.errors import RuntimeFault
from graph.secrets import secret
from graph.settings import Settings

USER = "neo4j"
_PING = statement("database/ping")
_READY_WITHIN_S = 180.0
_STOP_WITHIN_S = 120.0
_KILL_WITHIN_S = 20.0
_POLL_S = 0.1
_PORTS_TO_TRY = 5
_LOG_TAIL_LINES = 15

# What a server prints that cannot start, and what that means.
_FAULTS = (
    (("No space left on device", "Disk quota exceeded"), "the disk is full"),
    (
        ("Could not reserve enough space", "OutOfMemoryError", "Cannot allocate memory"),
        "there is not enough memory: close other programs, or set TIEGRAPH_HEAP_MB and "
        "TIEGRAPH_PAGE_CACHE_MB lower",
    ),
    (
        ("Permission denied", "AccessDeniedException", "Read-only file system"),
        "a file of the home folder cannot be written",
    ),
    (("FileLockException", "StoreLockException"), "another Neo4j uses the same home folder"),
)


class _PortTakenError(RuntimeFault):
    """Another program listens on the server's port."""


def password_file(settings: Settings) -> Path:
    """Return the file that holds the embedded server's password."""
    return settings.keys_folder.resolve() / "neo4j.password"


def endpoint(settings: Settings, port: int) -> Endpoint:
    """Return how to speak to the embedded server on a port."""
    return Endpoint(
        uri=f"bolt://127.0.0.1:{port}",
        user=USER,
        password=password_file(settings).read_text(),
        database=settings.neo4j_database,
    )


def launch(settings: Settings, home: DatabaseHome, *, is_kept: bool) -> ServerState:
    """Start the server and wait until it answers.

    The caller holds the right to decide (``DatabaseHome.deciding``).

    Raises
    ------
    RuntimeFault
        It cannot be started; the message says why, as far as the server's own words tell.
    """
    jars = ensure_jars(settings, Console(stderr=True))
    _set_password(settings, home, jars)
    for port in _ports(settings, home):
        _configure(settings, home, port)
        state = _spawn(settings, home, jars, port, is_kept)
        try:
            await_answer(settings, home, state)
        except _PortTakenError:
            if settings.bolt_port:
                raise
        except BaseException:
            halt(home, state)
            raise
        else:
            return state
    raise RuntimeFault("no free port could be found for the database")


def await_answer(settings: Settings, home: DatabaseHome, state: ServerState) -> None:
    """Wait until the server answers a statement, or its process dies, or three minutes are over."""
    deadline = time.monotonic() + _READY_WITHIN_S
    where = endpoint(settings, state.port)
    while time.monotonic() < deadline:
        if state.process() is None:
            raise _fault(home, state.port)
        if _is_listening(state.port) and _is_answering(where):
            return
        time.sleep(_POLL_S)
    raise RuntimeFault(
        f"the database (process {state.process_id}) does not answer; `tiegraph database stop` ends "
        f"it, {home.log} holds what it printed"
    )


def halt(home: DatabaseHome, state: ServerState) -> None:
    """Stop the server and wait until its process is gone."""
    signals = ((signal.SIGTERM, _STOP_WITHIN_S), (signal.SIGKILL, _KILL_WITHIN_S))
    for number, within_s in signals:
        deadline = time.monotonic() + within_s
        _send(state, number)
        _send(state, signal.SIGCONT)  # a frozen process hears nothing else
        while state.process() and time.monotonic() < deadline:
            time.sleep(_POLL_S / 4)
    if state.process():
        raise RuntimeFault(f"the database (process {state.process_id}) cannot be ended")
    home.state.unlink(missing_ok=True)


def _send(state: ServerState, number: signal.Signals) -> None:
    process = state.process()
    if process:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return


def _set_password(settings: Settings, home: DatabaseHome, jars: list[Path]) -> None:
    """Give a server that was never started its password, so that no other ever opens it."""
    file = password_file(settings)
    if (home.server / "data" / "databases" / "system").is_dir():
        if not file.is_file():
            raise RuntimeFault(
                f"{file} is gone, and with it the password of the database in {home.server}: bring "
                "the file back, or see 'Recovery' in docs/operations.md"
            )
        return
    password = secret(file, lambda: token_hex(32).encode()).decode()
    _configure(settings, home, port=0)
    # The arguments come through a pipe: a command line could be read by every user of the machine.
    done = subprocess.run(
        command(jars, ("-XX:TieredStopAtLevel=1",), ("org.neo4j.cli.AdminTool", "@/dev/stdin")),
        input=f"dbms set-initial-password {password}",
        env=environment(NEO4J_HOME=str(home.server), NEO4J_CONF=str(home.server / "conf")),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeFault(
            "the database's password could not be set: "
            + _tail(done.stdout + done.stderr).replace(password, "***")
        )


def _configure(settings: Settings, home: DatabaseHome, port: int) -> None:
    conf = home.server / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    lines = {
        "initial.dbms.default_database": settings.neo4j_database,
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": "true",
        # 256 random bits cannot be guessed, but a lock-out after three wrong guesses would let
        # any user of this machine keep us out.
        "dbms.security.auth_max_failed_attempts": "0",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "dbms.usage_report.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        "server.fleet_discovery.enabled": "false",
        "db.transaction.monitor.check.interval": "500ms",  # how late a time limit may strike
        "server.memory.pagecache.size": f"{plan(settings).page_cache_mb}m",
        "server.logs.debug.enabled": "false",
        "db.tx_log.preallocate": "false",  # else each database begins with a file of 256 MB
        # Two waits of 5 s at a stop, after the databases have long been closed.
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (conf / "neo4j.conf").write_text(text)
    home.port.write_text(str(port))


def _spawn(
    settings: Settings, home: DatabaseHome, jars: list[Path], port: int, is_kept: bool
) -> ServerState:
    arguments = command(
        jars,
        (
            f"-Xmx{plan(settings).heap_mb}m",
            f"-XX:ErrorFile={home.folder}/crash-%p.log",
        ),
        (
            "org.neo4j.server.Neo4jCommunity",
            "--console-mode",
            f"--home-dir={home.server}",
            f"--config-dir={home.server / 'conf'}",
        ),
    )
    log_flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    process_id = os.posix_spawn(
        arguments[0],
        arguments,
        environment(),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(home.log), log_flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,  # Ctrl-C and the end of the terminal are for the command, not for the server
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP],
    )
    state = ServerState(
        process_id=process_id,
        process_started_s=psutil.Process(process_id).create_time(),
        port=port,
        is_kept=is_kept,
    )
    home.write_state(state)
    return state


def _ports(settings: Settings, home: DatabaseHome) -> list[int]:
    """Return the ports to try, the best first."""
    if settings.bolt_port:
        if not is_free(settings.bolt_port):
            raise _PortTakenError(taken(settings.bolt_port))
        return [settings.bolt_port]
    last = home.read_port()
    kept = [last] if last and is_free(last) else []
    return kept + [_free_port() for _ in range(_PORTS_TO_TRY)]


def is_free(port: int) -> bool:
    """Tell whether a server can listen on this port of the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
        return True


def taken(port: int) -> str:
    """Say by whom a port is taken, as far as the system tells."""
    who = "another program"
    try:
        for connection in psutil.net_connections("tcp"):
            is_it = connection.laddr and connection.laddr.port == port
            if is_it and connection.status == psutil.CONN_LISTEN:
                name = psutil.Process(connection.pid).name()
                who = f"{name} (process {connection.pid})"
    except psutil.Error:
        pass  # another user's process
    return f"port {port} is taken by {who}: end it, or set TIEGRAPH_BOLT_PORT to another or to 0"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_answering(where: Endpoint) -> bool:
    try:
        with (
            GraphDatabase.driver(
                where.uri,
                auth=(where.user, where.password),
                connection_timeout=5,
                telemetry_disabled=True,
            ) as driver,
            driver.session(database=where.database) as session,
        ):
            return session.run(_PING.text).single() is not None
    except AuthError as error:
        raise RuntimeFault(
            "the embedded database refuses the password in the keys folder: bring back the file "
            "that it was made with, or see 'Recovery' in docs/operations.md"
        ) from error
    except (DriverError, Neo4jError, OSError):
        return False


def _fault(home: DatabaseHome, port: int) -> RuntimeFault:
    try:
        words = home.log.read_text(errors="replace")
    except OSError:
        words = ""
    if "Address already in use" in words:
        return _PortTakenError(taken(port))
    for signs, meaning in _FAULTS:
        if any(sign in words for sign in signs):
            return RuntimeFault(f"the database cannot start: {meaning} (see {home.log})")
    said = (
        f"; it said:\n{_tail(words)}" if words else ", without a word: perhaps for want of memory"
    )
    return RuntimeFault(f"the database ended while it was starting{said}")


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_LOG_TAIL_LINES:])
