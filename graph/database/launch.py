"""Bringing one embedded server to life, and back to rest."""

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError
from rich.console import Console

from cypher import statement
from graph.database.archive import Archives
from graph.database.configuration import configure, endpoint, set_password
from graph.database.exchange import complete_exchange
from graph.database.home import DatabaseHome, ServerState
from graph.database.jars import ensure_jars
from graph.database.java import command, environment
from graph.database.memory import plan
from graph.database.ports import becomes_free, free_port, is_listening, taken
from graph.database.session import Endpoint
from graph.disk import DISK_FULL_SIGNS, START_BYTES, is_full, require_room, told_when_full
from graph.errors import RuntimeFault
from graph.settings import Settings

_PING = statement("database/ping")
_READY_WITHIN_S = 180.0
_ANSWER_WITHIN_S = 15.0
_SILENT_FOR_S = 3.0
_ATTEMPT_S = 5.0
_STOP_WITHIN_S = 120.0
_GIVE_UP_WITHIN_S = 5.0
_KILL_WITHIN_S = 20.0
_POLL_S = 0.05
_PORTS_TO_TRY = 5
_LOG_TAIL_LINES = 15

# What a server prints that cannot start, and what that means.
_DISK_FULL = "the disk is full"
_FAULTS = (
    (DISK_FULL_SIGNS, _DISK_FULL),
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
    (
        ("NoClassDefFoundError", "ClassNotFoundException", "corrupt jarfile", "ZipException"),
        "a jar is damaged; `tiegraph doctor` names it",
    ),
)


class _PortTakenError(RuntimeFault):
    """Another program listens on the server's port."""


class _DiedError(RuntimeFault):
    """The server ended while it was starting, and nobody knows why."""


def launch(settings: Settings, home: DatabaseHome, *, is_kept: bool) -> ServerState:
    """Start the server and wait until it answers.

    The caller holds the right to decide (``DatabaseHome.deciding``).

    Raises
    ------
    RuntimeFault
        It cannot be started; the message says why, as far as the server's own words tell.
    DiskFull
        There is no room for it.
    """
    with told_when_full(settings.home_dir):
        require_room(settings.home_dir, START_BYTES)
        jars = ensure_jars(settings, Console(stderr=True))
        archives = Archives.of(jars)
        complete_exchange(home, settings.neo4j_database)
        try:
            try:
                return _started(settings, home, jars, archives.options(jars), is_kept=is_kept)
            except _DiedError:
                archives.discard()  # they are the one thing that may be wrong and is not needed
                return _started(settings, home, jars, [], is_kept=is_kept)
        except OSError as error:
            raise RuntimeFault(
                f"the home folder {home.folder.parent} cannot be used: {error.strerror}"
            ) from error


def await_answer(settings: Settings, home: DatabaseHome, state: ServerState) -> None:
    """Wait until the server answers a statement, and say so where that takes long.

    A start may take three minutes; a server that has answered before gets 15 seconds.

    Raises
    ------
    RuntimeFault
        It died, cannot get its database up, refuses our password, or took too long.
    """
    began_s = time.monotonic()
    limit_s = _ANSWER_WITHIN_S if state.has_answered else _READY_WITHIN_S
    where = endpoint(settings, state.port)
    is_told = False
    while (waited_s := time.monotonic() - began_s) < limit_s:
        if is_listening(state.port) and _is_answering(where):
            return
        if state.process() is None or _meaning(home):
            raise _fault(home, state.port)
        if waited_s > _SILENT_FOR_S and not is_told:
            Console(stderr=True).print(
                f"Waiting for the database (process {state.process_id}) to answer."
            )
            is_told = True
        time.sleep(_POLL_S)
    raise RuntimeFault(
        f"the database (process {state.process_id}) does not answer{_frozen(state)}; `tiegraph "
        f"database stop` ends it, {home.log} holds what it printed"
    )


def _frozen(state: ServerState) -> str:
    process = state.process()
    if process is None or process.status() != psutil.STATUS_STOPPED:
        return ""
    return f", because it is frozen: wake it with `kill -CONT {state.process_id}`"


def halt(home: DatabaseHome, state: ServerState, *, within_s: float = _STOP_WITHIN_S) -> None:
    """Stop the server and wait until its process is gone; kill it if it takes too long.

    On a full disk it would wait for room, which it does not need: what it has confirmed is in its
    transaction log.
    """
    if is_full(home.folder):
        within_s = _GIVE_UP_WITHIN_S
    for number, limit_s in ((signal.SIGTERM, within_s), (signal.SIGKILL, _KILL_WITHIN_S)):
        deadline = time.monotonic() + limit_s
        _send(state, number)
        _send(state, signal.SIGCONT)  # a frozen process hears nothing else
        while state.process() and time.monotonic() < deadline:
            time.sleep(_POLL_S)
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


def _started(
    settings: Settings, home: DatabaseHome, jars: Sequence[Path], more: list[str], *, is_kept: bool
) -> ServerState:
    options = [
        f"-Xmx{plan(settings).heap_mb}m",
        f"-XX:ErrorFile={home.folder}/crash-%p.log",
        *settings.java_options,
        *more,
    ]
    folders = [f"--home-dir={home.server}", f"--config-dir={home.server / 'conf'}"]
    main = ["org.neo4j.server.Neo4jCommunity", "--console-mode", *folders]
    arguments = command(jars, options, main)
    set_password(settings, home, jars)
    is_first, has_graph = not home.has_data(), home.has_graph(settings.neo4j_database)
    for port in _ports(settings, home):
        configure(settings, home, port)
        state = _spawn(home, arguments, port, is_kept=is_kept)
        try:
            await_answer(settings, home, state)
        except _PortTakenError:
            if settings.bolt_port:
                raise
        except BaseException:
            halt(home, state, within_s=_GIVE_UP_WITHIN_S)
            if is_first:  # half a database cannot be recovered, and there is nothing in it yet
                home.clear(settings.neo4j_database if has_graph else None)
            raise
        else:
            state = state.model_copy(update={"has_answered": True})
            home.write_state(state)
            return state
    raise RuntimeFault("no free port could be found for the database")


def _spawn(home: DatabaseHome, arguments: list[str], port: int, *, is_kept: bool) -> ServerState:
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
        if not becomes_free(settings.bolt_port):
            raise _PortTakenError(taken(settings.bolt_port))
        return [settings.bolt_port]
    last = home.read_port()
    kept = [last] if last and becomes_free(last) else []
    return kept + [free_port() for _ in range(_PORTS_TO_TRY)]


def _is_answering(where: Endpoint) -> bool:
    try:
        with (
            GraphDatabase.driver(
                where.uri,
                auth=(where.user, where.password),
                connection_timeout=_ATTEMPT_S,
                connection_acquisition_timeout=_ATTEMPT_S,
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
    words = _words(home)
    if "Address already in use" in words:
        return _PortTakenError(taken(port))
    meaning = _meaning(home)
    if meaning:
        return RuntimeFault(f"the database cannot start: {meaning} (see {home.log})")
    tail = "\n".join(words.strip().splitlines()[-_LOG_TAIL_LINES:])
    said = f"; it said:\n{tail}" if tail else ", without a word: perhaps for want of memory"
    return _DiedError(f"the database ended while it was starting{said}")


def _meaning(home: DatabaseHome) -> str | None:
    """Return what has gone wrong, if that is known: some servers live on without a database."""
    words = _words(home)
    for signs, meaning in _FAULTS:
        if any(sign in words for sign in signs):
            return meaning
    # On a full disk the log may have no room for saying so.
    return _DISK_FULL if is_full(home.folder) else None


def _words(home: DatabaseHome) -> str:
    try:
        return home.log.read_text(errors="replace")
    except OSError:
        return ""
